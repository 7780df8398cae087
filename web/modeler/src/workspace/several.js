// Several changes as one step to undo: a new message, and the event that waits for it.
function Several(modeling) {
  this.modeling = modeling;
}

Several.$inject = ["modeling"];

Several.prototype.preExecute = function ({ element, changes }) {
  changes.forEach(({ object, properties }) => this.modeling.updateModdleProperties(element, object, properties));
};

function register(commandStack) {
  commandStack.registerHandler("tongxin.several", Several);
}

register.$inject = ["commandStack"];

/** `changes`: {object, properties}, carried out in this order. */
export function changeAll(tools, element, changes) {
  tools.modeler.get("commandStack").execute("tongxin.several", { element, changes });
}

/** A new part of the diagram that knows what it belongs to. */
export function part(tools, type, properties, parent) {
  const made = tools.modeler.get("bpmnFactory").create(type, properties);
  made.$parent = parent;
  return made;
}

/** An expression as a part of `parent`; nothing for an empty one. */
export function expression(tools, body, parent) {
  return body ? part(tools, "bpmn:FormalExpression", { body }, parent) : undefined;
}

export default { __init__: [register] };
