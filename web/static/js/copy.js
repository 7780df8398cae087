// Copies a text in one tap; where the browser refuses, selects it so that it can be copied by hand. Works in Chromium 70.
(function () {
  "use strict";

  async function copy(area) {
    try {
      await navigator.clipboard.writeText(area.value);
      return true;
    } catch (refused) {
      area.focus();
      area.select();
      area.setSelectionRange(0, area.value.length);
      return document.execCommand("copy");
    }
  }

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const done = await copy(document.getElementById(button.dataset.copy));
    const said = button.parentElement.querySelector("[data-copied]");
    said.textContent = done ? _("已复制，可以去粘贴了") : _("已选中，请长按复制");
  });

  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
  });
})();
