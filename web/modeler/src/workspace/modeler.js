// The workspace: draws a procedure's diagram to be changed, with a panel for what our attributes say.
import Modeler from "bpmn-js/lib/Modeler";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import extensions from "../../../../bpmn/extensions.json";
import { addTools } from "../tools.js";
import { followTouch } from "../touch.js";
import { keepSaving } from "./autosave.js";
import { addChecks } from "./checks.js";
import follows from "./follows.js";
import kept from "./kept.js";
import lanes from "./lanes.js";
import { showPanel } from "./panel.js";
import several from "./several.js";
import supported from "./supported.js";
import translate from "./translate.js";

const NEEDED = 768; // px: below this fingers hide what they draw
const PALETTE = 120; // px
const HEADERS = { Accept: "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content };

function procedure() {
  return JSON.parse(document.getElementById("procedure").textContent);
}

function make(place, about) {
  const options = {
    container: place,
    moddleExtensions: { tx: extensions },
    textRenderer: { defaultStyle: { fontFamily: "system-ui, sans-serif" } },
  };
  if (about.read_only) return new NavigatedViewer({ ...options, additionalModules: [translate] });
  const left = ["alignElements", "alignElementsContextPadProvider", "distributeElements"]; // their icons carry style attributes
  const modules = Modeler.prototype._modules.filter((one) => !left.some((name) => name in one));
  return new Modeler({ ...options, modules, additionalModules: [translate, several, supported, follows, lanes, kept] });
}

// What this page has last seen: of the diagram in `about`, of what else it writes beside it. Were there one number for
// all, writing a parameter would hide that somebody else has changed the diagram meanwhile.
const seen = new Map();

function part(path) {
  return path.split("/")[1];
}

function adopt(path, { revision, base }) {
  seen.set(part(path), { revision, base });
}

function post(about, path, fields) {
  const body = new FormData();
  const { revision, base } = seen.get(part(path)) || about;
  Object.entries({ ...fields, revision, base }).forEach(([name, value]) =>
    body.append(name, value),
  );
  return fetch(about.url + path, { method: "POST", body, headers: HEADERS, credentials: "same-origin", redirect: "error" });
}

function bindKeys(modeler, desk) {
  const stack = modeler.get("commandStack");
  const undo = desk.querySelector('[data-do="undo"]');
  const redo = desk.querySelector('[data-do="redo"]');
  const show = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  undo.addEventListener("click", () => stack.undo());
  redo.addEventListener("click", () => stack.redo());
  modeler.on("commandStack.changed", show);
  show();
}

function selectFromAddress(modeler) {
  const element = modeler.get("elementRegistry").get(decodeURIComponent(location.hash.slice(1)));
  if (!element) return;
  modeler.get("selection")?.select(element);
  modeler.get("canvas").scrollToElement(element);
}

function showWhole(canvas, readOnly) {
  canvas.zoom("fit-viewport", "auto");
  if (readOnly) return;
  canvas.zoom(canvas.zoom() * 0.86, "auto"); // beside the palette, not below it
  canvas.scroll({ dx: PALETTE / 2, dy: 0 });
}

async function mount(place) {
  const about = procedure();
  const desk = place.closest(".work");
  const small = window.innerWidth < NEEDED;
  about.read_only = about.read_only || small;
  const drawing = document.createElement("div");
  drawing.className = "diagram-canvas";
  place.append(drawing);

  const modeler = make(drawing, about);
  const tools = { about, modeler, desk, adopt, post: (path, fields) => post(about, path, fields) };
  if (small) desk.querySelectorAll("[data-phone]").forEach((one) => (one.hidden = false));
  const answer = await fetch(place.dataset.modeler, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const saved = await answer.text();
  const saving = about.read_only ? null : keepSaving(tools);
  await modeler.importXML((saving && saving.kept()) || saved);

  addTools(modeler.get("canvas"), place);
  if (about.read_only) followTouch(modeler.get("canvas"), drawing);
  desk.classList.toggle("work-reading", about.read_only);
  modeler.get("canvas").resized();
  showWhole(modeler.get("canvas"), about.read_only);
  drawing.querySelector("svg").setAttribute("aria-label", _("流程图，用方向键移动"));
  showPanel({ ...tools, saving });
  if (saving) {
    bindKeys(modeler, desk);
    addChecks({ ...tools, saving });
    saving.start();
  }
  window.tongxinModeler = modeler; // for the console of whoever extends it
  selectFromAddress(modeler);
  window.addEventListener("hashchange", () => selectFromAddress(modeler));
}

document.querySelectorAll("[data-modeler]").forEach((place) => {
  mount(place).catch(() => {
    const line = document.createElement("p");
    const link = document.createElement("a");
    line.className = "message message-bad";
    line.textContent = _("流程图画不出来：文件不完整或写法有错。可以看检查结果，或者直接改文件。");
    link.href = `${procedure().url}/files/${encodeURIComponent(procedure().file)}`;
    link.textContent = _("打开流程图文件");
    line.append(" ", link);
    place.replaceChildren(line);
    addChecks({ about: procedure(), modeler: null, desk: place.closest(".work"), saving: null });
  });
});
