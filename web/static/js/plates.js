// Plates: print the sheets, and choose all buildings of a grid or none.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const group of document.querySelectorAll("[data-all]")) {
  const button = group.querySelector("[data-all-of]");
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const all = () => boxes.every((one) => one.checked);
  const show = () => button.setAttribute("aria-pressed", String(all()));
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const checked = !all();
    for (const one of boxes) one.checked = checked;
    show();
  });
  group.addEventListener("change", show);
}
