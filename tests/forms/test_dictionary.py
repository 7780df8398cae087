import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tongxin import forms
from tongxin.feel import YearsMonths


def test_round_trip(dictionary: forms.Dictionary, now: datetime) -> None:
    typed = {
        "what": "堵了",
        "on": date(2026, 3, 5),
        "at": now,
        "cost": Decimal("12.50"),
        "limit": timedelta(minutes=15),
        "tags": ["夜间"],
        "urgent": None,
        "undeclared": {"a": [1, True]},
    }
    stored = dictionary.encode(typed)
    assert stored["at"] == "2026-03-05T08:30:00+08:00"
    assert stored["limit"] == "PT900S"
    json.dumps(stored, default=str)
    assert dictionary.decode(stored) == typed


def test_decode_never_raises(dictionary: forms.Dictionary) -> None:
    stored = {"on": "soon", "at": 5, "limit": "x", "cost": 0.1, "tags": None}
    assert dictionary.decode(stored) == {**stored, "cost": Decimal("0.1")}


def test_encode_writes_durations_and_refuses_functions(dictionary: forms.Dictionary) -> None:
    assert dictionary.encode({"a": YearsMonths(14), "b": -timedelta(days=1, microseconds=500000)}) == {
        "a": "P1Y2M",
        "b": "-PT86400.5S",
    }
    with pytest.raises(forms.FormError):
        dictionary.encode({"f": print})


@pytest.mark.parametrize("data", [[], {}, {"properties": {"a": 1}}, {"properties": {"a": {"type": "text"}}}])
def test_refuses_a_bad_declaration(data: object) -> None:
    with pytest.raises(forms.FormError, match=r"data\.json"):
        forms.Dictionary(data)  # type: ignore[arg-type]
