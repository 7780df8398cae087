// Brings the reader to what went wrong: on arrival, and after htmx has swapped in an answer with errors.
(function () {
  "use strict";

  function focusFirst(root) {
    const target = root.querySelector('[data-focus=""]');
    if (!target) return;
    target.focus();
    target.dataset.focus = "done"; // once only: a later swap elsewhere must not take the cursor away
  }

  focusFirst(document);
  // The page's title says first that something is wrong, as the server's whole pages do.
  function nameErrors() {
    const mark = _("有错误：");
    const plain = document.title.startsWith(mark) ? document.title.slice(mark.length) : document.title;
    document.title = (document.querySelector(".error-summary:not(.more-summary)") ? mark : "") + plain;
  }

  document.addEventListener("htmx:after:swap", function () {
    nameErrors();
    focusFirst(document);
  });

  // The links of an error summary lead into the control, not only near it.
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest(".error-summary a");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("fieldset") ? field.querySelector("input:not([type=hidden]), select, textarea") : field;
    control.focus();
    field.scrollIntoView({ block: "center" });
  });
})();
