// Offers only what the engine executes: in the palette, in what can be appended, and in the menu that changes a step.
const KINDS =
  "user-task|manual-task|script-task|service-task|send-task|receive-task|subprocess|expanded-subprocess|" +
  "exclusive-gateway|parallel-gateway|inclusive-gateway|event-based-gateway|" +
  "none-start|none-end|terminate-end|error-end|none-intermediate-throw|none-intermediate-throwing|" +
  "message-intermediate-catch|timer-intermediate-catch|(non-interrupting-)?(message|timer)-boundary|error-boundary|" +
  "sequence-flow|default-flow|conditional-flow";
const MENU = new RegExp(`^(replace-with-(${KINDS})|toggle-(parallel|sequential)-mi|toggle-non-interrupting)$`);
const NOT_DRAWN = /data-object|data-store|participant|create\.group|condition|signal|compensation/;
const LOW = 500; // after the providers of bpmn-js

function only(entries, wanted) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
}

const drawn = (entries) => only(entries, (name) => !NOT_DRAWN.test(name));
const offered = (entries) => only(entries, (name) => MENU.test(name));

class Supported {
  constructor(palette, contextPad, popupMenu, create, elementFactory, autoPlace) {
    Object.assign(this, { create, elementFactory, autoPlace });
    palette.registerProvider(LOW, this);
    contextPad.registerProvider(LOW, this);
    popupMenu.registerProvider("bpmn-replace", LOW, this);
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.elementFactory.createShape({ type: "bpmn:UserTask" }));
    const task = { group: "activity", className: "bpmn-icon-user-task", title: _("加一步（要人办的）") };
    return (entries) => {
      const all = drawn(entries);
      if (all["create.task"]) all["create.task"] = { ...task, action: { dragstart: start, click: start } };
      return all;
    };
  }

  getContextPadEntries(element) {
    const make = () => this.elementFactory.createShape({ type: "bpmn:UserTask" });
    const append = {
      click: () => this.autoPlace.append(element, make()),
      dragstart: (event) => this.create.start(event, make(), { source: element }),
    };
    return (entries) => {
      const all = drawn(entries);
      const found = all["append.append-task"];
      if (found) all["append.append-task"] = { ...found, className: "bpmn-icon-user-task", title: _("接一步（要人办的）"), action: append };
      return all;
    };
  }

  getPopupMenuEntries() {
    return offered;
  }

  getPopupMenuHeaderEntries() {
    return offered;
  }
}

Supported.$inject = ["palette", "contextPad", "popupMenu", "create", "elementFactory", "autoPlace"];

export default { __init__: ["supported"], supported: ["type", Supported] };
