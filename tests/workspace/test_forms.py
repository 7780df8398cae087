"""Forms and parameters changed in plain inputs: what is written passes the check, and nothing else changes."""

import html
import re
from typing import Any

import pytest

from tests.fixtures import World
from tests.procedures.packages import orders
from tests.workspace.owners import (
    PLACE,
    as_it_stands,
    owner,
    read,
    renamed,
    save_diagram,
    save_file,
    second_owner,
    seen,
)
from tongxin.workspace import checking, differences, form_editing, lengths


def fields(world: World, **more: Any) -> dict[str, Any]:
    """The form 接单 as its page sends it, unchanged."""
    helps = {
        f"help.{name}": own["x-help"]
        for name, own in read(world, "forms/accept.json")["properties"].items()
        if "x-help" in own
    }
    return {
        **seen(world),
        "title": "请接单，接不了请说原因",
        "field": ["dispatch_note", "answer", "refusal_reason"],
        "required": ["answer", "refusal_reason"],
        "read_only": ["dispatch_note"],
        **helps,
        **more,
    }


def save(world: World, **more: Any) -> Any:
    return owner(world).post(f"{PLACE}/forms/accept", fields(world, **more))


def test_saved_unchanged_it_says_the_same(world: World) -> None:
    before = read(world, "forms/accept.json")
    assert save(world).status_code == 303
    assert read(world, "forms/accept.json") == before
    assert as_it_stands(world).package["data.json"] == orders()["data.json"]


def test_a_new_field_is_declared_and_asked(world: World) -> None:
    given = {"new_title": "回访 结果？", "new_kind": "choice", "new_options": "满意\n不满意\n满意\n"}
    assert save(world, **given).status_code == 303
    assert read(world, "data.json")["properties"]["回访结果"] == {
        "type": "string",
        "title": "回访 结果？",
        "enum": ["满意", "不满意"],
    }
    assert list(read(world, "forms/accept.json")["properties"])[-1] == "回访结果"
    assert checking.findings(as_it_stands(world).package) == ()


@pytest.mark.parametrize("kind", form_editing.KINDS)
def test_every_kind_passes_the_check(world: World, kind: str) -> None:
    given = {"new_title": "新的", "new_kind": kind, "new_options": "甲\n乙", "new_role": "party_member"}
    assert save(world, **given).status_code == 303
    assert checking.findings(as_it_stands(world).package) == ()


def test_order_ticks_help_and_removal(world: World) -> None:
    more = {"move": "up refusal_reason", "required": ["answer"], "help.answer": "想好再点。", "remove": "dispatch_note"}
    assert save(world, **more).status_code == 303
    form = read(world, "forms/accept.json")
    assert list(form["properties"]) == ["refusal_reason", "answer"]
    assert (form["required"], form["properties"]["answer"]["x-help"]) == (["answer"], "想好再点。")
    assert form["properties"]["refusal_reason"]["x-visible"] == 'answer = "refuse"'  # kept


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": " "}, "请写表单的标题"),
        ({"new_title": "选", "new_kind": "choice", "new_options": "只有一个"}, "至少两个"),
        ({"new_title": "人", "new_kind": "person"}, "从哪个岗位"),
        ({"new_title": "怪", "new_kind": "strange"}, "请选新字段填什么"),
        ({"add": "nothing"}, "没有这个字段"),
    ],
)
def test_what_makes_no_form_is_said_and_kept_on_the_page(world: World, more: dict[str, Any], said: str) -> None:
    answer = save(world, **more, submit="好了")
    assert (answer.status_code, said in answer.text, 'value="好了"' in answer.text) == (422, True, True)
    assert as_it_stands(world).draft is None


