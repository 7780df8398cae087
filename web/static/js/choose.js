// A click on a step in the diagram chooses it in the list beside; the list alone does as well. Works in Chromium 70.
(function () {
  "use strict";

  document.querySelectorAll("[data-chooses]").forEach(function (diagram) {
    const list = document.getElementById(diagram.dataset.chooses);
    const hint = document.querySelector("[data-choose-hint]");
    if (hint) hint.hidden = false;

    diagram.addEventListener("click", function (event) {
      const drawn = event.target.closest("[data-element-id]");
      const wanted = drawn && drawn.dataset.elementId.replace(/_label$/, "");
      const option = wanted && Array.from(list.options).find((one) => one.value === wanted);
      if (!option) return;
      list.value = wanted;
      list.focus();
    });
  });
})();
