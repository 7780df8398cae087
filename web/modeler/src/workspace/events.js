// What an event waits for: a message by its name, or a moment.
import { is } from "bpmn-js/lib/util/ModelUtil";

import { make, number_and_unit, select, text } from "./controls.js";
import { parameterControl, read, usedParameters, write } from "./limits.js";

function messages(modeler) {
  return modeler.getDefinitions().get("rootElements").filter((one) => is(one, "bpmn:Message"));
}

function messageControls(tools, element, definition) {
  const { modeler } = tools;
  const known = messages(modeler);
  const options = [{ value: "", title: _("（没有）") }, ...known.map((one) => ({ value: one.id, title: one.name || one.id }))];
  const choose = (id) =>
    modeler.get("modeling").updateModdleProperties(element, definition, { messageRef: known.find((one) => one.id === id) });
  const add = (name) => {
    if (!name) return;
    const made = modeler.get("bpmnFactory").create("bpmn:Message", { name });
    const definitions = modeler.getDefinitions();
    made.$parent = definitions;
    modeler.get("modeling").updateModdleProperties(element, definitions, { rootElements: [...definitions.get("rootElements"), made] });
    modeler.get("modeling").updateModdleProperties(element, definition, { messageRef: made });
  };
  return [
    select(_("等哪条消息"), options, definition.messageRef && definition.messageRef.id, choose),
    text(_("或者新的消息名"), "", add, { help: _("按钮在 procedure.toml 的 messages 里声明，名字要一样。") }),
  ];
}

function timerControls(tools, element, definition) {
  const { modeler, about } = tools;
  const source = ((definition.timeDuration || definition.timeDate || {}).body || "").trim();
  const put = (name, body) => {
    const factory = modeler.get("bpmnFactory");
    const made = body ? factory.create("bpmn:FormalExpression", { body }) : undefined;
    if (made) made.$parent = definition;
    const both = { timeDuration: undefined, timeDate: undefined, [name]: made };
    modeler.get("modeling").updateModdleProperties(element, definition, both);
  };
  const said = read(source);
  const kind = source === "due" ? "due" : said.kind === "length" && said.unit !== "W" ? "length" : "expression";
  const kinds = [
    { value: "length", title: _("过一段时间") },
    ...(is(element, "bpmn:BoundaryEvent") ? [{ value: "due", title: _("到这一步的时限") }] : []),
    { value: "expression", title: _("按算式（高级）") },
  ];
  const begin = {
    length: () => put("timeDuration", "PT2H"),
    due: () => put("timeDate", "due"),
    expression: () => put("timeDuration", 'duration("PT2H")'),
  };
  const name = definition.timeDate ? "timeDate" : "timeDuration";
  const controls = [select(_("什么时候"), kinds, kind, (chosen) => begin[chosen]())];
  if (kind === "length") {
    controls.push(number_and_unit(_("多久"), said, about.units, (number, unit) => void put("timeDuration", write(number, unit))));
  }
  if (kind === "expression") {
    controls.push(...usedParameters(source, about.parameters).map((one) => parameterControl(tools, one)));
    controls.push(text(_("算式（FEEL）"), source, (body) => put(name, body), { lines: 3, mono: true }));
  }
  return controls;
}

export function eventControls(tools, element, object) {
  const definition = (object.eventDefinitions || [])[0];
  if (!definition) return [];
  if (is(definition, "bpmn:MessageEventDefinition")) return messageControls(tools, element, definition);
  if (is(definition, "bpmn:TimerEventDefinition")) return timerControls(tools, element, definition);
  return [make("p", { class: "muted", text: _("这种事件没有要填的。") })];
}
