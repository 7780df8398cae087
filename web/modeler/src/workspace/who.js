// Who does a step: the role and level of its lane, and whether one person is named.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { make, select, text } from "./controls.js";

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

const byCondition = (value) => (value || "").trimStart().startsWith("=");

function titleOf(options, value) {
  const found = options.find((one) => one.value === value);
  return found ? found.title : value;
}

/** The innermost lane with a role that holds the step, also around its subprocess. */
function laneOf(modeler, element) {
  const lanes = modeler.get("elementRegistry").filter((one) => is(one, "bpmn:Lane"));
  for (let step = getBusinessObject(element); step; step = step.$parent) {
    const holding = lanes.filter((one) => (getBusinessObject(one).get("flowNodeRef") || []).includes(step));
    const found = holding.find((one) => getBusinessObject(one).get("tx:role"));
    if (found) return found;
  }
  return null;
}

/** One of a list, or an expression after an equals sign, worked out when a step opens. */
function chosenOrWorkedOut(label, options, now, change, help) {
  const condition = { value: "=", title: _("按条件（高级）") };
  const none = { value: "", title: _("（没有）") };
  const begin = (value) => change(value === "=" ? `= if true then "${now || options[0].value}" else "${options[0].value}"` : value || undefined);
  if (!byCondition(now)) return [select(label, [none, ...options, condition], now, begin, help)];
  const names = options.map((one) => `${one.title} "${one.value}"`).join(_("、"));
  return [
    select(label, [none, ...options, condition], "=", begin, help),
    text(_("{label}的算式", { label }), now, (value) => change(value ? `= ${value.replace(/^=\s*/, "")}` : undefined), {
      lines: 3,
      mono: true,
      help: _("步骤开始时算一次。可以写：{names}。", { names }),
    }),
  ];
}

function laneControls(about, object, set) {
  return [
    ...chosenOrWorkedOut(_("角色"), about.roles, object.get("tx:role"), (value) => set({ "tx:role": value }), _("这条泳道里的步骤由他们办。")),
    ...chosenOrWorkedOut(_("哪一级"), about.levels, object.get("tx:level"), (value) => set({ "tx:level": value })),
  ];
}

function assignee(about, object, set) {
  const now = object.get("tx:assignee") || "";
  const people = about.variables.filter((one) => one.format === "person");
  const options = [
    { value: "", title: _("这个岗位的人都可以领") },
    ...people.map((one) => ({ value: one.name, title: _("前面选好的人：{title}", { title: one.title }) })),
  ];
  if (now && !NAME.test(now)) {
    return text(_("给谁（算式）"), now, (value) => set({ "tx:assignee": value || undefined }), { mono: true });
  }
  return select(_("给谁"), options, now, (value) => set({ "tx:assignee": value || undefined }));
}

export function whoControls(tools, element, object, set) {
  const { about, modeler } = tools;
  if (is(element, "bpmn:Lane")) return laneControls(about, object, set);
  if (!isAny(element, ["bpmn:UserTask", "bpmn:ManualTask"])) return [];
  const lane = laneOf(modeler, element);
  const where = lane && getBusinessObject(lane);
  const line = where && (byCondition(where.get("tx:role")) || byCondition(where.get("tx:level")))
    ? _("由谁办按条件定，算式在泳道上。")
    : where
      ? _("{level}的{role}", { level: titleOf(about.levels, where.get("tx:level") || "community"), role: titleOf(about.roles, where.get("tx:role")) })
      : about.diagram
        ? _("这张图没有泳道：由调用它的那一步的泳道里的人办。")
        : _("这一步不在有角色的泳道里，还没有人办。");
  return [
    make("p", { text: line }),
    lane ? make("button", { type: "button", class: "button work-next", text: _("看泳道“{name}”", { name: where.name || lane.id }), onclick: () => tools.choose(lane) }) : null,
    assignee(about, object, set),
  ].filter(Boolean);
}
