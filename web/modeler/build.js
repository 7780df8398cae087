// Bundles what the pages load from node_modules into ../static. The result is committed; CI builds it again and compares.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";

const OUT = "../static/modeler";
const HTMX = "../static/vendor/htmx";

async function licence(folder) {
  const name = (await readdir(folder)).find((file) => /^licen[sc]e/i.test(file));
  const { version } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const text = name ? await readFile(`${folder}/${name}`, "utf8") : "";
  return `${folder.replace("node_modules/", "")} ${version}\n\n${text.trim()}\n`;
}

function packages(inputs) {
  const folders = Object.keys(inputs).map((path) => path.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort();
}

const result = await build({
  entryPoints: ["src/viewer.js"],
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: "chrome100",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
});
const licences = await Promise.all(packages(result.metafile.inputs).map(licence));
await writeFile(`${OUT}/LICENSES.txt`, licences.join(`\n${"-".repeat(72)}\n\n`));

await mkdir(HTMX, { recursive: true });
await copyFile("node_modules/htmx.org/dist/htmx.min.js", `${HTMX}/htmx.min.js`);
await copyFile("node_modules/htmx.org/LICENSE", `${HTMX}/LICENSE`);
