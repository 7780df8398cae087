// What a diagram declares once and its elements name: messages, signals, errors, escalations. A new one is made where it
// is first needed; what is written of one holds wherever it is named.
import { is } from "bpmn-js/lib/util/ModelUtil";

import { advanced, make, select, text } from "./controls.js";
import { changeAll, part } from "./several.js";

const KINDS = {
  "bpmn:Message": { ref: "messageRef", which: _("哪条消息"), fresh: _("新建一条消息"), called: _("消息的名称") },
  "bpmn:Signal": { ref: "signalRef", which: _("哪个信号"), fresh: _("新建一个信号"), called: _("信号的名称") },
  "bpmn:Error": { ref: "errorRef", which: _("哪个错误"), fresh: _("新建一个错误"), called: _("错误的名称"), code: "errorCode" },
  "bpmn:Escalation": {
    ref: "escalationRef",
    which: _("哪个升级"),
    fresh: _("新建一个升级"),
    called: _("升级的名称"),
    code: "escalationCode",
  },
};

function known(tools, type) {
  return tools.modeler.getDefinitions().get("rootElements").filter((one) => is(one, type));
}

function titled(one, code) {
  return code && one[code] && one[code] !== one.name ? _("{name}（{code}）", { name: one.name || one.id, code: one[code] }) : one.name || one.id;
}

/** A name no other of its kind has, so that nobody gets another's message. */
function unused(tools, type, name) {
  const taken = new Set(known(tools, type).map((one) => one.name));
  let number = 1;
  while (taken.has(number > 1 ? `${name}${number}` : name)) number += 1;
  return number > 1 ? `${name}${number}` : name;
}

function add(tools, element, holder, type) {
  const { ref, code } = KINDS[type];
  const definitions = tools.modeler.getDefinitions();
  const bare = { "bpmn:Message": _("新消息"), "bpmn:Signal": _("新信号"), "bpmn:Error": _("新错误"), "bpmn:Escalation": _("新升级") };
  const name = unused(tools, type, element.businessObject.name || bare[type]);
  const made = part(tools, type, { name, ...(code ? { [code]: name } : {}) }, definitions);
  changeAll(tools, element, [
    { object: definitions, properties: { rootElements: [...definitions.get("rootElements"), made] } },
    { object: holder, properties: { [ref]: made } },
  ]);
}

function about(tools, element, type, one, brings) {
  const { called, code } = KINDS[type];
  const change = (properties) => changeAll(tools, element, [{ object: one, properties }]);
  return [
    text(called, one.name, (name) => name && change({ name }), { help: _("改名后，用到它的每一处都跟着改。") }),
    code ? text(_("代码"), one[code], (value) => change({ [code]: value || undefined }), { mono: true, help: _("抛出和接住的两处靠代码对上。") }) : null,
    brings
      ? text(_("带来的内容放进哪个变量"), one.get("tx:payload"), (value) => change({ "tx:payload": value || undefined }), {
          help: _("不写：带来的每个值各成一个变量。"),
          list: tools.variables,
        })
      : null,
    brings && type === "bpmn:Message" && one.get("tx:key")
      ? advanced(_("认领的依据"), false, text("tx:key", one.get("tx:key"), (value) => change({ "tx:key": value || undefined }), { mono: true }))
      : null,
  ];
}

/** Which one `holder` (an event's definition, or a task) names. `any`: nothing chosen means whichever comes. */
export function declaredControls(tools, element, holder, type, { any = "", brings = false, help = "" } = {}) {
  const { ref, which, fresh, code } = KINDS[type];
  const all = known(tools, type);
  const now = holder.get(ref);
  const options = [{ value: "", title: any || _("（没有）") }, ...all.map((one) => ({ value: one.id, title: titled(one, code) }))];
  const choose = (id) => changeAll(tools, element, [{ object: holder, properties: { [ref]: all.find((one) => one.id === id) } }]);
  return [
    select(which, options, now && now.id, choose, help),
    make("button", { type: "button", class: "button", text: fresh, onclick: () => add(tools, element, holder, type) }),
    ...(now ? about(tools, element, type, now, brings) : []),
  ];
}