def shown(world: World, form: str = "accept", **more: Any) -> dict[str, Any]:
    """That form as its page shows it, its rules too."""
    package = as_it_stands(world).package
    content = form_editing.read(package, form)
    sent: dict[str, Any] = {**seen(world), "title": content["title"], "submit": content.get("x-submit", "")}
    rows = form_editing.rows(package, form)
    sent |= {"field": [row.name for row in rows], "required": [row.name for row in rows if row.required]}
    sent["read_only"] = [row.name for row in rows if row.read_only]
    for row in rows:
        rules, lines = row.rules, row.rules.open_lines
        sent |= {
            f"help.{row.name}": row.help,
            f"when.{row.name}": rules.when,
            f"joined.{row.name}": "any" if rules.any_of else "all",
            f"subject.{row.name}": [line.subject for line in lines],
            f"comparison.{row.name}": [line.comparison for line in lines],
            f"value.{row.name}": [line.value for line in lines],
            f"condition.{row.name}": rules.condition,
            f"fill.{row.name}": rules.fill,
            f"formula.{row.name}": rules.formula,
            f"source.{row.name}": rules.source,
        }
    return {**sent, **more}


def write_form(world: World, **own: Any) -> None:
    """The form 接单 with these keys on its reason for a refusal."""
    content = read(world, "forms/accept.json")
    content["properties"]["refusal_reason"] |= own
    assert save_file(owner(world), world, "forms/accept.json", form_editing.written(content)).status_code == 303


def reason(world: World) -> dict[str, Any]:
    found: dict[str, Any] = read(world, "forms/accept.json")["properties"]["refusal_reason"]
    return found


FORMS = sorted(path[6:-5] for path in orders() if path.startswith("forms/"))


@pytest.mark.parametrize("form", FORMS)
def test_rules_saved_unchanged_are_the_same(world: World, form: str) -> None:
    before = read(world, f"forms/{form}.json")
    assert owner(world).post(f"{PLACE}/forms/{form}", shown(world, form)).status_code == 303
    assert read(world, f"forms/{form}.json") == {"required": [], **before}


def test_rows_are_written_as_a_condition(world: World) -> None:
    rows = {
        "when.refusal_reason": "rows",
        "joined.refusal_reason": "any",
        "subject.refusal_reason": ["answer", "urgent", "", "case.by_staff"],
        "comparison.refusal_reason": ["=", "!=", "=", "="],
        "value.refusal_reason": ["接不了", "是", " ", "否"],
    }
    assert owner(world).post(f"{PLACE}/forms/accept", shown(world, **rows)).status_code == 303
    assert reason(world)["x-visible"] == 'answer = "refuse" or urgent != true or case.by_staff = false'
    assert checking.findings(as_it_stands(world).package) == ()
    page = owner(world).get(f"{PLACE}/forms/accept").text
    assert "“接不接”是“接不了”，或者“是否紧急”不是“是”，或者“工作人员代报的”是“否”" in page
    assert page.count('name="subject.refusal_reason"') == 4  # room for one more


def test_always_takes_the_condition_away(world: World) -> None:
    assert (
        owner(world).post(f"{PLACE}/forms/accept", shown(world, **{"when.refusal_reason": "always"})).status_code == 303
    )
    assert "x-visible" not in reason(world)


@pytest.mark.parametrize("key", ["x-visible", "x-value", "x-prefill"])
@pytest.mark.parametrize("formula", ["not(urgent)", "  if urgent\n  then dispatch_note\n  else what ", "= urgent"])
def test_a_formula_that_is_no_rows_is_left_alone(world: World, key: str, formula: str) -> None:
    write_form(world, **{key: formula})
    before = reason(world)
    sent = shown(world, submit="好")
    sent["condition.refusal_reason"] = sent["condition.refusal_reason"].replace("\n", "\r\n")  # as browsers send it
    sent["formula.refusal_reason"] = sent["formula.refusal_reason"].replace("\n", "\r\n")
    assert owner(world).post(f"{PLACE}/forms/accept", sent).status_code == 303
    assert reason(world) == before


