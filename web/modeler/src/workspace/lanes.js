// A step inside a subprocess belongs to the lane it is drawn in: bpmn-js keeps lanes of the outermost steps only.
// Derived from the drawing after every change, so undo needs nothing of its own. What nobody moved stays as it was.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

const FIRST = 2000; // before the panel shows it

function holds(lane, shape) {
  const [x, y] = [shape.x + shape.width / 2, shape.y + shape.height / 2];
  return x >= lane.x && x <= lane.x + lane.width && y >= lane.y && y <= lane.y + lane.height;
}

function refs(lane) {
  return getBusinessObject(lane).get("flowNodeRef");
}

function drop(lane, object) {
  const at = refs(lane).indexOf(object);
  if (at >= 0) refs(lane).splice(at, 1);
}

class NestedLanes {
  constructor(eventBus, elementRegistry) {
    this.registry = elementRegistry;
    this.places = new Map();
    eventBus.on("import.done", () => this.nested().forEach((one) => this.places.set(one.id, this.place(one))));
    eventBus.on(["elements.changed", "commandStack.changed"], FIRST, () => this.update());
  }

  nested() {
    return this.registry.filter((one) => is(one, "bpmn:FlowNode") && !one.labelTarget && is(one.parent, "bpmn:SubProcess"));
  }

  place(shape) {
    return [shape.x, shape.y, shape.width, shape.height, shape.parent.id].join(" ");
  }

  update() {
    const lanes = this.registry.filter((one) => is(one, "bpmn:Lane"));
    lanes.forEach((lane) => refs(lane).filter((one) => !this.registry.get(one.id)).forEach((one) => drop(lane, one)));
    this.nested().forEach((shape) => {
      const object = getBusinessObject(shape);
      const known = this.places.get(shape.id) === this.place(shape) && lanes.some((lane) => refs(lane).includes(object));
      if (!known) this.settle(shape, object, lanes);
    });
  }

  settle(shape, object, lanes) {
    const [home] = lanes.filter((lane) => holds(lane, shape)).sort((one, two) => one.height - two.height);
    lanes.forEach((lane) => drop(lane, object));
    if (home) refs(home).push(object);
    this.places.set(shape.id, this.place(shape));
  }
}

NestedLanes.$inject = ["eventBus", "elementRegistry"];

export default { __init__: ["nestedLanes"], nestedLanes: ["type", NestedLanes] };
