// Keeps the picture of what is not drawn here, such as a process beside the pools: saving writes only what is drawn.
import { getDi } from "bpmn-js/lib/util/ModelUtil";

const BEFORE = 2500; // the order of what is drawn is written at 2000
const AFTER = 1500;

class Kept {
  constructor(eventBus, canvas, elementRegistry) {
    let had = new Map(); // plane -> all that was in it
    const planes = () => canvas.getRootElements().map(getDi);
    eventBus.on("saveXML.start", BEFORE, () => {
      had = new Map(planes().map((plane) => [plane, [...plane.get("planeElement")]]));
    });
    eventBus.on("saveXML.start", AFTER, () => {
      had.forEach((before, plane) => {
        const drawn = plane.get("planeElement");
        const undrawn = ({ bpmnElement }) => bpmnElement && !elementRegistry.get(bpmnElement.id);
        plane.set("planeElement", [...drawn, ...before.filter((one) => !drawn.includes(one) && undrawn(one))]);
      });
    });
  }
}

Kept.$inject = ["eventBus", "canvas", "elementRegistry"];

export default { __init__: ["keptPicture"], keptPicture: ["type", Kept] };
