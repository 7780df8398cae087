// A finger moves the diagram sideways; up and down still scrolls the page (touch-action in diagram.css).
export function followTouch(canvas, drawing) {
  let last = null;

  drawing.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") last = event;
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!last || event.pointerId !== last.pointerId) return;
    canvas.scroll({ dx: event.clientX - last.clientX, dy: event.clientY - last.clientY });
    last = event;
  });
  ["pointerup", "pointercancel"].forEach((name) => {
    drawing.addEventListener(name, () => {
      last = null;
    });
  });
}
