// Bundles what the pages load from node_modules into ../static. The result is committed; CI builds it again and compares.
import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";

const STATIC = process.argv[2] || "../static"; // a test builds elsewhere
const OUT = `${STATIC}/modeler`;
const HTMX = `${STATIC}/vendor/htmx`;
const BPMN = "node_modules/bpmn-js/dist/assets";
const OPTIONS = { bundle: true, minify: true, target: "chrome100", charset: "utf8", legalComments: "none" };

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

// Only the rules that name icons: the font itself is declared in our own stylesheet, from a file of ours.
async function icons() {
  const css = await readFile(`${BPMN}/bpmn-font/css/bpmn-codes.css`, "utf8");
  return css.replace(/\/\*.*?\*\//gs, "").trim();
}

const result = await build({
  ...OPTIONS,
  entryPoints: { viewer: "src/viewer.js", modeler: "src/workspace/modeler.js" },
  outdir: OUT,
  format: "iife",
  loader: { ".json": "json" },
  metafile: true,
});
const styles = await build({
  ...OPTIONS,
  stdin: {
    contents: `@import "./node_modules/diagram-js/assets/diagram-js.css";\n@import "./src/workspace/font.css";\n${await icons()}`,
    loader: "css",
    resolveDir: ".",
  },
  external: ["*.woff2"],
  outfile: `${OUT}/modeler.css`,
});
if (styles.errors.length) throw new Error("styles");
await copyFile(`${BPMN}/bpmn-font/font/bpmn.woff2`, `${OUT}/bpmn.woff2`);
// bpmn-js brings the font along without its licence.
const licences = await Promise.all(["node_modules/bpmn-font", ...packages(result.metafile.inputs)].map(licence));
await writeFile(`${OUT}/LICENSES.txt`, licences.join(`\n${"-".repeat(72)}\n\n`));

await mkdir(HTMX, { recursive: true });
await copyFile("node_modules/htmx.org/dist/htmx.min.js", `${HTMX}/htmx.min.js`);
await copyFile("node_modules/htmx.org/LICENSE", `${HTMX}/LICENSE`);
