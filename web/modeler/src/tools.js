// Buttons to zoom the diagram: for the keyboard, for fingers, and because the wheel is left to the page.
const STEP = 1.25;
const READABLE = 0.6;

function button(name, text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.title = name;
  if (name !== text) element.setAttribute("aria-label", name);
  element.addEventListener("click", act);
  return element;
}

function fit(canvas) {
  return canvas.zoom("fit-viewport", "auto");
}

/** The whole diagram, or where it would be too small to read, the part around the current step. */
export function show(canvas, current) {
  if (fit(canvas) >= READABLE || !current) return;
  const { outer } = canvas.viewbox();
  const width = outer.width / (READABLE + 0.15);
  const height = outer.height / (READABLE + 0.15);
  const x = current.x + current.width / 2 - width / 2;
  const y = current.y + current.height / 2 - height / 2;
  canvas.viewbox({ x, y, width, height });
}

export function addTools(canvas, place) {
  const tools = document.createElement("div");
  tools.className = "diagram-tools";
  tools.append(
    button(_("缩小"), "−", () => canvas.zoom(canvas.zoom() / STEP)),
    button(_("放大"), "+", () => canvas.zoom(canvas.zoom() * STEP)),
    button(_("全图"), _("全图"), () => fit(canvas)),
  );
  place.prepend(tools);
}
