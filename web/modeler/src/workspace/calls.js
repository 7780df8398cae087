// A call activity: which diagram of the folder it calls, what that one is given and what is taken back.
import { group, make, select } from "./controls.js";
import { sent, taken, valueRows } from "./values.js";

function fresh(tools, object, set, said) {
  return async () => {
    if (!(await tools.saving.flush())) return;
    const answer = await tools.post("/diagrams", { title: object.name || _("被调用的流程") }).catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (!answer || !answer.ok) {
      said.textContent = (told && told.message) || _("没有建成，请稍后再试。");
      return;
    }
    tools.adopt("/diagrams", told);
    set({ calledElement: told.name });
    await tools.saving.flush();
    location.href = told.url;
  };
}

export function callControls(tools, element, object, set) {
  const { about } = tools;
  const now = (object.calledElement || "").split(":").pop();
  const others = about.diagrams.filter((one) => one.name !== about.diagram && one.name);
  const chosen = about.diagrams.find((one) => one.name && one.name === now);
  const options = [{ value: "", title: _("（没有）") }, ...others.map((one) => ({ value: one.name, title: one.title }))];
  const said = make("p", { class: "field-error", role: "alert" });
  return group(
    _("调用哪个流程"),
    select(_("流程"), options, now, (value) => set({ calledElement: value || undefined })),
    chosen && chosen.url ? make("a", { class: "button", href: chosen.url, text: _("打开这张图") }) : null,
    make("button", { type: "button", class: "button", text: _("新建被调用的流程"), onclick: fresh(tools, object, set, said) }),
    said,
    valueRows(tools, element, object, "tx:Input", {
      ...sent(_("被调用的流程只知道这里给它的。")),
      name: _("在那边叫什么"),
    }),
    valueRows(tools, element, object, "tx:Output", taken(_("办完后取回；算式读那边的变量。"))),
  );
}
