"""Forms and parameters changed in plain inputs: what is written passes the check, and nothing else changes."""

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
