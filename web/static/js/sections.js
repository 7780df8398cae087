// A section of a form is there when its heading is: js/refresh.js draws only the fields that depend on others anew.
// Works in Chromium 70.
(function () {
  "use strict";

  function bringUpToDate(form) {
    form.querySelectorAll("[data-section]").forEach(function (section) {
      const head = section.querySelector("[data-section-head]");
      if (section.hidden !== head.hidden) section.hidden = head.hidden;
    });
  }

  function watch() {
    document.querySelectorAll("form").forEach(function (form) {
      if (form.dataset.sections || !form.querySelector("[data-section]")) return;
      form.dataset.sections = "watched";
      new MutationObserver(function () {
        bringUpToDate(form);
      }).observe(form, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
    });
  }

  document.addEventListener("htmx:after:swap", watch);
  watch();
})();
