// The panel beside the diagram: what the selected element says, in groups: who, what is filled in, how long, where next.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { automatic } from "./actions.js";
import { conditionControls } from "./conditions.js";
import { group, make, select, text } from "./controls.js";
import { eventControls } from "./events.js";
import { formControls } from "./forms.js";
import { limitControls } from "./limits.js";
import { loopControls } from "./loops.js";
import { pauseControls } from "./pauses.js";
import { dataControls, scopeControls } from "./scopes.js";
import { whoControls } from "./who.js";

const DATA = ["bpmn:DataObjectReference", "bpmn:DataStoreReference"];
const SHOWN = ["bpmn:FlowNode", "bpmn:SequenceFlow", "bpmn:Lane", ...DATA];
const NONE = () => ({ value: "", title: _("（没有）") });

const KINDS = [
  ["bpmn:Lane", _("泳道")],
  ["bpmn:SequenceFlow", _("连线")],
  ["bpmn:UserTask", _("人办的一步")],
  ["bpmn:ManualTask", _("线下办的一步")],
  ["bpmn:BusinessRuleTask", _("按决策表判断")],
  ["bpmn:CallActivity", _("调用另一个流程")],
  ["bpmn:ReceiveTask", _("等一条消息")],
  ["bpmn:SendTask", _("发出一条消息")],
  ["bpmn:Gateway", _("判断")],
  ["bpmn:Event", _("事件")],
  ["bpmn:Transaction", _("事务")],
  ["bpmn:AdHocSubProcess", _("不分先后的几步")],
  ["bpmn:SubProcess", _("子流程")],
  ["bpmn:Task", _("自动的一步")],
  ["bpmn:DataObjectReference", _("数据对象")],
  ["bpmn:DataStoreReference", _("数据存储")],
];

function headingOf(element) {
  const [, kind] = KINDS.find(([type]) => is(element, type)) || ["", _("流程")];
  return [kind, getBusinessObject(element).name];
}

function documentation(tools, element, object) {
  const now = (object.documentation || [])[0];
  const change = (value) => {
    const made = value ? [tools.modeler.get("bpmnFactory").create("bpmn:Documentation", { text: value })] : [];
    tools.modeler.get("modeling").updateProperties(element, { documentation: made });
  };
  return text(_("备注"), now && now.text, change, { lines: 2, help: _("写给改流程的人看。") });
}

function naming(tools, element, object, set) {
  const { about } = tools;
  const stages = [NONE(), ...about.stages.map((one) => ({ value: one, title: one }))];
  return group(
    _("名称"),
    text(_("名称"), object.name, (value) => tools.modeler.get("modeling").updateLabel(element, value), { lines: 1 }),
    isAny(element, ["bpmn:UserTask", "bpmn:ManualTask"])
      ? text(_("办的人看到的标题（算式）"), object.get("tx:title"), (value) => set({ "tx:title": value || undefined }), {
          mono: true,
          help: _("例如 \"核实：\" + what。空着就用名称。"),
        })
      : null,
    is(element, "bpmn:FlowNode") && about.stages.length
      ? select(_("居民看到的阶段"), stages, object.get("tx:publicName"), (value) => set({ "tx:publicName": value || undefined }))
      : null,
    documentation(tools, element, object),
  );
}

function condition(tools, element, object) {
  const source = element.source && getBusinessObject(element.source);
  if (!source || !isAny(element.source, ["bpmn:Gateway", "bpmn:Activity"])) return null;
  if (isAny(element.source, ["bpmn:ParallelGateway", "bpmn:EventBasedGateway"])) return null;
  if (source.default === object) {
    return group(_("什么时候走这条"), make("p", { text: _("其他情况都走这条。") }));
  }
  const expression = object.conditionExpression;
  const change = (body) => {
    const factory = tools.modeler.get("bpmnFactory");
    const made = body ? factory.create("bpmn:FormalExpression", { body }) : undefined;
    tools.modeler.get("modeling").updateProperties(element, { conditionExpression: made });
  };
  return group(_("什么时候走这条"), conditionControls(tools.about, expression && expression.body, change));
}

function next(tools, element) {
  const flows = (element.outgoing || []).filter((one) => is(one, "bpmn:SequenceFlow"));
  const lines = flows.map((flow) => {
    const target = getBusinessObject(flow.target);
    const said = [flow.businessObject.name, target.name || _("下一步")].filter(Boolean).join(" → ");
    return make("button", { type: "button", class: "button work-next", text: said, onclick: () => tools.choose(flow) });
  });
  return group(_("之后去哪"), lines);
}

function content(tools, element) {
  const object = getBusinessObject(element);
  const set = (properties) => tools.modeler.get("modeling").updateProperties(element, properties);
  const [kind, name] = headingOf(element);
  const heading = make("h2", { text: name || kind }, name ? make("span", { class: "muted small", text: ` ${kind}` }) : null);
  if (!isAny(element, SHOWN)) return [hint()];
  if (isAny(element, DATA)) return [heading, dataControls(tools, element, object)];
  const work = isAny(element, ["bpmn:UserTask", "bpmn:ManualTask"]);
  return [
    heading,
    group(_("谁来做"), whoControls(tools, element, object, set)),
    is(element, "bpmn:UserTask") ? group(_("填什么"), formControls(tools, element, object, set)) : null,
    work ? group(_("多久办完"), limitControls(tools, object.get("tx:limit"), (limit) => set({ "tx:limit": limit }))) : null,
    group(_("停表"), pauseControls(tools, element, object, set)),
    automatic(tools, element, object, set),
    scopeControls(tools, element, object),
    is(element, "bpmn:Event") ? eventControls(tools, element, object) : null,
    group(_("办几次"), loopControls(tools, element)),
    is(element, "bpmn:SequenceFlow") ? condition(tools, element, object) : next(tools, element),
    naming(tools, element, object, set),
  ];
}

function hint() {
  return make("p", { class: "muted", text: _("点一下图上的步骤、连线或泳道，这里就显示谁来做、填什么、多久办完、之后去哪。") });
}

export function showPanel(tools) {
  const { modeler, desk, about } = tools;
  const panel = desk.querySelector("[data-panel]");
  const names = make("datalist", { id: "variables" }, ...about.variables.map((one) => make("option", { value: one.name, text: one.title })));
  let shown = null;

  function show() {
    const focused = panel.contains(document.activeElement) ? [...panel.querySelectorAll("input, select, textarea")].indexOf(document.activeElement) : -1;
    panel.replaceChildren(...(shown ? content(all, shown) : [hint()]).filter(Boolean), names);
    if (about.read_only) {
      panel.querySelectorAll("input, select, textarea, .work-group button:not(.work-next)").forEach((one) => (one.disabled = true));
    }
    if (focused >= 0) panel.querySelectorAll("input, select, textarea")[focused]?.focus();
  }

  const all = {
    ...tools,
    variables: names.id, // the names that a variable's field suggests
    choose: (element) => {
      const selection = modeler.get("selection", false);
      if (selection) selection.select(element);
      shown = element;
      show();
    },
  };
  modeler.on("selection.changed", ({ newSelection }) => {
    shown = newSelection.length === 1 ? newSelection[0] : null;
    show();
  });
  modeler.on("element.click", ({ element }) => {
    if (about.read_only) all.choose(element);
  });
  modeler.on("elements.changed", ({ elements }) => {
    if (shown && elements.includes(shown)) show();
  });
  show();
}
