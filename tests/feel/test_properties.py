from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxin import feel

REFERENCE = Context(prec=34, Emin=-6143, Emax=6144, traps=[])
numbers = st.one_of(
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=8),
)


@pytest.mark.parametrize(
    ("operator", "reference"),
    [("+", REFERENCE.add), ("-", REFERENCE.subtract), ("*", REFERENCE.multiply), ("/", REFERENCE.divide)],
)
@settings(max_examples=150, deadline=None)
@given(a=numbers, b=numbers)
def test_arithmetic_is_that_of_decimal128(operator: str, reference: object, a: Decimal, b: Decimal) -> None:
    found = feel.compile(f"a {operator} b").evaluate({"a": a, "b": b})
    expected = reference(Decimal(a), Decimal(b))  # type: ignore[operator]
    assert found == (expected if expected.is_finite() else None)


@settings(max_examples=150, deadline=None)
@given(a=numbers, b=numbers)
def test_order_is_that_of_numbers(a: Decimal, b: Decimal) -> None:
    compiled = feel.compile("[a < b, a <= b, a = b, a != b, a >= b, a > b]")
    assert compiled.evaluate({"a": a, "b": b}) == [a < b, a <= b, a == b, a != b, a >= b, a > b]


def kleene_and(a: object, b: object) -> bool | None:
    return False if a is False or b is False else True if a is True and b is True else None


@pytest.mark.parametrize(("a", "b"), list(product((True, False, None, "no boolean"), repeat=2)))
def test_three_valued_logic(a: object, b: object) -> None:
    def negated(value: object) -> object:
        return not value if isinstance(value, bool) else None

    both, either, none_of = feel.compile("[a and b, a or b, not(a)]").evaluate({"a": a, "b": b})
    assert both is kleene_and(a, b)
    assert either is negated(kleene_and(negated(a), negated(b)))
    assert none_of is negated(a)


@settings(max_examples=150, deadline=None)
@given(day=st.dates(), days=st.integers(-5000, 5000), months=st.integers(-500, 500))
def test_dates_move_as_in_the_standard_library(day: date, days: int, months: int) -> None:
    scope = {"d": day, "t": timedelta(days=days), "m": feel.YearsMonths(months)}
    try:
        expected = day + timedelta(days=days)
    except OverflowError:
        expected = None
    assert feel.compile("d + t").evaluate(scope) == expected
    moved = feel.compile("d + m").evaluate(scope)
    if moved is not None:
        assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
        assert moved.day == day.day or (moved + timedelta(days=1)).day == 1


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=30))
def test_any_text_is_read_back(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert feel.compile(quoted).evaluate({}) == text
    assert feel.compile(feel.compile("string([a])").evaluate({"a": text})).evaluate({}) == [text]