def test_who_fills_it_is_one_of_three(world: World) -> None:
    me = owner(world)
    given = {
        "fill.refusal_reason": "prefill",
        "formula.refusal_reason": "dispatch_note",
        "source.refusal_reason": "派单",
    }
    assert me.post(f"{PLACE}/forms/accept", shown(world, **given)).status_code == 303
    assert (reason(world)["x-prefill"], reason(world)["x-source"]) == ("dispatch_note", "派单")
    assert me.post(f"{PLACE}/forms/accept", shown(world, **{"fill.refusal_reason": "value"})).status_code == 303
    assert reason(world)["x-value"] == "dispatch_note"
    assert not reason(world).keys() & {"x-prefill", "x-source"}
    assert checking.findings(as_it_stands(world).package) == ()
    assert me.post(f"{PLACE}/forms/accept", shown(world, **{"fill.refusal_reason": "person"})).status_code == 303
    assert not reason(world).keys() & {"x-prefill", "x-source", "x-value"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"when": "rows", "value": "也许"}, "第 1 个条件：“接不接”没有“也许”，可以填："),
        ({"when": "rows", "subject": "", "value": "接不了"}, "第 1 个条件：请选字段"),
        ({"when": "rows", "subject": "nothing"}, "第 1 个条件：请选字段"),
        ({"when": "rows", "comparison": "~"}, "请选怎么比较"),
        ({"when": "rows", "comparison": ">"}, "大于、小于只用于数字和日期"),
        ({"when": "rows", "subject": "member"}, "“派给谁”只能看填了没有"),
        ({"when": "rows", "value": " "}, "第 1 个条件：请填值"),
        ({"when": "rows", "subject": "", "value": ""}, "请至少写一个条件"),
        ({"when": "always", "value": "接了"}, "请选“满足条件时”"),
        ({"when": "sometimes"}, "请选这个字段什么时候显示"),
        ({"when": "formula", "condition": "urgent = "}, "算式不对："),
        ({"when": "formula", "condition": " "}, "请写算式"),
        ({"when": "rows", "condition": "not(urgent)"}, "请选“写成算式”"),
        ({"fill": "value", "formula": "1 +"}, "算式不对："),
        ({"fill": "prefill", "formula": ""}, "请写算式"),
        ({"fill": "person", "formula": "what"}, "请选“先填好，可以改”"),
        ({"fill": "value", "formula": "what", "source": "报事"}, "“来自哪里”只用于"),
        ({"fill": "somebody"}, "请选这个字段由谁来填"),
    ],
)
def test_rules_that_are_not_right_are_said_beside_the_field(world: World, more: dict[str, str], said: str) -> None:
    rules = {f"{part}.refusal_reason": typed for part, typed in more.items()}
    answer = owner(world).post(f"{PLACE}/forms/accept", shown(world, submit="好了", **rules))
    assert (answer.status_code, 'value="好了"' in answer.text) == (422, True)
    beside = r'<p class="field-error" id="(when|fill)-\d+-problem">[^<]*' + re.escape(said)
    assert re.search(beside, html.unescape(answer.text))
    for part, typed in more.items():
        assert part not in ("value", "condition", "formula", "source") or html.escape(typed.strip()) in answer.text
    assert as_it_stands(world).draft is None


def test_what_is_only_shown_is_not_computed(world: World) -> None:
    given = {"fill.dispatch_note": "value", "formula.dispatch_note": "what"}
    answer = owner(world).post(f"{PLACE}/forms/accept", shown(world, **given))
    assert (answer.status_code, "请去掉“只给看”的勾" in answer.text) == (422, True)
    write_form(world, readOnly=True, **{"x-prefill": "what"})
    before = reason(world)  # as somebody wrote it: it stays
    assert owner(world).post(f"{PLACE}/forms/accept", shown(world, submit="好")).status_code == 303
    assert reason(world) == before


def test_a_formula_that_is_broken_in_the_file_is_told_beside_the_field(world: World) -> None:
    write_form(world, **{"x-visible": "urgent = ", "x-value": "1 +"})
    page = owner(world).get(f"{PLACE}/forms/accept").text
    assert page.count('class="field-error"') == 2
    mended = {"when.refusal_reason": "always", "fill.refusal_reason": "person"}
    assert owner(world).post(f"{PLACE}/forms/accept", shown(world, **mended)).status_code == 303
    assert not reason(world).keys() & {"x-visible", "x-value"}


