"""A number that may be about so many keeps its 余, whatever is done with it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]
ABOUT = {"type": "object", "format": "about", "x-widget": "about", "minimum": 0, "maximum": 9999}


def made(make: Make) -> forms.Form:
    return make(home=ABOUT)


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("2500余", {"value": 2500, "approx": True}, "2,500余"),
        (" 2500多 ", {"value": 2500, "approx": True}, "2,500余"),
        ("约30", {"value": 30, "approx": True}, "30余"),
        ("2,500", {"value": 2500, "approx": False}, "2,500"),
        ("2.5余", {"value": Decimal("2.5"), "approx": True}, "2.5余"),
    ],
)
def test_typed_kept_and_shown(make: Make, now: datetime, typed: str, kept: dict[str, Any], shown: str) -> None:
    form = made(make)
    checked = forms.check(form, forms.parse(form, {"home": [typed]}), {}, now)
    assert (checked.values, checked.errors) == ({"home": kept}, ())
    (view,) = forms.view(form, checked.values, {}, now=now, reveal=True)
    assert (view.display, forms.parse(form, {"home": [view.value]})["home"]) == (shown, kept)


BAD = ("很多", "余", "10000余", "-1", {"value": 1, "approx": "x"}, {"approx": True}, {"value": 1, "by": 2}, [])


@pytest.mark.parametrize("sent", BAD)
def test_refused(make: Make, now: datetime, sent: Any) -> None:
    form = made(make)
    values = forms.parse(form, {"home": [sent]}) if isinstance(sent, str) else {"home": sent}
    checked = forms.check(form, values, {}, now)
    assert bool(checked.errors) == (sent != [])


def test_the_api_takes_numbers_and_objects(make: Make, now: datetime) -> None:
    form = made(make)
    assert forms.check(form, {"home": 7}, {}, now).values == {"home": {"value": 7, "approx": False}}
    assert forms.schema(form)["properties"]["home"]["required"] == ["value"]
