// Fields that depend on what is typed into others are drawn anew by the server while one types: those alone, one request
// at a time, and only when a field changed that others depend on. What is being typed, chosen or uploaded stays.
// What somebody looks for in a long list is looked for while they type.
// Works in Chromium 70.
(function () {
  "use strict";

  const PAUSE = 300;
  const CONTROLS = "input, textarea, select";
  const finding = new WeakMap(); // search box → its timer
  const states = new WeakMap(); // form → its timer, whether it is asking, whether it has to ask again

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { timer: null, asking: false, again: false });
    return states.get(form);
  }

  function textsOf(form) {
    const texts = new URLSearchParams();
    new FormData(form).forEach(function (value, name) {
      if (typeof value === "string") texts.append(name, value);
    });
    return texts;
  }

  // What somebody has put into a field, to tell whether they went on while the server was asked.
  function stand(field) {
    return Array.from(field.querySelectorAll(CONTROLS), function (control) {
      if (control.type === "file") return control.files.length;
      return control.type === "radio" || control.type === "checkbox" ? control.checked : control.value;
    }).join("\n");
  }

  function fieldsOf(root) {
    return Array.from(root.querySelectorAll("[data-field]"));
  }

  function isBusy(field) {
    const files = Array.from(field.querySelectorAll("[type=file]"));
    return field.contains(document.activeElement) || files.some((one) => one.files.length > 0);
  }

  // The control stays; what stands around it is brought up to date.
  function bringUpToDate(field, drawn) {
    const marker = field.querySelector('[name=":unseen"]');
    if (marker && !drawn.hidden) marker.remove();
    ["legend, label", ".help", ".from"].forEach(function (place) {
      const [old, fresh] = [field.querySelector(place), drawn.querySelector(place)];
      if (old && fresh) old.innerHTML = fresh.innerHTML;
    });
    drawn.querySelectorAll("output[id]").forEach(function (fresh) {
      const old = document.getElementById(fresh.id);
      if (old && field.contains(old)) old.innerHTML = fresh.innerHTML;
    });
    field.hidden = drawn.hidden;
  }

  function announce(form, titles) {
    let place = form.querySelector("[data-refreshed]");
    if (!place) {
      place = document.createElement("p");
      place.className = "unseen";
      place.setAttribute("role", "status");
      place.dataset.refreshed = "";
      form.append(place);
    }
    place.textContent = titles.length ? _("下面多了：{titles}", { titles: titles.join(_("、")) }) : "";
  }

  function titleOf(field) {
    const title = field.querySelector("legend, label, .label, strong");
    return title ? title.textContent.trim() : "";
  }

  function draw(form, html, before) {
    const answer = document.createElement("template");
    answer.innerHTML = html;
    const old = new Map(fieldsOf(form).map((field) => [field.dataset.field, field]));
    const appeared = [];
    fieldsOf(answer.content).forEach(function (drawn) {
      const field = old.get(drawn.dataset.field);
      if (!field) return;
      if (field.hidden && !drawn.hidden) appeared.push(titleOf(drawn));
      if (isBusy(field) || before.get(field) !== stand(field)) bringUpToDate(field, drawn);
      else if (field.outerHTML !== drawn.outerHTML || !field.hidden) field.replaceWith(drawn);
    });
    announce(form, appeared);
  }

  function post(form, body) {
    return fetch(form.dataset.fields, {
      method: "POST",
      body,
      redirect: "error", // to the sign-in page
      credentials: "same-origin",
      headers: { "X-CSRF-Token": form.elements.csrf.value, Accept: "text/html" },
    }).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)));
  }

  function ask(form) {
    const state = stateOf(form);
    state.timer = null;
    if (state.asking) {
      state.again = true;
      return;
    }
    state.asking = true;
    const before = new Map(fieldsOf(form).map((field) => [field, stand(field)]));
    post(form, textsOf(form))
      .then(function (html) {
        const isStale = state.again || state.timer !== null;
        if (!isStale && form.isConnected) draw(form, html, before);
      })
      .catch(function () {}) // handing in tells what is missing
      .then(function () {
        state.asking = false;
        if (state.again && form.isConnected) {
          state.again = false;
          ask(form);
        }
      });
  }

  function soon(form, pause) {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, pause, form);
  }

  function changed(event) {
    const control = event.target;
    const form = control.form;
    if (!form || !form.dataset.fields || !control.name || control.matches("[type=file], [data-find]")) return;
    if (!JSON.parse(form.dataset.feeds).includes(control.name.split(":")[0])) return;
    const picked = event.type === "change" && control.matches("select, [type=radio], [type=checkbox]");
    if (picked || event.type === "input") soon(form, picked ? 0 : PAUSE);
  }

  // What fits the words somebody looks for; the answer to the last question counts.
  function find(box) {
    const form = box.form;
    const field = box.closest("[data-field]");
    const body = textsOf(form);
    const asked = box.value.trim();
    body.append(":finding", box.dataset.find);
    box.dataset.asked = asked;
    post(form, body)
      .then(function (html) {
        if (box.dataset.asked !== asked || !form.isConnected) return;
        const answer = document.createElement("template");
        answer.innerHTML = html;
        const drawn = fieldsOf(answer.content).find((one) => one.dataset.field === box.dataset.find);
        if (!drawn.querySelector("[data-found]")) {
          field.replaceWith(drawn); // the place chosen meanwhile leaves so few that they are a list
          drawn.querySelector("select").focus();
          return;
        }
        ["[data-found]", "[data-results]"].forEach(function (place) {
          field.querySelector(place).innerHTML = drawn.querySelector(place).innerHTML;
        });
      })
      .catch(function (status) {
        field.querySelector("[data-found]").textContent =
          status === 429 ? _("找得太快了，请等一会儿再找。") : _("现在找不了，请稍后再试。");
      });
  }

  function findSoon(box, pause) {
    clearTimeout(finding.get(box));
    if (box.value.trim() && box.form.dataset.fields) finding.set(box, setTimeout(find, pause, box));
  }

  document.addEventListener("input", function (event) {
    if (event.target.matches("[data-find]") && !event.isComposing) findSoon(event.target, PAUSE);
  });
  document.addEventListener("change", function (event) {
    if (!event.target.closest("[data-results]")) return;
    const box = event.target.closest("[data-field]").querySelector("[data-find]");
    clearTimeout(finding.get(box));
    delete box.dataset.asked; // an answer on its way would take back what is chosen
  });
  document.addEventListener("compositionend", function (event) {
    if (event.target.matches("[data-find]")) findSoon(event.target, PAUSE);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-find]")) return;
    if (!event.target.form.dataset.fields) return;
    event.preventDefault();
    findSoon(event.target, 0);
  });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-finds]");
    if (!button || !button.form.dataset.fields) return; // then the page comes again with what was found
    event.preventDefault();
    findSoon(button.parentElement.querySelector("[data-find]"), 0);
  });

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("tongxin:filled", function (event) {
    if (event.target.dataset.fields) soon(event.target, 0);
  });
})();
