"""The page 字段: what each form does with each variable, changed in one go; nothing else changes."""

import json
from typing import Any

import pytest

from tests.callers import signed_in
from tests.fixtures import World
from tests.procedures.live import LIVE
from tests.procedures.packages import orders
from tests.workspace.owners import PLACE, as_it_stands, owner, read, save_file, seen
from tongxin.workspace import field_matrix, form_editing

PAGE = f"{PLACE}/fields"


def uses(package: Any, form: str) -> dict[str, str]:
    found = field_matrix.rows(package, [form])
    return {row.name: row.cells[0].use for row in found if row.cells[0].use != "absent"}


def test_the_page_says_what_forms_do(world: World) -> None:
    page = owner(world).get(PAGE).text
    assert 'name="accept:answer"' in page
    assert uses(orders(), "accept") == {"dispatch_note": "read", "answer": "required", "refusal_reason": "required"}
    assert "电话只露头尾" in page
    assert "<li>流程图“" in page
    assert "<li>流程图“定急缓”</li>" in page  # which asks a decision


def test_saved_unchanged_nothing_changes(world: World) -> None:
    as_shown = {
        f"{form}:{name}": use
        for form, _title in field_matrix.forms_of(orders())
        for name, use in uses(orders(), form).items()
    }
    assert owner(world).post(PAGE, {**seen(world), **as_shown}).status_code == 303
    assert as_it_stands(world).draft is None


def test_one_save_changes_several_forms(world: World) -> None:
    before = read(world, "forms/accept.json")
    given = {
        "accept:answer": "write",
        "accept:what": "read",
        "accept:dispatch_note": "absent",
        "contact:kind": "required",
    }
    assert owner(world).post(PAGE, {**seen(world), **given}).status_code == 303
    after = read(world, "forms/accept.json")
    assert list(after["properties"]) == ["answer", "refusal_reason", "what"]
    assert after["properties"]["what"] == {"$ref": "../data.json#/properties/what", "readOnly": True}
    assert after["properties"]["refusal_reason"] == before["properties"]["refusal_reason"]
    assert after["required"] == ["refusal_reason"]
    assert "kind" in read(world, "forms/contact.json")["required"]


def test_from_read_only_to_writable(world: World) -> None:
    assert owner(world).post(PAGE, {**seen(world), "accept:dispatch_note": "write"}).status_code == 303
    own = read(world, "forms/accept.json")["properties"]["dispatch_note"]
    assert "readOnly" not in own
    assert own["x-visible"] == "dispatch_note != null"


def test_what_is_none_is_refused_and_what_was_chosen_stays(world: World) -> None:
    answer = owner(world).post(PAGE, {**seen(world), "accept:answer": "maybe", "accept:what": "read"})
    assert answer.status_code == 422
    assert "请从“不显示、只看、填写、必填”里选。" in answer.text
    assert as_it_stands(world).draft is None
    assert (
        owner(world).post(PAGE, {**seen(world), "nowhere:answer": "read", "accept:nothing": "read"}).status_code == 303
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"properties": 5}'])
def test_what_cannot_be_read_is_said(world: World, text: str) -> None:
    broken = {**orders(), "forms/accept.json": text}
    assert "accept" not in dict(field_matrix.forms_of(broken))
    with pytest.raises(form_editing.NotAForm):
        field_matrix.rows({**orders(), "data.json": text if text != "{" else "}"}, [])


def test_where_a_variable_is_read() -> None:
    rows = {row.name: row for row in field_matrix.rows(LIVE, [])}
    assert rows["people"].read_by == ("表单“填写”的“要几份饭”",)
    assert rows["what"].read_by == ("流程设置“标题”",)
    assert rows["home"].mask == "全部遮住"


def test_strangers(world: World) -> None:
    assert signed_in(world, "zhanglan").get(PAGE).status_code == 404
    assert signed_in(world, "zhanglan").post(PAGE, {"accept:answer": "read"}).status_code == 404


def test_of_very_many_forms_some_are_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_matrix, "MOST_CELLS", 100)
    page = owner(world).get(PAGE).text
    assert "后面的表单" in page
    assert page.count("<select") < 110
    assert "前面的表单" in owner(world).get(f"{PAGE}?start=2").text
    assert json.loads(orders()["forms/start.json"])["title"] == "请人来办一件事"


@pytest.mark.parametrize(
    "home", [{"format": "address", "properties": {"detail": "x"}}, {"format": "address", "properties": [1]}]
)
def test_a_broken_dictionary_is_shown_all_the_same(world: World, home: dict[str, Any]) -> None:
    me = owner(world)
    data = json.loads(orders()["data.json"])
    data["properties"]["home"] = {"type": "object", "title": "住址", **home}
    save_file(me, world, "data.json", json.dumps(data))
    assert me.get(PAGE).status_code == 200
