"""What a form says may hold FEEL: filled with what is known and typed so far, refused by name when broken."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]


def test_texts_are_filled(make: Make, now: datetime) -> None:
    form = make(
        people={"x-help": "{{ case.place_name }}最多 {{ 50 - people }} 人"},
        urgent={"x-alert": {"yes": "{{ people }} 人等着"}},
        source={"oneOf": [{"const": "web", "title": "网上（{{ what }}）"}, {"const": "group", "title": "群里"}]},
        note={"x-widget": "note", "title": "一共 {{ people * 2 }} 份"},
    )
    drawn = {one.name: one for one in forms.view(form, {"people": 3}, {"case": {"place_name": "怡园社区"}}, now=now)}
    assert drawn["people"].help == "怡园社区最多 47 人"
    assert drawn["urgent"].alerts == {"yes": "3 人等着"}
    assert [choice.label for choice in drawn["source"].choices] == ["网上（）", "群里"]  # null prints nothing
    assert drawn["note"].title == "一共 6 份"


def test_what_they_read_makes_them_live(make: Make) -> None:
    form = make(people={"x-help": "还剩 {{ 50 - people }}"}, name={}, urgent={"x-help": "{{ name }}急吗？"})
    assert form.live == {"urgent"}  # a field does not follow itself
    assert form.feeds == {"name"}


def test_title_and_description(dictionary: forms.Dictionary, now: datetime) -> None:
    form = forms.load(
        "check", {"title": "请核实：{{ what }}", "description": '{{ if urgent then "要快" else null }}'}, dictionary
    )
    assert form.said(form.title, {"what": "水管漏了"}, now) == "请核实：水管漏了"
    assert form.said(form.help, {"urgent": True}, now) == "要快"
    assert form.said(form.help, {}, now) == ""


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ({"x-help": "还剩 {{ 50 - }} 人"}, "x-help"),
        ({"x-alert": {"yes": "{{ ( }}"}}, "x-alert"),
    ],
)
def test_a_broken_one_is_refused_by_name(make: Make, added: dict[str, Any], named: str) -> None:
    with pytest.raises(forms.FormError, match=rf"字段“urgent”：{named}.*表达式不对"):
        make(urgent=added)


def test_a_broken_title_is_refused(dictionary: forms.Dictionary) -> None:
    with pytest.raises(forms.FormError, match="表单“check”：title 里的表达式不对"):
        forms.load("check", {"title": "{{ 1 + }}"}, dictionary)


def test_one_that_takes_for_ever_leaves_nothing(make: Make, now: datetime) -> None:
    endless = "{{ count(for a in 1..10000, b in 1..10000 return a) }}"
    form = make(name={"x-help": endless})
    assert forms.view(form, {}, {}, now=now)[0].help == ""
