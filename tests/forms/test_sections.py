"""Sections: a heading for what follows up to the next, hidden together with it."""

from datetime import datetime
from typing import Any

import pytest

from tongxin import forms

_REFERENCE = "../data.json#/properties/"


@pytest.fixture
def form(dictionary: forms.Dictionary) -> forms.Form:
    properties: dict[str, Any] = {
        "name": {"$ref": f"{_REFERENCE}name"},
        "money": {
            "x-widget": "section",
            "title": "费用",
            "x-help": "照实填。",
            "x-visible": "= urgent // only then",
            "x-collapsed": True,
        },
        "cost": {"$ref": f"{_REFERENCE}cost"},
        "hours": {"$ref": f"{_REFERENCE}hours", "x-visible": "cost > 100"},
        "rest": {"x-widget": "section", "title": "其他"},
        "people": {"$ref": f"{_REFERENCE}people"},
    }
    return forms.load("check", {"required": ["name", "cost", "people"], "properties": properties}, dictionary)


def test_what_stands_in_them(form: forms.Form, now: datetime) -> None:
    views = forms.view(form, {}, {"urgent": True}, (), now)
    assert [(view.name, view.group) for view in views] == [
        ("name", 0),
        ("money", 1),
        ("cost", 1),
        ("hours", 1),
        ("rest", 2),
        ("people", 2),
    ]
    assert (views[1].control, views[1].title, views[1].help, views[1].collapsed) == (
        "section",
        "费用",
        "照实填。",
        True,
    )
    assert not views[4].collapsed


@pytest.mark.parametrize(
    ("urgent", "cost", "shown"),
    [
        (True, 200, ["name", "money", "cost", "hours", "rest", "people"]),
        (True, 50, ["name", "money", "cost", "rest", "people"]),
        (False, 200, ["name", "rest", "people"]),
        (None, 200, ["name", "rest", "people"]),
    ],
)
def test_a_hidden_one_hides_what_stands_in_it(
    form: forms.Form, urgent: bool | None, cost: int, shown: list[str], now: datetime
) -> None:
    scope = {"urgent": urgent, "cost": cost}
    assert [view.name for view in forms.view(form, {}, scope, (), now) if view.visible] == shown


def test_what_is_hidden_with_one_is_neither_asked_nor_kept(form: forms.Form, now: datetime) -> None:
    sent = {"name": "王", "cost": "x", "people": 2}
    assert forms.check(form, sent, {"urgent": False}, now) == forms.Checked({"name": "王", "people": 2}, ())
    assert [one.field for one in forms.check(form, sent, {"urgent": True}, now).errors] == ["cost"]
    assert forms.schema(form)["required"] == ["name", "people"]


def test_takes_no_value(form: forms.Form, now: datetime) -> None:
    sent = {"name": "王", "people": 2, "rest": "x"}
    assert forms.check(form, sent, {}, now).errors == (forms.Error("rest", "其他不能修改"),)
    assert "rest" not in forms.schema(form)["properties"]
    assert "rest" not in forms.parse(form, {"rest": ["x"]})
