from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]


@pytest.mark.parametrize(
    ("field", "texts", "value"),
    [
        ("what", ["堵了"], "堵了"),
        ("what", [" "], None),
        ("phone", ["13812345678"], "13812345678"),
        ("urgent", ["yes"], True),
        ("urgent", ["否"], False),
        ("cost", ["¥1,234.50元"], Decimal("1234.50")),
        ("people", ["12"], 12),
        ("people", ["十二"], "十二"),
        ("people", [], None),
        ("kind", ["燃气"], "燃气"),
        ("tags", ["夜间", "儿童"], ["夜间", "儿童"]),
        ("tags", [], []),
        ("on", ["2026年3月5日"], "2026-03-05"),
        ("at", ["2026/3/5 08:30"], "2026-03-05T08:30"),
        ("photos", ["a", "", "b"], ["a", "b"]),
        ("rating", ["", "4"], 4),
    ],
)
def test_reads_what_a_browser_sends(make: Make, field: str, texts: list[str], value: Any) -> None:
    assert forms.parse(make(**{field: {}}), {field: texts, "csrf": ["x"]}) == {field: value}


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if character != " " else "\u3000" for character in text)


def test_full_width_numbers_are_understood(make: Make) -> None:
    form = make(cost={}, on={})
    parsed = forms.parse(form, {"cost": [full_width("1,234.50")], "on": [full_width("2026-3-5")]})
    assert parsed == {"cost": Decimal("1234.50"), "on": "2026-03-05"}


def test_a_full_width_phone_is_understood(make: Make, now: datetime) -> None:
    form = make(phone={})
    parsed = forms.parse(form, {"phone": [full_width("138 1234-5678")]})
    assert forms.check(form, parsed, {}, now).values == {"phone": "13812345678"}


def test_shows_values_for_control_and_for_people(make: Make, now: datetime) -> None:
    form = make(
        urgent={"x-help": "外溢算紧急"}, cost={"readOnly": True}, kind={}, source={}, tags={}, on={}, at={}, rating={}
    )
    case = {
        "urgent": True,
        "cost": Decimal("1234.5"),
        "source": "group",
        "tags": ["夜间", "老人"],
        "on": date(2026, 3, 5),
        "at": now,
        "rating": 4,
    }
    views = {view.name: view for view in forms.view(form, {}, case, (), now)}
    told = {name: (view.control, view.value, view.display) for name, view in views.items()}
    assert told == {
        "urgent": ("radio", "yes", "是"),
        "cost": ("input", "1234.5", "1,234.50"),
        "kind": ("select", "", ""),
        "source": ("radio", "group", "群里"),
        "tags": ("checkboxes", "", "夜间、老人"),
        "on": ("input", "2026-03-05", "2026-03-05"),
        "at": ("input", "2026-03-05T08:30", "2026-03-05 08:30"),
        "rating": ("radio", "4", "4 星（满意）"),
    }
    assert views["tags"].values == ("夜间", "老人")
    assert [choice.value for choice in views["rating"].choices] == ["1", "2", "3", "4", "5"]
    assert (views["urgent"].help, views["cost"].read_only) == ("外溢算紧急", True)
    assert views["cost"].attributes == {"min": "0", "max": "100000", "step": "0.01", "inputmode": "decimal"}


def test_shows_errors_beside_what_was_typed(make: Make, now: datetime) -> None:
    form = make(required=("people",), people={}, what={})
    typed = forms.parse(form, {"people": ["十二"], "what": ["堵了"]})
    errors = forms.check(form, typed, {}, now).errors
    people, what = forms.view(form, typed, {"what": "旧的"}, errors, now)
    assert (people.value, people.errors) == ("十二", ("人数应为数字",))
    assert (what.value, what.errors) == ("堵了", ())


def test_masks_what_is_sensitive(make: Make, now: datetime) -> None:
    case = {"phone": "13812345678"}
    (shown,) = forms.view(make(phone={"readOnly": True}), {}, case, (), now)
    assert (shown.display, shown.value, shown.values, shown.masked) == ("138****5678", "", (), True)
    (revealed,) = forms.view(make(phone={"readOnly": True}), {}, case, (), now, reveal=True)
    assert (revealed.display, revealed.masked) == ("13812345678", False)
    (edited,) = forms.view(make(phone={}), {}, case, (), now)
    assert (edited.display, edited.value) == ("138****5678", "13812345678")
    (landline,) = forms.view(make(phone={"readOnly": True}), {}, {"phone": "0471-6234567"}, (), now)
    assert landline.display == "0471-****67"


def test_alerts_hides_computes_and_offers_outside_choices(make: Make, now: datetime) -> None:
    form = make(
        kind={"x-alert": {"燃气": "先打 119"}},
        urgent={"x-alert": {"yes": "十五分钟内接单"}},
        people={"x-visible": 'kind = "燃气"'},
        total={"x-value": "people * 2"},
        hours={"x-visible": "total > 4"},
        member={},
    )
    options = {"member": [forms.Choice("42", "李党员"), forms.Choice("43", "赵党员")]}
    values = {"kind": "燃气", "people": 3, "member": "42", "urgent": False}
    kind, urgent, people, total, hours, member = forms.view(form, values, {}, (), now, options=options)
    assert (kind.alert, dict(kind.alerts)) == ("先打 119", {"燃气": "先打 119"})
    assert (urgent.alert, dict(urgent.alerts)) == ("", {"yes": "十五分钟内接单"})
    assert (people.visible, total.display, total.read_only, hours.visible) == (True, "6", True, True)
    assert (member.control, member.display, len(member.choices)) == ("select", "李党员", 2)
    assert forms.view(form, {"kind": "路灯"}, {}, (), now)[2].visible is False


def test_what_an_expression_makes_of_a_list_may_be_no_list(now: datetime) -> None:
    declared = {"type": "array", "title": "标签", "items": {"type": "string", "enum": ["甲", "乙"]}}
    dictionary = forms.Dictionary({"properties": {"tags": declared, "note": {"type": "string", "title": "备注"}}})
    own = {"$ref": "../data.json#/properties/tags", "x-value": 'if note = "1" then 1 else date("2026-03-05")'}
    form = forms.load("f", {"properties": {"tags": own}}, dictionary)
    for note in ("1", "2"):
        assert forms.view(form, {}, {"note": note}, now=now)[0].errors == ()
    assert forms.check(form, {}, {"note": "1"}, now).errors != ()


@pytest.mark.parametrize(("typed", "stays"), [("第一 第二", False), ("第一\n第二", True), ("第一  第二", True)])
def test_only_an_untouched_proposal_follows_its_source(now: datetime, typed: str, stays: bool) -> None:
    declared = {
        "note": {"type": "string", "maxLength": 500, "title": "备注"},
        "from": {"type": "string", "title": "从"},
    }
    own = {"$ref": "../data.json#/properties/note", "x-prefill": "from"}
    form = forms.load("f", {"properties": {"note": own}}, forms.Dictionary({"properties": declared}))
    sent = forms.parse(form, {"note": [typed], "note:proposed": ["第一 第二"]})
    (view,) = forms.view(form, sent, {"from": "别的"}, now=now)
    assert (view.value == "别的") is not stays
