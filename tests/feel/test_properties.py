from datetime import date, timedelta
from decimal import Context, Decimal
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feel import grammar
from tongxin import feel
from tongxin.feel.parser import parse, parse_tests
from tongxin.feel.printer import text_of

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
        assert feel.compile("d + t").evaluate(scope) == day + timedelta(days=days)
    except OverflowError:  # of Python's date; FEEL knows years beyond
        assert feel.compile("d + t - t = d and d + t - d = t").evaluate(scope) is True
    moved = feel.compile('{m: d + m, r: [m.year, m.month, m.day, (m + @"P1D").day]}.r').evaluate(scope)
    year, month, day_of_month, next_day = moved
    assert (year * 12 + month) - (day.year * 12 + day.month) == months
    assert day_of_month == day.day or next_day == 1


@settings(max_examples=150, deadline=None)
@given(days=st.integers(-(10**8), 10**8), more=st.integers(-(10**8), 10**8))
def test_years_beyond_pythons_are_counted_as_the_others(days: int, more: int) -> None:
    scope = {"d": date(2026, 3, 5), "t": timedelta(days=days), "u": timedelta(days=more)}
    source = "[d + t + u = d + (t + u), d + t - d = t, (d + t < d + u) = (t < u), date(string(d + t)) = d + t]"
    assert feel.compile(source).evaluate(scope) == [True] * 4


@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False), depth=st.integers(1, 4))
def test_what_is_printed_parses_to_the_same(chance: Random, depth: int) -> None:
    for source, read in (
        (grammar.expression(chance, depth), parse),
        (grammar.cell(chance, depth), parse_tests),
    ):
        try:
            node = read(source, grammar.KNOWN)
        except feel.FeelError:
            continue
        assert read(text_of(node), grammar.KNOWN) == node, source


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=30))
def test_any_text_is_read_back(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert feel.compile(quoted).evaluate({}) == text
    assert feel.compile(feel.compile("string([a])").evaluate({"a": text})).evaluate({}) == [text]
