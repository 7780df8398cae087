// How often a step is done: once, for every item of a list, a number of times, or while a condition holds.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

import { advanced, make, select, text } from "./controls.js";
import { changeAll, expression, part } from "./several.js";

const MULTI = "bpmn:MultiInstanceLoopCharacteristics";
const LOOP = "bpmn:StandardLoopCharacteristics";

function kindOf(loop) {
  if (!loop) return "once";
  if (is(loop, LOOP)) return "again";
  return loop.loopCardinality && !loop.get("tx:collection") ? "times" : "each";
}

function begin(tools, element, object, kind) {
  const put = (loop) => tools.modeler.get("modeling").updateProperties(element, { loopCharacteristics: loop });
  if (kind === "once") return put(undefined);
  if (kind === "again") return put(part(tools, LOOP, { loopMaximum: "10" }, object));
  const was = object.loopCharacteristics;
  const made = part(tools, MULTI, { isSequential: Boolean(was && was.isSequential) }, object);
  if (kind === "times") made.loopCardinality = expression(tools, "2", made);
  return put(made);
}

function many(tools, element, loop, kind) {
  const change = (properties) => changeAll(tools, element, [{ object: loop, properties }]);
  const name = (label, key, help) =>
    text(label, loop.get(key), (value) => change({ [key]: value || undefined }), { help, list: tools.variables });
  const body = (key, value) => change({ [key]: expression(tools, value, loop) });
  const lists = tools.about.variables.filter((one) => one.type === "array").map((one) => one.name);
  return [
    kind === "times"
      ? text(_("几次（数字或算式）"), loop.loopCardinality && loop.loopCardinality.body, (value) => body("loopCardinality", value), { mono: true })
      : text(_("对哪个列表（变量或算式）"), loop.get("tx:collection"), (value) => change({ "tx:collection": value || undefined }), {
          mono: true,
          help: lists.length ? _("列表变量有：{names}", { names: lists.join(_("、")) }) : _("例如 reviewers，或 [\"甲\", \"乙\"]。"),
        }),
    select(
      _("先后"),
      [
        { value: "", title: _("同时办") },
        { value: "yes", title: _("一个接一个办") },
      ],
      loop.isSequential ? "yes" : "",
      (value) => change({ isSequential: Boolean(value) }),
    ),
    name(_("这一项叫什么"), "tx:element", _("这一步里用这个名字读到它；不写就是 item。")),
    name(_("各人的回答收进哪个变量"), "tx:output", _("不写就不收；收进去的是一个列表。")),
    advanced(
      _("提前办完"),
      Boolean(loop.completionCondition),
      text(_("够了的条件（FEEL）"), loop.completionCondition && loop.completionCondition.body, (value) => body("completionCondition", value), {
        lines: 2,
        mono: true,
        help: _("例如 numberOfCompletedInstances >= 2：两个人办完就往下走。"),
      }),
    ),
  ];
}

function again(tools, element, loop) {
  const change = (properties) => changeAll(tools, element, [{ object: loop, properties }]);
  return [
    text(_("什么时候再来一次（FEEL）"), loop.loopCondition && loop.loopCondition.body, (value) => change({ loopCondition: expression(tools, value, loop) }), {
      lines: 2,
      mono: true,
      help: _("成立就再办一次；不写就办满最多次数。"),
    }),
    text(_("最多几次"), loop.loopMaximum, (value) => change({ loopMaximum: value || undefined }), { mode: "numeric" }),
    select(
      _("什么时候看条件"),
      [
        { value: "", title: _("办完一次以后再看") },
        { value: "yes", title: _("办以前先看，可能一次也不办") },
      ],
      loop.testBefore ? "yes" : "",
      (value) => change({ testBefore: Boolean(value) }),
    ),
  ];
}

export function loopControls(tools, element) {
  const object = getBusinessObject(element);
  if (!is(element, "bpmn:Activity") || object.triggeredByEvent || object.isForCompensation) return [];
  const loop = object.loopCharacteristics;
  const kind = kindOf(loop);
  const kinds = [
    { value: "once", title: _("一次") },
    { value: "each", title: _("列表里每一项各一次") },
    { value: "times", title: _("固定几次") },
    { value: "again", title: _("条件成立就再来一次") },
  ];
  const controls = [select(_("办几次"), kinds, kind, (chosen) => begin(tools, element, object, chosen))];
  if (kind === "again") controls.push(...again(tools, element, loop));
  else if (kind !== "once") controls.push(...many(tools, element, loop, kind));
  return controls.concat(kind === "once" ? [] : make("p", { class: "help", text: _("每一次都能读到 loopCounter：第几次。") }));
}
