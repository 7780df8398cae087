// Values that go into a step and come back from it, in rows of name and expression (tx:input, tx:output).
import { is } from "bpmn-js/lib/util/ModelUtil";

import { make } from "./controls.js";
import { changeAll, part } from "./several.js";

function held(object) {
  return (object.extensionElements && object.extensionElements.get("values")) || [];
}

function write(tools, element, object, values) {
  const rest = object.extensionElements;
  if (rest) return changeAll(tools, element, [{ object: rest, properties: { values } }]);
  const box = part(tools, "bpmn:ExtensionElements", { values }, object);
  values.forEach((one) => (one.$parent = box));
  return changeAll(tools, element, [{ object, properties: { extensionElements: box } }]);
}

function field(label, value, change, list) {
  const control = make("input", {
    class: list ? "input" : "input work-mono",
    "aria-label": label,
    placeholder: label,
    list,
    onchange: (event) => change(event.target.value.trim()),
  });
  control.value = value || "";
  return control;
}

/** `type`: tx:Input or tx:Output; `words`: title, name, value, add, help. `lists`: names to choose from. */
export function valueRows(tools, element, object, type, words, lists = {}) {
  const all = held(object);
  const rows = all.filter((one) => is(one, type));
  const add = () => {
    const made = part(tools, type, { name: "", value: "" }, object.extensionElements);
    write(tools, element, object, [...all, made]);
  };
  const rowOf = (row, number) => {
    const set = (properties) => changeAll(tools, element, [{ object: row, properties }]);
    return make(
      "div",
      { class: "work-row", role: "group", "aria-label": `${words.title} ${number + 1}` },
      field(words.name, row.name, (name) => set({ name }), lists.names || "variables"),
      field(words.value, row.value, (value) => set({ value })),
      make("button", { type: "button", class: "button", text: _("去掉"), onclick: () => write(tools, element, object, all.filter((one) => one !== row)) }),
    );
  };
  return make(
    "fieldset",
    { class: "field" },
    make("legend", { text: words.title }),
    words.help ? make("p", { class: "help", text: words.help }) : null,
    ...rows.map(rowOf),
    make("button", { type: "button", class: "button", text: words.add, onclick: add }),
  );
}

export const sent = (help) => ({
  title: _("送去的值"),
  name: _("叫什么"),
  value: _("算式（FEEL）"),
  add: _("加一个送去的值"),
  help,
});

export const taken = (help) => ({
  title: _("取回的值"),
  name: _("放进哪个变量"),
  value: _("算式（FEEL）"),
  add: _("加一个取回的值"),
  help,
});
