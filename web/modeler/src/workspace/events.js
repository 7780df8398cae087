// What an event waits for or brings about: a message, a signal, a moment, a condition, an error and its like.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { group, make, select, text } from "./controls.js";
import { declaredControls } from "./declared.js";
import { changeAll, expression } from "./several.js";
import { timerControls } from "./timers.js";
import { sent, valueRows } from "./values.js";

const THROWS = ["bpmn:EndEvent", "bpmn:IntermediateThrowEvent"];

function line(said) {
  return make("p", { class: "muted", text: said });
}

function carried(type, help) {
  return (tools, element, definition, throws) => [
    declaredControls(tools, element, definition, type, { brings: !throws, help: throws ? "" : help }),
    throws ? valueRows(tools, element, getBusinessObject(element), "tx:Input", sent(""), { names: "none" }) : null,
  ];
}

function coded(type, any) {
  return (tools, element, definition, throws) => declaredControls(tools, element, definition, type, { any: throws ? "" : any });
}

function condition(tools, element, definition) {
  const change = (body) => changeAll(tools, element, [{ object: definition, properties: { condition: expression(tools, body, definition) } }]);
  const help = _("每次有变量改变时看一次，成立的那一刻事件发生。");
  return text(_("条件（FEEL）"), definition.condition && definition.condition.body, change, { lines: 3, mono: true, help });
}

function link(tools, element, definition) {
  const change = (name) => changeAll(tools, element, [{ object: definition, properties: { name: name || undefined } }]);
  return text(_("链接的名称"), definition.name, change, { help: _("从这里出去，到同名的另一头接着走；不写就用事件的名称。") });
}

function compensation(tools, element, definition, throws) {
  if (!throws) return line(_("退回这一步时，办与它相连的那一步。"));
  const all = tools.modeler.get("elementRegistry");
  const beside = all.filter((one) => is(one, "bpmn:Activity") && one.parent === element.parent && !getBusinessObject(one).isForCompensation);
  const options = [{ value: "", title: _("所有办过的步骤") }, ...beside.map((one) => ({ value: one.id, title: getBusinessObject(one).name || one.id }))];
  const change = (id) => {
    const activityRef = id ? getBusinessObject(all.get(id)) : undefined;
    changeAll(tools, element, [{ object: definition, properties: { activityRef } }]);
  };
  return select(_("退回哪一步"), options, definition.activityRef && definition.activityRef.id, change);
}

const CONTROLS = {
  "bpmn:MessageEventDefinition": carried("bpmn:Message", _("按钮在 procedure.toml 的 messages 里声明，名字要一样。")),
  "bpmn:SignalEventDefinition": carried("bpmn:Signal", _("同名的信号发出后，等它的每一处都收到。")),
  "bpmn:TimerEventDefinition": timerControls,
  "bpmn:ConditionalEventDefinition": condition,
  "bpmn:ErrorEventDefinition": coded("bpmn:Error", _("任何错误")),
  "bpmn:EscalationEventDefinition": coded("bpmn:Escalation", _("任何升级")),
  "bpmn:CompensateEventDefinition": compensation,
  "bpmn:LinkEventDefinition": link,
  "bpmn:CancelEventDefinition": (_tools, _element, _definition, throws) => line(throws ? _("取消所在的事务。") : _("事务取消后走这条。")),
  "bpmn:TerminateEventDefinition": () => line(_("其他还在办的都停下，到此为止。")),
};

export function eventControls(tools, element, object) {
  const definition = (object.eventDefinitions || [])[0];
  if (!definition) return null;
  const throws = isAny(element, THROWS);
  const controls = CONTROLS[definition.$type];
  const said = controls ? [controls(tools, element, definition, throws)] : [line(_("这种事件没有要填的。"))];
  return group(throws ? _("发出什么") : _("等什么"), said.flat(2));
}
