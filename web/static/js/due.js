// Keeps the minutes of the chips true while a page stays open. Longer spans are left as the server said them.
(function () {
  "use strict";

  const MINUTE = 60 * 1000;
  const HOUR = 60 * MINUTE;

  function minutes(span) {
    return span < MINUTE ? _("不到 1 分钟") : _("{n} 分钟", { n: Math.floor(span / MINUTE) });
  }

  function words(left) {
    if (left > HOUR) return null;
    if (left >= 0) return _("还剩 {length}", { length: minutes(left) });
    if (left > -HOUR) return _("超期 {length}", { length: minutes(-left) });
    if (left > -24 * HOUR) return _("超期 {length}", { length: _("{n} 小时", { n: Math.floor(-left / HOUR) }) });
    return null;
  }

  function refresh() {
    document.querySelectorAll("[data-due]").forEach(function (chip) {
      const left = new Date(chip.dataset.due) - Date.now();
      const text = words(left);
      if (!text) return;
      chip.querySelector("[data-due-text]").textContent = text;
      if (left < 0 && !chip.classList.contains("chip-overdue")) {
        chip.className = "chip chip-overdue";
        const shape = chip.querySelector("use");
        shape.setAttribute("href", shape.getAttribute("href").replace(/#.*/, "#overdue"));
      }
    });
  }

  setInterval(refresh, MINUTE / 2);
  document.addEventListener("visibilitychange", refresh);
})();
