// When a timer comes: after a while, at the step's limit, again and again, or by an expression.
import { is } from "bpmn-js/lib/util/ModelUtil";

import { make, number_and_unit, select, text } from "./controls.js";
import { parameterControl, read, usedParameters, write } from "./limits.js";
import { changeAll, expression } from "./several.js";

const EVERY = /^R(\d*)\/(P(?:T\d+[MH]|\d+D))$/;
const NAMES = ["timeDuration", "timeDate", "timeCycle"];

function source(definition) {
  const name = NAMES.find((one) => definition[one]) || "timeDuration";
  return [name, ((definition[name] || {}).body || "").trim()];
}

function kindOf(name, body) {
  if (name === "timeCycle") return EVERY.test(body) ? "every" : "calendar";
  if (body === "due") return "due";
  const said = read(body);
  return said.kind === "length" && said.unit !== "W" ? "length" : "expression";
}

function mayRepeat(element, object) {
  if (is(element, "bpmn:BoundaryEvent")) return object.cancelActivity === false;
  return is(element, "bpmn:StartEvent");
}

function everyControls(body, units, put) {
  const [, times, length] = EVERY.exec(body);
  const said = read(length);
  return [
    number_and_unit(_("隔多久一次"), said, units, (number, unit) => void put("timeCycle", `R${times}/${write(number, unit)}`)),
    text(_("最多几次"), times, (value) => put("timeCycle", `R${/^\d+$/.test(value) ? value : ""}/${length}`), { mode: "numeric", help: _("不写就一直来。") }),
  ];
}

export function timerControls(tools, element, definition) {
  const { about } = tools;
  const object = element.businessObject;
  const [name, body] = source(definition);
  const put = (key, value) => {
    const properties = Object.fromEntries(NAMES.map((one) => [one, one === key ? expression(tools, value, definition) : undefined]));
    changeAll(tools, element, [{ object: definition, properties }]);
  };
  const kind = kindOf(name, body);
  const repeats = mayRepeat(element, object) || name === "timeCycle";
  const kinds = [
    { value: "length", title: _("过一段时间") },
    ...(is(element, "bpmn:BoundaryEvent") ? [{ value: "due", title: _("到这一步的时限") }] : []),
    ...(repeats ? [{ value: "every", title: _("每隔一段时间") }, { value: "calendar", title: _("按日历（每周一、每月一号…）") }] : []),
    { value: "expression", title: _("按算式（高级）") },
  ];
  const begin = {
    length: () => put("timeDuration", "PT2H"),
    due: () => put("timeDate", "due"),
    every: () => put("timeCycle", "R3/PT1H"),
    calendar: () => put("timeCycle", "0 9 * * 1"),
    expression: () => put("timeDuration", 'duration("PT2H")'),
  };
  const controls = [select(_("什么时候"), kinds, kind, (chosen) => begin[chosen]())];
  if (kind === "length") {
    controls.push(number_and_unit(_("多久"), read(body), about.units, (number, unit) => void put("timeDuration", write(number, unit))));
  }
  if (kind === "every") controls.push(...everyControls(body, about.units, put));
  if (kind === "calendar") {
    const help = _("分 时 日 月 周。0 9 * * 1 是每周一 9 点，0 8 1 * * 是每月一号 8 点；也可以写算式。");
    controls.push(text(_("什么时候来"), body, (value) => put("timeCycle", value), { mono: true, help }));
  }
  if (kind === "expression") {
    controls.push(...usedParameters(body, about.parameters).map((one) => parameterControl(tools, one)));
    controls.push(text(_("算式（FEEL）"), body, (value) => put(name, value), { lines: 3, mono: true }));
  }
  if (!repeats && is(element, "bpmn:BoundaryEvent")) {
    controls.push(make("p", { class: "help", text: _("要反复来，先把这个事件改成“这一步照办，另走一路”。") }));
  }
  return controls;
}
