// Subprocesses, transactions and what is done in any order; data objects and stores.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";

import { group, make, text } from "./controls.js";
import { changeAll, expression } from "./several.js";

function line(said) {
  return make("p", { class: "help", text: said });
}

export function scopeControls(tools, element, object) {
  if (is(element, "bpmn:AdHocSubProcess")) {
    const now = object.completionCondition && object.completionCondition.body;
    const change = (value) => changeAll(tools, element, [{ object, properties: { completionCondition: expression(tools, value, object) } }]);
    return group(
      _("什么时候算办完"),
      line(_("里面的步骤不分先后，谁先办都行。每办完一步看一次条件，成立就往下走。")),
      text(_("办完的条件（FEEL）"), now, change, { lines: 2, mono: true }),
    );
  }
  if (is(element, "bpmn:Transaction")) return group(_("事务"), line(_("里面到了“取消”的结束，已办的步骤按补偿的办法退回，再走边上的取消事件。")));
  if (object.triggeredByEvent) return group(_("事件子流程"), line(_("不用线连：它的开始事件发生时才办。")));
  return null;
}

/** A data object is the variable of its name; a store is kept over all cases. */
export function dataControls(tools, element, object) {
  if (!isAny(element, ["bpmn:DataObjectReference", "bpmn:DataStoreReference"])) return null;
  const change = (value) => tools.modeler.get("modeling").updateLabel(element, value);
  const store = is(element, "bpmn:DataStoreReference");
  return group(
    store ? _("数据存储") : _("数据对象"),
    text(_("变量的名称"), object.name, change, { list: tools.variables, help: _("文字、数字和下划线，以文字开头；不是变量名的只是图上的说明。") }),
    line(store ? _("所有事项共用，办结后还在。") : _("画在子流程里的，只在那个子流程里有。")),
  );
}
