// The panel's controls: a label above, one control, help below; every change is one step to undo.
let number = 0;

export function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  });
  element.append(...children.filter(Boolean));
  return element;
}

export function group(title, ...children) {
  const shown = children.flat().filter(Boolean);
  return shown.length ? make("section", { class: "work-group" }, make("h3", { text: title }), ...shown) : null;
}

function labelled(label, control, help) {
  number += 1;
  control.id = control.id || `panel-${number}`;
  return make(
    "div",
    { class: "field" },
    make("label", { for: control.id, text: label }),
    control,
    help ? make("p", { class: "help", text: help }) : null,
  );
}

export function text(label, value, change, { lines = 0, help = "", mono = false, mode, list } = {}) {
  const attributes = { class: mono ? "input work-mono" : "input", onchange: (event) => change(event.target.value.trim()) };
  const control = lines ? make("textarea", { ...attributes, rows: lines }) : make("input", { ...attributes, inputmode: mode, list });
  control.value = value || "";
  return labelled(label, control, help);
}

/** `options`: {value, title}; a value that is none of them is shown as it is, never dropped. */
export function select(label, options, value, change, help = "") {
  const known = options.some((one) => one.value === (value || ""));
  const all = known ? options : [...options, { value, title: value }];
  const made = all.map((one) => make("option", { value: one.value, text: one.title, selected: one.value === (value || "") }));
  return labelled(label, make("select", { class: "input", onchange: (event) => change(event.target.value) }, ...made), help);
}

export function number_and_unit(label, length, units, change, help = "") {
  const amount = make("input", { class: "input", inputmode: "numeric", "aria-label": _("多少") });
  amount.value = length.number;
  const unit = make(
    "select",
    { class: "input", "aria-label": _("单位") },
    ...units.map((one) => make("option", { value: one.value, text: one.title, selected: one.value === length.unit })),
  );
  const bad = make("p", { class: "field-error", hidden: true, role: "alert" });
  const changed = async () => {
    const fits = /^\d{1,6}$/.test(amount.value.trim()) && Number(amount.value) > 0;
    const problem = fits ? await change(amount.value.trim(), unit.value) : _("请写一个大于 0 的整数。");
    bad.hidden = !problem;
    bad.textContent = problem || "";
  };
  [amount, unit].forEach((one) => one.addEventListener("change", changed));
  return make(
    "fieldset",
    { class: "field" },
    make("legend", { text: label }),
    bad,
    make("div", { class: "work-length" }, amount, unit),
    help ? make("p", { class: "help", text: help }) : null,
  );
}

export function advanced(title, open, ...children) {
  return make("details", { class: "work-advanced", open }, make("summary", { text: title }), ...children.flat());
}