def test_what_the_check_finds_in_a_formula_stands_on_the_page(world: World) -> None:
    given = {"when.refusal_reason": "formula", "condition.refusal_reason": "not(urgnet)"}
    assert owner(world).post(f"{PLACE}/forms/accept", shown(world, **given)).status_code == 303
    page = owner(world).get(f"{PLACE}/forms/accept").text
    assert re.search(r'message-bad"><b>为什么接不了</b> [^<]*urgnet[^<]*urgent', page)


def test_headings_and_photos_are_not_filled_by_formulas(world: World) -> None:
    save(world, new_title="费用", new_kind="section")
    owner(world).post(f"{PLACE}/forms/accept", shown(world, new_title="现场", new_kind="photo"))
    page = owner(world).get(f"{PLACE}/forms/accept").text
    assert 'name="when.费用"' in page
    assert 'name="fill.answer"' in page
    assert not [one for one in ("费用", "现场") if f'name="fill.{one}"' in page]


def test_somebody_else_was_quicker(world: World) -> None:
    opened = fields(world)
    second_owner(world).post(f"{PLACE}/forms/accept", fields(world, title="她的标题"))
    me = owner(world)
    answer = me.post(f"{PLACE}/forms/accept", {**opened, "title": "我的标题"})
    assert (answer.status_code, 'value="我的标题"' in answer.text) == (409, True)
    assert me.post(f"{PLACE}/forms/accept", {**opened, "title": "我的标题", "anyway": "yes"}).status_code == 303
    assert read(world, "forms/accept.json")["title"] == "我的标题"
    assert me.get(f"{PLACE}/copies/1").status_code == 200


def test_new_forms_never_take_anothers_name(world: World) -> None:
    me = owner(world)
    places = [me.post(f"{PLACE}/forms", {**seen(world), "title": "请回访！"}).headers["location"] for _time in range(2)]
    assert len(set(places)) == 2
    assert {"forms/请回访.json", "forms/请回访2.json"} <= as_it_stands(world).package.keys()
    assert me.post(f"{PLACE}/forms", {**seen(world), "title": " "}).status_code == 422
    me.post(f"{PLACE}/forms", {**seen(world), "title": "？/../"})
    assert "forms/form.json" in as_it_stands(world).package
    assert checking.findings(as_it_stands(world).package) == ()


def test_a_renamed_task_keeps_its_form(world: World) -> None:
    save_diagram(owner(world), renamed(world, "接或不接"), seen(world))
    assert 'name="接或不接" tx:form="accept"' in as_it_stands(world).package["process.bpmn"]
    assert checking.findings(as_it_stands(world).package) == ()


def test_a_form_that_cannot_be_read_is_mended_as_text(world: World) -> None:
    me = owner(world)
    save_file(me, world, "forms/accept.json", "{")
    assert f"{PLACE}/files/forms/accept.json" in me.get(f"{PLACE}/forms/accept").text
    assert "不是有效的 JSON" in me.get(f"{PLACE}/files/forms/accept.json").text
    assert me.post(f"{PLACE}/forms/accept", seen(world)).status_code == 422


def test_a_parameter_alone_changes(world: World) -> None:
    me, before = owner(world), orders()["procedure.toml"]
    given = {**seen(world), "title": "接单时限：普通单（服务时间）", "number": "3", "unit": "H"}
    assert me.post(f"{PLACE}/parameters/accept", given).status_code == 303
    after = as_it_stands(world).package["procedure.toml"]
    changed = [pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if pair[0] != pair[1]]
    assert changed == [('value = "PT2H"', 'value = "PT3H"')]
    assert "参数“接单时限：普通单（服务时间）”：2 小时 → 3 小时" in me.get(f"{PLACE}/publication").text


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("accept", {"number": "半", "unit": "H"}, "不是时长"),
        ("accept", {"number": "", "unit": "D"}, "不是时长"),
        ("opens", {"value": "八点"}, "不是钟点"),
        ("max_reworks", {"value": "很多"}, "整数"),
    ],
)
def test_a_value_that_is_none_stays_on_the_page(world: World, name: str, given: dict[str, str], said: str) -> None:
    answer = owner(world).post(f"{PLACE}/parameters/{name}", {**seen(world), "title": "新名称", **given})
    assert (answer.status_code, said in answer.text, 'value="新名称"' in answer.text) == (422, True, True)
    assert as_it_stands(world).draft is None


