// How long a step may take: number and unit, a parameter by its title, or an expression when it is more than that.
import { advanced, make, number_and_unit, select, text } from "./controls.js";

const LENGTH = /^(?:PT(\d+)([MH])|P(\d+)(D))$/;
const WORKING = /^add working days\(now\(\), (\d+)\)$/;
const PARAMETER = /^parameters\.(\w+)$/;

/** What a limit says: {kind: none | length | parameter | expression, …}. */
export function read(limit) {
  if (!limit) return { kind: "none" };
  const length = LENGTH.exec(limit);
  if (length) return { kind: "length", number: length[1] || length[3], unit: length[2] || length[4] };
  const days = WORKING.exec(limit);
  if (days) return { kind: "length", number: days[1], unit: "W" };
  const parameter = PARAMETER.exec(limit);
  if (parameter) return { kind: "parameter", name: parameter[1] };
  return { kind: "expression" };
}

export function write(number, unit) {
  if (unit === "W") return `add working days(now(), ${number})`;
  return unit === "D" ? `P${number}D` : `PT${number}${unit}`;
}

export function usedParameters(source, parameters) {
  const names = new Set([...(source || "").matchAll(/parameters\.(\w+)/g)].map((match) => match[1]));
  const used = parameters.filter((one) => names.has(one.name));
  return [...used.filter((one) => one.unit), ...used.filter((one) => !one.unit)]; // limits before opening hours
}

/** A parameter that a step uses, changed where one sees it. It is the procedure's: all steps that use it follow. */
export function parameterControl(tools, parameter) {
  const { about } = tools; // what was seen of the diagram stays as it is: somebody else may have changed that
  const keep = async (fields) => {
    const answer = await tools.post(`/parameters/${parameter.name}`, { title: parameter.title, ...fields }).catch(() => null);
    if (!answer) return _("没有保存成：网络断了。");
    const told = await answer.json();
    if (!answer.ok) return told.message;
    tools.adopt("/parameters", told);
    Object.assign(parameter, fields);
    tools.desk.querySelector("[data-saved]").textContent = _("已保存 {time}", { time: told.saved });
    return "";
  };
  if (!parameter.unit) return text(parameter.title, parameter.value, (value) => keep({ value }), { help: parameter.help });
  return number_and_unit(parameter.title, parameter, about.units, (number, unit) => keep({ number, unit }), parameter.help);
}

export function limitControls(tools, limit, change) {
  const { about } = tools;
  const said = read(limit);
  const units = [...about.units, { value: "W", title: _("工作日") }];
  const kinds = [
    { value: "none", title: _("不限时") },
    { value: "length", title: _("从这一步开始算") },
    ...(about.parameters.length ? [{ value: "parameter", title: _("用参数里的时限") }] : []),
    { value: "expression", title: _("按算式（高级）") },
  ];
  const first = about.parameters.find((one) => one.unit) || about.parameters[0];
  const begin = {
    none: () => change(undefined),
    length: () => change("PT2H"),
    parameter: () => change(`parameters.${first.name}`),
    expression: () => change(limit && said.kind === "expression" ? limit : `(${limit || 'duration("PT2H")'})`),
  };
  const controls = [select(_("时限"), kinds, said.kind, (kind) => begin[kind]())];
  if (said.kind === "length") {
    controls.push(number_and_unit(_("多久"), said, units, (number, unit) => void change(write(number, unit))));
  }
  if (said.kind === "parameter") {
    const options = about.parameters.map((one) => ({ value: one.name, title: one.title }));
    controls.push(select(_("哪个参数"), options, said.name, (name) => change(`parameters.${name}`)));
  }
  const used = usedParameters(limit, about.parameters);
  if (used.length) {
    controls.push(make("p", { class: "help", text: _("这里用到的参数，改了对用它的每一步都有效：") }));
    controls.push(...used.map((one) => parameterControl(tools, one)));
  }
  if (said.kind === "expression") {
    const field = text(_("算式（FEEL）"), limit, (value) => change(value || undefined), { lines: 4, mono: true });
    controls.push(advanced(_("看算式"), !used.length, field));
  }
  return controls;
}
