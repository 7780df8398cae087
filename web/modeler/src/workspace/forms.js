// What a step asks: one of the procedure's forms, or a new one. The diagram only names the form.
import { make, select } from "./controls.js";

async function fresh(tools, object, set, said) {
  const title = object.name ? _("请{name}", { name: object.name }) : _("请填写");
  if (!(await tools.saving.flush())) return;
  const answer = await tools.post("/forms", { title }).catch(() => null);
  if (!answer || !answer.ok) {
    said.textContent = _("没有建成，请稍后再试。");
    return;
  }
  const form = await answer.json();
  tools.adopt("/forms", form);
  tools.about.forms.push({ name: form.name, title: form.title });
  set({ "tx:form": form.name });
  await tools.saving.flush();
  location.href = `${tools.about.url}/forms/${encodeURIComponent(form.name)}`;
}

export function formControls(tools, element, object, set) {
  const { about } = tools;
  const now = object.get("tx:form");
  const options = [
    { value: "", title: _("不填，只点办完") },
    ...about.forms.map((one) => ({ value: one.name, title: one.title })),
  ];
  const said = make("p", { class: "field-error", role: "alert" });
  return [
    select(_("表单"), options, now, (value) => set({ "tx:form": value || undefined }), _("改步骤的名称，表单照样跟着它。")),
    now ? make("a", { class: "button", href: `${about.url}/forms/${encodeURIComponent(now)}`, text: _("改这张表单") }) : null,
    make("button", { type: "button", class: "button", text: _("新建一张表单"), onclick: () => fresh(tools, object, set, said) }),
    said,
  ].filter(Boolean);
}
