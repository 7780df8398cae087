"""What the API's description says of a form and what the check says agree."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.forms.conftest import DATA
from tongxin import db, forms

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
NAMES = [name for name in DATA["properties"] if name != "limit"]
DICTIONARY = forms.Dictionary(DATA)
FORM = forms.load(
    "all",
    {
        "required": ["what", "lines"],
        "properties": {name: {"$ref": f"../data.json#/properties/{name}"} for name in NAMES},
    },
    DICTIONARY,
)
SCHEMA = json.loads(db.to_json(forms.schema(FORM)), parse_float=Decimal)
VALIDATOR = Draft202012Validator(SCHEMA)
GOOD: dict[str, Any] = {"what": "灯", "lines": [{"item": "笔", "amount": 3}]}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 60),
    st.decimals(-2, 120, places=2),
    st.text(max_size=30),
    st.sampled_from(["13812345678", "燃气", "web", "2026-03-05", "2026-03-05T08:30", "110101199003072009", "42"]),
    st.lists(st.sampled_from(["夜间", "老人", "a", "b", "c", 5, None]), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
CELLS = {name: VALUES for name in DATA["properties"]["lines"]["items"]["properties"]}
SUBMITTED = st.fixed_dictionaries(
    {"what": st.one_of(st.just("灯"), VALUES)},
    optional={**{name: VALUES for name in NAMES if name != "what"}, "stranger": VALUES},
).flatmap(
    lambda values: st.lists(st.fixed_dictionaries({}, optional=CELLS), max_size=5).map(
        lambda rows: {**values, "lines": rows} if "lines" in values else values
    )
)


def as_json(value: Any) -> Any:
    return json.loads(db.to_json(value), parse_float=Decimal)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(values=SUBMITTED)
@example(values=GOOD)
@example(values={**GOOD, "cost": Decimal("1.13"), "hours": Decimal("2.5"), "rating": 4, "id_no": "110101199003072009"})
@example(values={**GOOD, "lines": [{**GOOD["lines"][0], "price": 2, "on": "2026-03-05", "paid": True}]})
def test_what_the_check_accepts_the_schema_allows(values: dict[str, Any]) -> None:
    """Field by field, so that one mistake does not hide all others."""
    checked = forms.check(FORM, values, {}, NOW)
    kept = as_json(DICTIONARY.encode(checked.values))
    for name, value in kept.items():
        described = {**SCHEMA["properties"][name]}
        errors = [error.message for error in Draft202012Validator(described).iter_errors(value)]
        assert errors == [], (name, value)
    if not checked.errors and set(SCHEMA["required"]) <= kept.keys():
        assert list(VALIDATOR.iter_errors(kept)) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(name=st.sampled_from(NAMES), value=st.one_of(VALUES, st.just({}), st.just([[]]), st.just([{"item": 5}])))
def test_what_is_of_another_shape_both_refuse(name: str, value: Any) -> None:
    """A type, an unknown member, a member of a row: whatever else the check knows better."""
    described = {**SCHEMA["properties"][name]}
    structural = {"type", "additionalProperties", "required", "maxItems", "enum", "oneOf"}
    sent = as_json(value)
    broken = {error.validator for error in Draft202012Validator(described).iter_errors(sent)}
    if broken & structural and sent not in (None, "", [], {}) and not (isinstance(sent, str) and not sent.strip()):
        assert forms.check(FORM, {**GOOD, name: value}, {}, NOW).errors


def test_refused_by_both() -> None:
    for wrong in (
        {},
        {**GOOD, "stranger": 1},
        {**GOOD, "lines": "x"},
        {**GOOD, "lines": [{**GOOD["lines"][0], "colour": "红"}]},
        {**GOOD, "lines": [{"item": "笔"}]},
        {**GOOD, "lines": [{"item": "笔", "amount": 0}]},
        {**GOOD, "lines": [GOOD["lines"][0]] * 5},
        {**GOOD, "photos": ["a", "b", "c"]},
        {**GOOD, "id_no": "11010119900307200"},
        {**GOOD, "rating": 6},
    ):
        assert forms.check(FORM, wrong, {}, NOW).errors, wrong
        assert list(VALIDATOR.iter_errors(as_json(wrong))), wrong


def test_accepted_by_both() -> None:
    assert forms.check(FORM, GOOD, {}, NOW).errors == ()
    assert list(VALIDATOR.iter_errors(as_json(GOOD))) == []
