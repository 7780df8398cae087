// The global _: a text in the reader's language, {names} in it filled from `values`. The Chinese text is the key; a page
// in English brings the translations along, one for {n: 1} and one for other counts. Works in Chromium 70.
(function () {
  "use strict";

  const block = document.getElementById("words");
  const translations = block ? JSON.parse(block.textContent) : {};

  window._ = function (text, values) {
    let said = translations[text] || text;
    if (Array.isArray(said)) said = said[values.n === 1 ? 0 : said.length - 1];
    return said.replace(/\{(\w+)\}/g, function (braces, name) {
      return values && name in values ? values[name] : braces;
    });
  };
})();
