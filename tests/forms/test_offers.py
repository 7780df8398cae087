"""Lists that an expression makes: what is offered, what may be chosen, what is said when there is nothing."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]
SCOPE = {
    "waiting": [
        {"case": "7", "code": "YT-7", "title": "停车", "place": "2号楼"},
        {"case": "9", "code": "YT-9", "title": "路灯", "place": "3号楼"},
    ],
    "members": [{"person": "3", "name": "陆平"}, {"person": "4", "name": "唐秀英"}, {"name": "没有编号"}],
}
PICKED = {"x-options": "waiting", "type": "array", "items": {"type": "string", "format": "case"}}


def pick(make: Make, **changes: Any) -> forms.Form:
    return make(tags=PICKED | changes, member={"x-options": "members"}, kind={"x-options": "more"}, people={})


def choices(form: forms.Form, name: str, now: datetime, **values: Any) -> list[tuple[Any, str, str]]:
    view = next(one for one in forms.view(form, values, SCOPE, now=now) if one.name == name)
    return [(one.value, one.label, one.group) for one in view.choices]


def errors(form: forms.Form, now: datetime, scope: dict[str, Any] = SCOPE, **sent: Any) -> dict[str, str]:
    return {one.field: one.message for one in forms.check(form, sent, scope, now).errors}


def test_what_operations_give_is_offered_by_name(make: Make, now: datetime) -> None:
    form = pick(make)
    assert choices(form, "tags", now) == [("7", "停车", ""), ("9", "路灯", "")]
    assert choices(form, "member", now) == [("3", "陆平", ""), ("4", "唐秀英", "")]
    assert form.by_name["tags"].widget == "choices"
    assert form.by_name["tags"].names == "case"


def test_plain_values_and_made_ones(make: Make, now: datetime) -> None:
    form = make(
        tags={"x-options": "for one in waiting return {value: one.case, title: one.code, group: one.place}"},
        kind={"x-options": '["甲", "乙", "甲", null, ""]'},
        people={"x-widget": "choice", "x-options": "[3, 5]"},
    )
    assert choices(form, "tags", now) == [("7", "YT-7", "2号楼"), ("9", "YT-9", "3号楼")]
    assert choices(form, "kind", now) == [("甲", "甲", ""), ("乙", "乙", "")]
    assert forms.check(form, {"people": "5"}, SCOPE, now).values == {"people": 5}
    assert forms.check(form, {"people": 5}, SCOPE, now).values == {"people": 5}
    assert forms.check(form, {"people": Decimal(4)}, SCOPE, now).errors


def test_only_what_is_offered_may_be_chosen(make: Make, now: datetime) -> None:
    form = pick(make)
    assert forms.check(form, {"tags": ["9", "7"], "member": "4"}, SCOPE, now).values == {
        "tags": ["7", "9"],  # in the list's order
        "member": "4",
    }
    assert errors(form, now, tags=["8"]) == {"tags": "请从列表里选择标签"}
    assert errors(form, now, tags=["7", "8"]) == {"tags": "请从列表里选择标签"}
    assert errors(form, now, member="没有编号") == {"member": "请从列表里选择党员"}
    assert errors(form, now, tags="7") == {"tags": "请从列表里选择标签"}
    assert errors(form, now, tags=[{"case": "7"}]) == {"tags": "请从列表里选择标签"}
    assert errors(form, now, tags=["7"] * 501) == {"tags": "标签选得太多"}
    assert errors(form, now, tags=[], member="") == {}


def test_a_list_follows_what_is_typed(make: Make, now: datetime) -> None:
    form = make(people={}, kind={"x-options": "for one in 1..people return string(one)"})
    assert form.feeds == {"people"}
    assert choices(form, "kind", now, people=2) == [("1", "1", ""), ("2", "2", "")]
    assert forms.check(form, {"people": 3, "kind": "3"}, {}, now).values == {"people": 3, "kind": "3"}
    assert "kind" in errors(form, now, {}, people=2, kind="3")


def test_an_empty_list_says_so(make: Make, now: datetime) -> None:
    form = pick(make)
    nothing = {"waiting": [], "members": None}
    assert errors(form, now, nothing, tags=["7"]) == {"tags": "标签现在没有可选的，请先放一放，或联系管理员"}
    assert errors(form, now, nothing, member="3") == {"member": "党员现在没有可选的，请先放一放，或联系管理员"}
    assert errors(form, now, nothing, tags=[]) == {}
    view = next(one for one in forms.view(form, {}, nothing, now=now) if one.name == "tags")
    assert (view.choices, view.help) == ((), "现在没有可选的。")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"on": {"x-options": "[1]"}}, "x-options 只用于这些控件"),
        ({"kind": {"x-options": "[1"}}, "x-options 的表达式"),
        ({"kind": {"x-options": ["甲"]}}, "x-options 应为 FEEL 表达式"),
    ],
)
def test_what_is_refused(make: Make, field: dict[str, Any], said: str) -> None:
    with pytest.raises(forms.FormError, match=said):
        make(**field)
