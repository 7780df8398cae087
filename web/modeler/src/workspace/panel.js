// The panel beside the diagram: what the selected element says, in groups: who, what is filled in, how long, where next.
import { getBusinessObject, is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { conditionControls } from "./conditions.js";
import { advanced, group, make, select, text } from "./controls.js";
import { eventControls } from "./events.js";
import { formControls } from "./forms.js";
import { limitControls } from "./limits.js";
import { whoControls } from "./who.js";

const NONE = () => ({ value: "", title: _("（没有）") });

function headingOf(element) {
  const named = getBusinessObject(element).name;
  if (is(element, "bpmn:Lane")) return [_("泳道"), named];
  if (is(element, "bpmn:SequenceFlow")) return [_("连线"), named];
  if (is(element, "bpmn:UserTask")) return [_("人办的一步"), named];
  if (is(element, "bpmn:Gateway")) return [_("判断"), named];
  if (is(element, "bpmn:Event")) return [_("事件"), named];
  if (is(element, "bpmn:SubProcess")) return [_("子流程"), named];
  if (is(element, "bpmn:Activity")) return [_("自动的一步"), named];
  return [_("流程"), ""];
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

function automatic(tools, element, object, set) {
  if (is(element, "bpmn:ScriptTask")) {
    return group(_("自动算什么"), text(_("每行一个：名称 = 算式"), object.script, (script) => set({ script, scriptFormat: "feel" }), { lines: 6, mono: true }));
  }
  if (!isAny(element, ["bpmn:ServiceTask", "bpmn:SendTask"])) return null;
  const parts = (object.extensionElements && object.extensionElements.values) || [];
  const given = parts.map((one) => make("li", { class: "work-mono", text: `${one.name} = ${one.value}` }));
  return group(
    _("自动办什么"),
    text(_("动作"), object.get("tx:do"), (value) => set({ "tx:do": value || undefined }), { mono: true }),
    given.length ? advanced(_("送去和取回的值"), false, make("ul", {}, ...given)) : null,
  );
}

function content(tools, element) {
  const object = getBusinessObject(element);
  const set = (properties) => tools.modeler.get("modeling").updateProperties(element, properties);
  const [kind, name] = headingOf(element);
  const heading = make("h2", { text: name || kind }, name ? make("span", { class: "muted small", text: ` ${kind}` }) : null);
  if (!isAny(element, ["bpmn:FlowNode", "bpmn:SequenceFlow", "bpmn:Lane"])) return [hint()];
  const work = isAny(element, ["bpmn:UserTask", "bpmn:ManualTask"]);
  return [
    heading,
    group(_("谁来做"), whoControls(tools, element, object, set)),
    is(element, "bpmn:UserTask") ? group(_("填什么"), formControls(tools, element, object, set)) : null,
    work ? group(_("多久办完"), limitControls(tools, object.get("tx:limit"), (limit) => set({ "tx:limit": limit }))) : null,
    automatic(tools, element, object, set),
    is(element, "bpmn:Event") ? group(_("等什么"), eventControls(tools, element, object)) : null,
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
  let shown = null;

  function show() {
    const focused = panel.contains(document.activeElement) ? [...panel.querySelectorAll("input, select, textarea")].indexOf(document.activeElement) : -1;
    panel.replaceChildren(...(shown ? content(all, shown) : [hint()]).filter(Boolean));
    if (about.read_only) {
      panel.querySelectorAll("input, select, textarea, .work-group button:not(.work-next)").forEach((one) => (one.disabled = true));
    }
    if (focused >= 0) panel.querySelectorAll("input, select, textarea")[focused]?.focus();
  }

  const all = {
    ...tools,
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
