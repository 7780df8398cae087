// Limits that stand still while a case is at this step (tx:pauses): boxes to tick, one for each limit or timer.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { make } from "./controls.js";

const WAITING = [
  "bpmn:UserTask",
  "bpmn:ManualTask",
  "bpmn:ReceiveTask",
  "bpmn:ServiceTask",
  "bpmn:SubProcess",
  "bpmn:CallActivity",
  "bpmn:IntermediateCatchEvent",
];
const READS_DUE = /(^|[^\w"])due($|[^\w"])/;

function timerOf(object) {
  return (object.eventDefinitions || []).find((one) => is(one, "bpmn:TimerEventDefinition"));
}

function bodyOf(timer) {
  const expression = timer.timeDate || timer.timeDuration || timer.timeCycle;
  return (expression && expression.body) || "";
}

/** Whether something by this object can stand still: a task with a limit, a timer that does not follow one. */
function hasClock(object) {
  if (isAny(object, ["bpmn:UserTask", "bpmn:ManualTask"])) return Boolean(object.get("tx:limit"));
  const timer = timerOf(object);
  if (!timer || is(object, "bpmn:StartEvent")) return Boolean(timer) && Boolean(object.$parent.triggeredByEvent);
  const host = object.attachedToRef;
  return !(host && host.get("tx:limit") && READS_DUE.test(bodyOf(timer)));
}

/** Whether it is the step's own clock, which would never run: on its edge, or inside of it. */
function isItsOwn(object, step) {
  if (object === step || object.attachedToRef === step) return true;
  let around = object.$parent;
  if (is(object, "bpmn:StartEvent")) around = around.$parent;
  for (; around; around = around.$parent) if (around === step) return true;
  return false;
}

function titleOf(object) {
  if (object.name) return object.name;
  const host = object.attachedToRef || (is(object, "bpmn:StartEvent") ? object.$parent : null);
  return host ? _("“{step}”的定时", { step: host.name || host.id }) : object.id;
}

export function pauseControls(tools, element, object, set) {
  if (!isAny(element, WAITING)) return [];
  const chosen = (object.get("tx:pauses") || "").split(/\s+/).filter(Boolean);
  const known = tools.modeler
    .get("elementRegistry")
    .filter((one) => !one.labelTarget && is(one, "bpmn:FlowNode"))
    .map((one) => getBusinessObject(one))
    .filter((one) => hasClock(one) && !isItsOwn(one, object));
  const lost = chosen.filter((id) => !known.some((one) => one.id === id));
  if (!known.length && !lost.length) return [];
  const change = (id, ticked) => {
    const rest = chosen.filter((one) => one !== id);
    set({ "tx:pauses": (ticked ? [...rest, id] : rest).join(" ") || undefined });
  };
  const box = (id, title) => {
    const control = make("input", { type: "checkbox", onchange: (event) => change(id, event.target.checked) });
    control.checked = chosen.includes(id);
    return make("label", { class: "choice" }, control, make("span", { text: title }));
  };
  return [
    make(
      "fieldset",
      { class: "field" },
      make("legend", { text: _("在这一步时，这些时限不走") }),
      make("p", { class: "help", text: _("例如等补正、等鉴定。办完这一步，接着算剩下的时间。") }),
      make(
        "div",
        { class: "choices" },
        ...known.map((one) => box(one.id, titleOf(one))),
        ...lost.map((id) => box(id, _("{id}（没有时限，请去掉）", { id }))),
      ),
    ),
  ];
}
