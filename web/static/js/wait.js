// Counts down how long one has to wait before the next try. Works in Chromium 70.
(function () {
  "use strict";

  document.querySelectorAll("[data-wait]").forEach(function (place) {
    const until = Date.now() + Number(place.dataset.wait) * 1000;
    const message = place.parentElement;
    const clock = setInterval(function () {
      const left = Math.ceil((until - Date.now()) / 1000);
      place.textContent = Math.max(0, left);
      if (left > 0) return;
      clearInterval(clock);
      message.classList.remove("message-bad");
      message.textContent = _("现在可以再试了。");
    }, 1000);
  });
})();
