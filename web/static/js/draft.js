// Saves what is being typed as a draft: soon after typing stops, at once after a choice, and when the page is left.
// The answer says when it was saved. What could not be saved
// (signed out, no network) waits in this tab and comes back with the form.
(function () {
  "use strict";

  const PAUSE = 800;
  const waiting = new Map();
  const unsaved = new Set();

  function valuesOf(form) {
    const values = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string" && name !== "csrf") values.append(name, value);
    });
    return values;
  }

  function send(form, keepalive) {
    const csrf = form.elements.csrf.value;
    const body = valuesOf(form);
    body.append("csrf", csrf);
    return fetch(form.dataset.draft, {
      method: "POST",
      body,
      keepalive,
      redirect: "error", // to the sign-in page
      credentials: "same-origin",
      headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
    });
  }

  function keepHere(form) {
    sessionStorage.setItem(form.dataset.draft, valuesOf(form));
  }

  async function save(form) {
    clearTimeout(waiting.get(form));
    unsaved.delete(form);
    const said = form.querySelector("[data-saved]");
    try {
      const answer = await send(form, false);
      if (!answer.ok) throw new Error(answer.status);
      const draft = await answer.json();
      sessionStorage.removeItem(form.dataset.draft);
      said.textContent = draft.saved;
    } catch (failure) {
      unsaved.add(form);
      keepHere(form);
      said.textContent = _("草稿暂存在这个页面");
    }
  }

  function later(event) {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    unsaved.add(form);
    clearTimeout(waiting.get(form));
    const chosen = event.type === "change" && event.target.matches("select, [type=radio], [type=checkbox]");
    waiting.set(form, setTimeout(save, chosen ? 0 : PAUSE, form));
  }

  function submitted(event) {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    clearTimeout(waiting.get(form));
    unsaved.delete(form);
    keepHere(form); // in case the answer is the sign-in page
  }

  function flush() {
    unsaved.forEach(function (form) {
      clearTimeout(waiting.get(form));
      keepHere(form);
      send(form, true).then(
        function (answer) {
          if (answer.ok) sessionStorage.removeItem(form.dataset.draft);
        },
        function () {},
      );
    });
    unsaved.clear();
  }

  function fill(control, values) {
    if (control.closest(".kept")) return; // the server knows best which photos it has
    if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
    else if (control.type !== "file" && control.type !== "hidden" && values.length) control.value = values[0];
  }

  function restore() {
    document.querySelectorAll("form[data-draft]").forEach(function (form) {
      const kept = sessionStorage.getItem(form.dataset.draft);
      if (kept === null) return;
      sessionStorage.removeItem(form.dataset.draft);
      const values = new URLSearchParams(kept);
      const detail = Array.from(values.keys());
      form.dispatchEvent(new CustomEvent("tongxin:filling", { bubbles: true, detail })); // for js/rows.js
      Array.from(form.elements).forEach(function (control) {
        if (control.name) fill(control, values.getAll(control.name));
      });
      form.dispatchEvent(new Event("tongxin:filled", { bubbles: true })); // for js/refresh.js
      save(form);
    });
  }

  document.addEventListener("input", later);
  document.addEventListener("change", later);
  document.addEventListener("submit", submitted);
  window.addEventListener("pagehide", flush);
  document.addEventListener("htmx:before:swap", flush); // another task is about to take this form's place
  document.addEventListener("htmx:after:request", function (event) {
    const { response, sourceElement } = event.detail.ctx;
    const signedOut = (response.raw.headers.get("HX-Redirect") || "").startsWith("/sign-in");
    if (sourceElement.matches("form[data-draft]") && !signedOut) {
      sessionStorage.removeItem(sourceElement.dataset.draft);
    }
  });
  document.addEventListener("htmx:after:swap", restore);
  restore();
})();
