"""What of a case a procedure may put on the public board."""

import json
from typing import Any

import pytest

from tests.procedures.packages import orders
from tongxin.procedures.definition import Definition, Refused, compile_package


def board(columns: str, extra: dict[str, Any] | None = None, rest: str = "") -> dict[str, str]:
    """The orders with these columns on the board and these variables more."""
    package = orders()
    toml = package["procedure.toml"]
    package["procedure.toml"] = toml.replace('board = ["kind", "rating"]', f"board = [{columns}]").partition(
        "[public.satisfaction]"
    )[0]
    package["procedure.toml"] += rest
    data = json.loads(package["data.json"])
    data["properties"] |= extra or {}
    package["data.json"] = json.dumps(data)
    return package


def columns(definition: Definition) -> list[str]:
    return [field.name for field in definition.board.form.fields]


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("result", "自由文字"),
        ("what", "自由文字"),
        ("door", "敏感信息"),
        ("reporter_name", "敏感信息"),
        ("phone", "敏感信息"),
        ("photos", "照片"),
        ("member", "具体的人"),
        ("merged_into", "事项"),
        ("attempts", "没有上限的数字"),
        ("cost", "没有上限的数字"),
        ("nothing", "没有“nothing”"),
    ],
)
def test_what_cannot_be_public_is_not_published(column: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_package(board(f'"kind", "{column}"'))
    (finding,) = refused.value.findings
    assert (finding.element, finding.name, why in finding.message) == ("procedure.toml", column, True)
    assert "请改 [public]" in finding.advice


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["张三", "李四"], "x-sensitive": "name"},
        {"type": "string", "format": "date", "x-sensitive": "hidden"},
        {"type": "integer", "maximum": 19_999_999_999},
        {"type": "object"},
        {"type": "string", "format": "place"},
        {"type": "array", "items": {"type": "string", "format": "attachment"}},
    ],
)
def test_nor_is_what_looks_harmless(schema: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        compile_package(board('"extra"', {"extra": {"title": "另外", **schema}}))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["一般", "重大"]},
        {"type": "array", "items": {"type": "string", "enum": ["水", "电"]}},
        {"type": "boolean"},
        {"type": "integer", "maximum": 500},
        {"type": "number", "format": "money", "maximum": 999_999},
        {"type": "string", "format": "date"},
    ],
)
def test_what_may_be_public(schema: dict[str, Any]) -> None:
    definition = compile_package(board('"extra"', {"extra": {"title": "另外", **schema}}))
    assert columns(definition) == ["extra"]


def test_sensitive_on_one_form_only_is_sensitive() -> None:
    package = board('"kind"')
    start = json.loads(package["forms/start.json"])
    start["properties"]["kind"]["x-sensitive"] = "hidden"
    with pytest.raises(Refused):
        compile_package({**package, "forms/start.json": json.dumps(start)})


def test_an_earlier_version_still_runs_and_shows_what_is_allowed() -> None:
    definition = compile_package(board('"kind", "result", "phone", "rating"'), definition_id=7)
    assert columns(definition) == ["kind", "rating"]


@pytest.mark.parametrize("variable", ["comment", "phone", "nothing"])
def test_satisfaction_is_counted_by_what_may_be_public(variable: str) -> None:
    rest = f'[public.satisfaction]\nvariable = "{variable}"\nsatisfied = ["好"]\ndissatisfied = ["不好"]\n'
    with pytest.raises(Refused):
        compile_package(board('"kind"', rest=rest))
    assert compile_package(board('"kind"', rest=rest), definition_id=7).board.satisfaction is None


def test_only_a_residents_own_message_leads_to_a_withdrawal() -> None:
    assert compile_package(orders()).board.withdrawn == {"order_withdrawn"}
