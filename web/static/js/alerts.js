// Shows at once what a chosen value calls for ("燃气泄漏 → 先打电话"); the server shows it too. Works in Chromium 70.
(function () {
  "use strict";

  document.addEventListener("change", function (event) {
    const control = event.target;
    if (!control.name) return;
    const root = control.form || document;
    root.querySelectorAll("[data-alert]").forEach(function (alert) {
      if (alert.dataset.alert === control.name) alert.hidden = alert.dataset.alertValue !== control.value;
    });
  });
})();
