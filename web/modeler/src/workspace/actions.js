// Steps that nobody does by hand: a computation, an action, a message, a decision, another procedure.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { callControls } from "./calls.js";
import { group, make, select, text } from "./controls.js";
import { declaredControls } from "./declared.js";
import { sent, taken, valueRows } from "./values.js";

function script(tools, element, object, set) {
  const change = (value) => set({ script: value, scriptFormat: "feel" });
  return group(_("自动算什么"), text(_("每行一个：名称 = 算式"), object.script, change, { lines: 6, mono: true }));
}

function service(tools, element, object, set) {
  const mayMessage = is(element, "bpmn:SendTask");
  const message = mayMessage && (object.messageRef || !object.get("tx:do"));
  return group(
    _("自动办什么"),
    message ? declaredControls(tools, element, object, "bpmn:Message", { help: _("送给等这条消息的事项；要调外部系统，就改写动作。") }) : null,
    message && object.messageRef
      ? null
      : text(_("动作"), object.get("tx:do"), (value) => set({ "tx:do": value || undefined }), { mono: true, help: _("平台的动作或外部系统的名称，例如 platform.merge。") }),
    valueRows(tools, element, object, "tx:Input", sent(""), { names: "none" }),
    message && object.messageRef ? null : valueRows(tools, element, object, "tx:Output", taken(_("算式里 result 是对方送回的内容。"))),
  );
}

function receive(tools, element, object) {
  return group(_("等什么"), declaredControls(tools, element, object, "bpmn:Message", { brings: true }));
}

function fresh(tools, element, object, set, said) {
  return async () => {
    if (!(await tools.saving.flush())) return;
    const title = object.name || _("判断规则");
    const result = object.get("tx:result") || "";
    const answer = await tools.post("/decisions", { title, result }).catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (!answer || !answer.ok) {
      said.textContent = (told && told.message) || _("没有建成，请稍后再试。");
      return;
    }
    tools.adopt("/decisions", told);
    set({ "tx:decision": told.decision, "tx:result": result || told.result });
    await tools.saving.flush();
    location.href = told.url;
  };
}

function decision(tools, element, object, set) {
  const { about } = tools;
  const now = object.get("tx:decision");
  const chosen = about.decisions.find((one) => one.name === now);
  const options = [{ value: "", title: _("（没有）") }, ...about.decisions.map((one) => ({ value: one.name, title: one.name }))];
  const said = make("p", { class: "field-error", role: "alert" });
  return group(
    _("按什么判断"),
    select(_("哪个决策"), options, now, (value) => set({ "tx:decision": value || undefined })),
    chosen && chosen.reads ? make("p", { class: "help", text: _("它要读：{names}", { names: chosen.reads }) }) : null,
    chosen ? make("a", { class: "button", href: chosen.url, text: _("打开决策表") }) : null,
    make("button", { type: "button", class: "button", text: _("新建一张决策表"), onclick: fresh(tools, element, object, set, said) }),
    said,
    text(_("结果放进哪个变量"), object.get("tx:result"), (value) => set({ "tx:result": value || undefined }), { list: tools.variables }),
  );
}

export function automatic(tools, element, object, set) {
  if (is(element, "bpmn:ScriptTask")) return script(tools, element, object, set);
  if (isAny(element, ["bpmn:ServiceTask", "bpmn:SendTask"])) return service(tools, element, object, set);
  if (is(element, "bpmn:ReceiveTask")) return receive(tools, element, object);
  if (is(element, "bpmn:BusinessRuleTask")) return decision(tools, element, object, set);
  return is(element, "bpmn:CallActivity") ? callControls(tools, element, object, set) : null;
}