def test_lengths_are_told_as_people_say_them() -> None:
    said = [lengths.told(value) for value in ("PT30M", "PT24H", "P7D", "PT1H30M", "P1M", "08:00", 3)]
    assert said == ["30 分钟", "24 小时", "7 天", "90 分钟", "P1M", "08:00", "3"]


def test_differences_are_told_by_name() -> None:
    old, diagram = orders(), orders()["process.bpmn"]
    new = {**old, "process.bpmn": diagram.replace('name="接单" tx:form', 'name="接" tx:form'), "texts/more.txt": "新"}
    del new["forms/rate.json"]
    told = {(one.change, one.what) for one in differences.between(old, new)}
    assert ("changed", "步骤“接”") in told
    assert {("added", "texts/more.txt"), ("removed", "表单“请您评价”")} <= told
    moved = {**old, "process.bpmn": diagram.replace('<dc:Bounds x="', '<dc:Bounds x="1')}
    assert [(one.change, one.what) for one in differences.between(old, moved)] == [("changed", "流程图的画法")]
    assert differences.between(old, old) == []


def test_a_section_stands_on_the_form_and_is_no_variable(world: World) -> None:
    assert save(world, new_title="费用", new_kind="section").status_code == 303
    added = list(read(world, "forms/accept.json")["properties"].items())[-1]
    assert added == ("费用", {"x-widget": "section", "title": "费用"})
    assert as_it_stands(world).package["data.json"] == orders()["data.json"]
    assert "小标题（管下面几项）" in owner(world).get(f"{PLACE}/forms/accept").text


@pytest.mark.parametrize(("kind", "form", "told"), [("id-number", "id-number", "身份证号"), ("unit", "unit", "单位")])
def test_new_kinds_are_told_by_their_names(world: World, kind: str, form: str, told: str) -> None:
    assert save(world, new_title="新的", new_kind=kind).status_code == 303
    assert read(world, "data.json")["properties"]["新的"]["format"] == form
    assert told in owner(world).get(f"{PLACE}/forms/accept").text


def test_a_table_of_rows_has_the_columns_that_were_written(world: World) -> None:
    assert "请在选项里写表的列名" in save(world, new_title="明细", new_kind="rows").text
    assert save(world, new_title="明细", new_kind="rows", new_options="品名\n数量（个）\n").status_code == 303
    columns = read(world, "data.json")["properties"]["明细"]["items"]["properties"]
    assert {name: own["title"] for name, own in columns.items()} == {"品名": "品名", "数量个": "数量（个）"}
    assert "一行一行的表" in owner(world).get(f"{PLACE}/forms/accept").text


@pytest.mark.parametrize(
    "typed", ["urgent" + " and urgent" * 5_000, "(" * 5_000, "\0", '"' + "\\" * 999, "@\"x\"", "\ud7ff" * 9]
)  # fmt: skip
@pytest.mark.parametrize("place", ["condition", "formula", "value", "subject", "source"])
def test_strange_input_does_no_harm(world: World, place: str, typed: str) -> None:
    given = {
        "when.refusal_reason": "formula" if place == "condition" else "rows",
        "fill.refusal_reason": "prefill",
        "formula.refusal_reason": "what",
        "subject.refusal_reason": "what",
        "comparison.refusal_reason": "=",
        "value.refusal_reason": "3",
        f"{place}.refusal_reason": typed,
    }
    me = owner(world)
    assert me.post(f"{PLACE}/forms/accept", shown(world, **given)).status_code in (303, 422)
    assert me.get(f"{PLACE}/forms/accept").status_code == 200
