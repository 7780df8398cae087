// A flow's condition as rows of field, comparison and value; what rows cannot say stays an expression.
import { advanced, make, text } from "./controls.js";

const ROW = /^\s*([\p{L}_][\p{L}\p{N}_]*)\s*(=|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|parameters\.\w+)\s*$/u;
const COMPARISONS = () => [
  { value: "=", title: _("是") },
  { value: "!=", title: _("不是") },
  { value: ">", title: _("大于") },
  { value: ">=", title: _("大于或等于") },
  { value: "<", title: _("小于") },
  { value: "<=", title: _("小于或等于") },
];

/** Rows of {name, op, value}, or null when the expression is more than rows joined by "and". */
export function read(source) {
  if (!(source || "").trim()) return [];
  const rows = source.split(/\s+and\s+/).map((part) => ROW.exec(part));
  if (rows.some((one) => !one)) return null;
  return rows.map(([, name, op, value]) => ({ name, op, value }));
}

export function write(rows) {
  return rows.map(({ name, op, value }) => `${name} ${op} ${value}`).join(" and ");
}

function literal(variable, typed) {
  if (["null", "true", "false"].includes(typed) || typed.startsWith("parameters.")) return typed;
  if (variable && ["number", "integer"].includes(variable.type)) return /^-?\d+(\.\d+)?$/.test(typed) ? typed : "0";
  return JSON.stringify(typed);
}

function shown(value) {
  return value.startsWith('"') ? JSON.parse(value) : value;
}

function valuesOf(about, variable) {
  if (variable && variable.type === "boolean") return [{ value: "true", title: _("是") }, { value: "false", title: _("否") }];
  const choices = variable ? variable.choices : [];
  return choices.length ? [...choices, { value: "null", title: _("（没有填）") }] : [];
}

function picker(label, options, value, change) {
  const known = options.some((one) => one.value === value);
  const all = known ? options : [...options, { value, title: value }];
  const made = all.map((one) => make("option", { value: one.value, text: one.title, selected: one.value === value }));
  return make("select", { class: "input", "aria-label": label, onchange: (event) => change(event.target.value) }, ...made);
}

function rowOf(about, row, change, remove) {
  const variable = about.variables.find((one) => one.name === row.name);
  const fields = about.variables.map((one) => ({ value: one.name, title: one.title }));
  const values = valuesOf(about, variable);
  const value = values.length
    ? picker(_("值"), values, shown(row.value), (typed) => change({ ...row, value: literal(variable, typed) }))
    : make("input", { class: "input", "aria-label": _("值"), onchange: (event) => change({ ...row, value: literal(variable, event.target.value.trim()) }) });
  if (!values.length) value.value = shown(row.value);
  const start = (name) => {
    const other = about.variables.find((one) => one.name === name);
    const options = valuesOf(about, other);
    change({ name, op: "=", value: literal(other, options.length ? options[0].value : "") });
  };
  return make(
    "div",
    { class: "work-row" },
    picker(_("字段"), fields, row.name, start),
    picker(_("比较"), COMPARISONS(), row.op, (op) => change({ ...row, op })),
    value,
    make("button", { type: "button", class: "button", text: _("去掉"), onclick: remove }),
  );
}

export function conditionControls(about, source, change) {
  const rows = read(source);
  const raw = text(_("算式（FEEL）"), source, (value) => change(value), { lines: 3, mono: true });
  if (!rows) return [make("p", { class: "help", text: _("这个条件比较复杂，用算式写成。") }), raw];
  const put = (at, row) => change(write(rows.map((one, index) => (index === at ? row : one))));
  const first = about.variables[0];
  const add = make("button", {
    type: "button",
    class: "button",
    text: _("加一个条件"),
    disabled: !first,
    onclick: () => {
      const options = valuesOf(about, first);
      change(write([...rows, { name: first.name, op: "=", value: literal(first, options.length ? options[0].value : "") }]));
    },
  });
  return [
    rows.length
      ? make("p", { class: "help", text: _("下面的都符合才走这条：") })
      : make("p", { class: "help", text: _("没有条件。判断后面的线要有条件，或者是“其他情况”那条。") }),
    ...rows.map((row, at) => rowOf(about, row, (changed) => put(at, changed), () => change(write(rows.filter((_one, index) => index !== at))))),
    add,
    advanced(_("看算式"), false, raw),
  ];
}
