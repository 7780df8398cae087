// Saves what is being typed as a draft: soon after typing stops, at once after a choice, and when the page is left.
// The answer says when it was saved and which fields the values so far leave hidden.
(function () {
  "use strict";

  const PAUSE = 800;
  const waiting = new Map();
  const unsaved = new Set();

  function body(form) {
    const values = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string") values.append(name, value);
    });
    return values;
  }

  function send(form, keepalive) {
    return fetch(form.dataset.draft, {
      method: "POST",
      body: body(form),
      keepalive,
      credentials: "same-origin",
      headers: { "X-CSRF-Token": form.elements.csrf.value, Accept: "application/json" },
    });
  }

  function showFields(form, hidden) {
    form.querySelectorAll("[data-field]").forEach(function (field) {
      field.hidden = hidden.includes(field.dataset.field);
    });
  }

  async function save(form) {
    clearTimeout(waiting.get(form));
    unsaved.delete(form);
    const said = form.querySelector("[data-saved]");
    try {
      const answer = await send(form, false);
      if (!answer.ok) throw new Error(answer.status);
      const draft = await answer.json();
      said.textContent = draft.saved;
      if (draft.hidden) showFields(form, draft.hidden);
    } catch (failure) {
      unsaved.add(form);
      said.textContent = "草稿没存上，请不要关闭页面";
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

  function stop(event) {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    clearTimeout(waiting.get(form));
    unsaved.delete(form);
  }

  document.addEventListener("input", later);
  document.addEventListener("change", later);
  document.addEventListener("submit", stop);
  function flush() {
    unsaved.forEach(function (form) {
      clearTimeout(waiting.get(form));
      send(form, true).catch(function () {});
    });
    unsaved.clear();
  }

  window.addEventListener("pagehide", flush);
  document.addEventListener("htmx:before:swap", function (event) {
    if (!event.target.closest("[data-poll]")) flush(); // another task is about to take this form's place
  });
})();
