// The check: asks the server about the saved draft, lists what it finds and marks it on the diagram.
import { is } from "bpmn-js/lib/util/ModelUtil";

function mark(modeler, problem) {
  const overlays = modeler.get("overlays");
  const element = modeler.get("elementRegistry").get(problem.element);
  if (!element || is(element, "bpmn:Process")) return;
  const badge = document.createElement("span");
  badge.className = `work-mark work-mark-${problem.severity}`;
  badge.textContent = problem.severity === "error" ? "!" : "?";
  badge.title = problem.message;
  modeler.get("canvas").addMarker(element, `work-${problem.severity}`);
  overlays.add(element, "check", { position: { top: -14, right: 14 }, html: badge });
}

function unmark(modeler) {
  modeler.get("overlays").remove({ type: "check" });
  modeler.get("elementRegistry").forEach((element) => {
    ["work-error", "work-warning"].forEach((name) => modeler.get("canvas").removeMarker(element, name));
  });
}

function plain(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function show(modeler, problem) {
  const element = modeler.get("elementRegistry").get(problem.element);
  modeler.get("canvas").scrollToElement(element);
  modeler.get("selection").select(element);
}

function line(modeler, problem) {
  const item = document.createElement("li");
  const chip = document.createElement("span");
  const error = problem.severity === "error";
  chip.className = `chip ${error ? "chip-overdue" : "chip-soon"}`;
  chip.textContent = error ? _("错误") : _("提醒");
  const here = modeler && modeler.get("elementRegistry").get(problem.element);
  const where = document.createElement(here ? "button" : "a");
  where.textContent = problem.where || _("流程图");
  if (!here) where.href = problem.link;
  else {
    where.type = "button";
    where.className = "link-button";
    where.addEventListener("click", () => show(modeler, problem));
  }
  item.append(chip, " ", where, " ", problem.message);
  return item;
}

export function addChecks({ about, modeler, desk, saving }) {
  const box = desk.querySelector("[data-problems]");
  const list = box && box.querySelector("ul");
  const check = desk.querySelector('[data-do="check"]');
  const publish = desk.querySelector('[data-do="publish"]');
  if (!box) return;

  async function run() {
    if (saving && !(await saving.flush())) return;
    const answer = await fetch(`${about.url}/findings`, { headers: { Accept: "application/json" } }).catch(() => null);
    box.hidden = false;
    if (!answer || !answer.ok) {
      list.replaceChildren(plain(_("没有检查成，请稍后再试。")));
      return;
    }
    const { problems } = await answer.json();
    const own = problems.map((one) => (one.diagram === about.file ? one : { ...one, element: "" }));
    if (modeler) {
      unmark(modeler);
      own.forEach((one) => mark(modeler, one));
    }
    const lines = own.map((one) => line(modeler, one));
    list.replaceChildren(...(lines.length ? lines : [plain(_("没有问题，可以发布。"))]));
    box.querySelector("h2").focus();
  }

  check.addEventListener("click", run);
  publish.addEventListener("click", async (event) => {
    if (!saving) return;
    event.preventDefault();
    if (await saving.flush()) location.href = publish.href;
  });
}
