// Fills a point on the map from the device. Browsers allow it on https and on the machine itself only; elsewhere the
// button stays hidden and the point is typed. Works in Chromium 70.
(function () {
  "use strict";

  function note(id, text) {
    document.querySelectorAll("[data-geo-note]").forEach(function (one) {
      if (one.dataset.geoNote === id) one.textContent = text;
    });
  }

  if (!window.isSecureContext || !navigator.geolocation) return;
  document.documentElement.classList.add("has-geo"); // the buttons show, also in fields drawn anew

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-geo]");
    if (!button) return;
    const id = button.dataset.geo;
    button.disabled = true;
    note(id, _("正在取当前位置……"));
    navigator.geolocation.getCurrentPosition(
      function (found) {
        const input = document.getElementById(id);
        const at = found.coords;
        button.disabled = false;
        if (!input) return;
        input.value = at.latitude.toFixed(6) + "," + at.longitude.toFixed(6) + " ±" + Math.round(at.accuracy);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
        note(id, _("已填上当前位置。"));
      },
      function (failed) {
        button.disabled = false;
        note(
          id,
          failed.code === 1
            ? _("浏览器没有允许取位置。可以在设置里允许，或直接填写。")
            : _("取不到当前位置，请直接填写。")
        );
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
    );
  });
})();
