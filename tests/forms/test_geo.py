"""A point on the map: typed, from the API, shown, described; what cannot be one is said."""

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.forms.test_schema import NOW
from tongxin import db, forms
from tongxin.forms.widgets.geo import PARTS

DICTIONARY = forms.Dictionary({"properties": {"spot": {"type": "object", "format": "geo", "title": "位置"}}})
FIELD = {"$ref": "../data.json#/properties/spot"}
FORM = forms.load("f", {"required": ["spot"], "properties": {"spot": FIELD}}, DICTIONARY)


def checked(value: Any) -> Any:
    """The typed value, or what is said of it."""
    found = forms.check(FORM, {"spot": value}, {}, NOW)
    return found.errors[0].message if found.errors else found.values["spot"]


@pytest.mark.parametrize(
    ("typed", "point"),
    [
        ("31.23040,121.47370", {"lat": Decimal("31.2304"), "lon": Decimal("121.4737")}),
        ("31.2304，121.4737", {"lat": Decimal("31.2304"), "lon": Decimal("121.4737")}),
        (" ３１.２３０４  121.4737 ", {"lat": Decimal("31.2304"), "lon": Decimal("121.4737")}),
        ("-0.1234567891,-0 ±15", {"lat": Decimal("-0.123457"), "lon": Decimal(0), "accuracy": 15}),
        ("31.2304,121.4737 ±15米", {"lat": Decimal("31.2304"), "lon": Decimal("121.4737"), "accuracy": 15}),
    ],
)
def test_what_is_typed_is_read(typed: str, point: dict[str, Any]) -> None:
    parsed = forms.parse(FORM, {"spot": [typed]})
    assert checked(parsed["spot"]) == point
    shown = forms.view(FORM, {"spot": point}, {}, now=NOW)[0]
    assert checked(forms.parse(FORM, {"spot": [shown.value]})["spot"]) == point


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("在门口", "要写成 纬度,经度"),
        ([1, 2], "要写成 纬度,经度"),
        ({"lat": 1}, "要写成 纬度,经度"),
        ({"lat": 1, "lon": 2, "x": 3}, "要写成 纬度,经度"),
        ({"lat": 121.4737, "lon": 31.2304}, "像是写反了"),
        ({"lat": 95, "lon": 200}, "在 -90 到 90 之间"),
        ({"lat": True, "lon": 1}, "应为数字"),
        ({"lat": "31", "lon": 121}, "应为数字"),
        ({"lat": float("nan"), "lon": 121}, "应为数字"),
        ({"lat": 10**40, "lon": 121}, "应为数字"),
        ({"lat": 31, "lon": 121, "accuracy": -1}, "精度应为"),
        ({"lat": 31, "lon": 121, "accuracy": "近"}, "精度应为"),
        (None, "请填写位置的经纬度"),
        ("1" * 5000, "要写成 纬度,经度"),
    ],
)
def test_what_cannot_be_a_point_is_said(value: Any, said: str) -> None:
    assert said in checked(value)


def test_it_is_shown_to_a_few_steps_and_masked() -> None:
    point = {"lat": Decimal("31.230412"), "lon": Decimal("121.473701"), "accuracy": 15}
    assert forms.view(FORM, {"spot": point}, {}, now=NOW)[0].display == "31.23041, 121.47370（±15 米）"
    hidden = forms.load("f", {"properties": {"spot": {**FIELD, "readOnly": True, "x-sensitive": "hidden"}}}, DICTIONARY)
    (view,) = forms.view(hidden, {"spot": point}, {}, now=NOW)
    assert (view.display, view.value, view.masked) == ("***", "", True)


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PARTS, "x"]), inner, max_size=4),
    max_leaves=6,
)


@given(ANY)
def test_whatever_comes_is_answered_and_what_is_taken_fits_the_schema(value: Any) -> None:
    found = forms.check(FORM, {"spot": value}, {}, NOW)
    if not found.errors:
        sent = json.loads(db.to_json(DICTIONARY.encode(found.values)))
        jsonschema.validate(sent, forms.schema(FORM))
