// Draws the diagram of a case on its page: the way taken, where it is now, what can come.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { followTouch } from "./touch.js";
import { addTools, show } from "./tools.js";

function words(text) {
  return (text || "").split(/\s+/).filter(Boolean);
}

function mark(viewer, place) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const known = (id) => registry.get(id);

  words(place.dataset.visited).filter(known).forEach((id) => canvas.addMarker(id, "diagram-visited"));
  words(place.dataset.current).filter(known).forEach((id) => {
    const badge = document.createElement("span");
    badge.className = "diagram-here";
    badge.textContent = _("现在");
    canvas.addMarker(id, "diagram-current");
    viewer.get("overlays").add(id, { position: { top: -26, left: 0 }, scale: { min: 1 }, html: badge });
  });
}

function label(canvasElement) {
  const drawing = canvasElement.querySelector("svg");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", _("流程图，用方向键移动"));
}

async function mount(place) {
  const drawing = document.createElement("div");
  drawing.className = "diagram-canvas";
  place.append(drawing);

  const viewer = new NavigatedViewer({
    container: drawing,
    zoomScroll: { enabled: false }, // the wheel belongs to the page
    textRenderer: { defaultStyle: { fontFamily: "system-ui, sans-serif" } },
  });
  const answer = await fetch(place.dataset.diagram, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  await viewer.importXML(await answer.text());

  mark(viewer, place);
  label(drawing);
  followTouch(viewer.get("canvas"), drawing);
  addTools(viewer.get("canvas"), place);
  viewer.get("canvas").resized();
  const current = words(place.dataset.current).map((id) => viewer.get("elementRegistry").get(id));
  show(viewer.get("canvas"), current.find(Boolean));
}

document.querySelectorAll("[data-diagram]").forEach((place) => {
  mount(place).catch(() => {
    place.textContent = _("流程图没有载入，请刷新页面再试。");
    place.classList.add("diagram-failed");
  });
});
