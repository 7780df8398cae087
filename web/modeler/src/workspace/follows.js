// A form follows its task: renaming and copying keep it by themselves; a task changed into another kind and back finds
// the form (and assignee, limit) it had. The form's file is never touched by the diagram.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

const OURS = ["tx:form", "tx:assignee", "tx:limit"];
const LATE = 400;

class Follows {
  constructor(eventBus, modeling) {
    this.had = new Map(); // id of the task -> what it had
    eventBus.on("commandStack.shape.replace.preExecute", (event) => this.remember(event.context.oldShape));
    eventBus.on("commandStack.shape.replace.postExecuted", LATE, (event) => {
      const { oldShape, newShape } = event.context;
      if (!is(newShape, "bpmn:UserTask")) return;
      const had = this.had.get(oldShape.id) || this.had.get(newShape.id) || {};
      const task = getBusinessObject(newShape);
      const lost = Object.fromEntries(Object.entries(had).filter(([name]) => !task.get(name)));
      if (Object.keys(lost).length) modeling.updateProperties(newShape, lost);
    });
  }

  remember(shape) {
    if (!is(shape, "bpmn:UserTask")) return;
    const task = getBusinessObject(shape);
    this.had.set(shape.id, Object.fromEntries(OURS.map((name) => [name, task.get(name)]).filter(([, value]) => value)));
  }
}

Follows.$inject = ["eventBus", "modeling"];

export default { __init__: ["formFollows"], formFollows: ["type", Follows] };
