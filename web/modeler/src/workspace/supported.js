// Offers only what the engine executes: in the palette, in what can be appended, and in the menu that changes a step.
import { is, isAny } from "bpmn-js/lib/util/ModelUtil";

const KINDS =
  "user-task|manual-task|script-task|service-task|send-task|receive-task|rule-task|call-activity|" +
  "subprocess|expanded-subprocess|transaction|event-subprocess|ad-hoc-subprocess|" +
  "exclusive-gateway|parallel-gateway|inclusive-gateway|event-based-gateway|" +
  "none-start|none-end|(message|signal|escalation|error|compensation|cancel|terminate)-end|" +
  "none-intermediate-throw|none-intermediate-throwing|(message|timer|signal|conditional|link)-intermediate-catch|" +
  "(message|signal|escalation|compensation|link)-intermediate-throw|" +
  "(non-interrupting-)?(message|timer|signal|conditional|escalation)-boundary|(error|compensation|cancel)-boundary|" +
  "sequence-flow|default-flow|conditional-flow";
const STARTS = "(non-interrupting-)?(message|timer|signal|conditional|escalation)-start|(error|compensation)-start";
const MENU = new RegExp(`^(replace-with-(${KINDS}|${STARTS}|data-object-reference|data-store-reference)|toggle-(parallel-mi|sequential-mi|loop|non-interrupting))$`);
const NOT_DRAWN = /participant|create\.group/;
const LOW = 500; // after the providers of bpmn-js

function only(entries, wanted) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
}

const drawn = (entries) => only(entries, (name) => !NOT_DRAWN.test(name));
// What a step's edge can take: who only waits for people never fails, and only what has steps inside is escalated from.
function unfit(element) {
  const left = [];
  if (!is(element.parent, "bpmn:SubProcess")) left.push("(conditional|error|escalation|compensation)-start");
  if (!element.host) return left;
  if (isAny(element.host, ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:ReceiveTask"])) left.push("error-boundary");
  if (!isAny(element.host, ["bpmn:SubProcess", "bpmn:CallActivity"])) left.push("(non-interrupting-)?escalation-boundary");
  return left;
}

function offered(element) {
  const left = new RegExp(`^replace-with-(${unfit(element).join("|") || "nothing"})$`);
  return (entries) => only(entries, (name) => MENU.test(name) && !left.test(name));
}

class Supported {
  constructor(eventBus, palette, contextPad, popupMenu, create, elementFactory, elementRegistry, autoPlace) {
    Object.assign(this, { create, elementFactory, elementRegistry, autoPlace });
    eventBus.on("import.done", () => eventBus.fire("i18n.changed")); // the palette again: is there a pool?
    palette.registerProvider(LOW, this);
    contextPad.registerProvider(LOW, this);
    popupMenu.registerProvider("bpmn-replace", LOW, this);
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.elementFactory.createShape({ type: "bpmn:UserTask" }));
    const task = { group: "activity", className: "bpmn-icon-user-task", title: _("加一步（要人办的）") };
    const hasPool = this.elementRegistry.some((one) => is(one, "bpmn:Participant"));
    return (entries) => {
      const pool = entries["create.participant-expanded"];
      const all = { ...drawn(entries), ...(hasPool ? {} : { "create.participant-expanded": pool }) };
      if (all["create.task"]) all["create.task"] = { ...task, action: { dragstart: start, click: start } };
      return all;
    };
  }

  getContextPadEntries(element) {
    const make = (more) => this.elementFactory.createShape({ type: "bpmn:UserTask", ...more });
    const action = (more) => ({
      click: () => this.autoPlace.append(element, make(more)),
      dragstart: (event) => this.create.start(event, make(more), { source: element }),
    });
    const [append, undo] = [action({}), action({ isForCompensation: true })];
    return (entries) => {
      const all = drawn(entries);
      const found = all["append.append-task"];
      if (found) all["append.append-task"] = { ...found, className: "bpmn-icon-user-task", title: _("接一步（要人办的）"), action: append };
      const undoing = all["append.compensation-activity"];
      if (undoing) all["append.compensation-activity"] = { ...undoing, className: "bpmn-icon-user-task", action: undo };
      return all;
    };
  }

  getPopupMenuEntries(element) {
    return offered(element);
  }

  getPopupMenuHeaderEntries(element) {
    return offered(element);
  }
}

Supported.$inject = ["eventBus", "palette", "contextPad", "popupMenu", "create", "elementFactory", "elementRegistry", "autoPlace"];

export default { __init__: ["supported"], supported: ["type", Supported] };
