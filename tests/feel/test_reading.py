"""What an expression reads, compares and can give, found in its tree."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feel import grammar
from tongxin import feel


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a.b.c + d", [("a", ("b", "c")), ("d", ())]),
        ("for x in list return x + y + partial", [("list", ()), ("y", ())]),
        ("some x in a, y in x.b satisfies y > z", [("a", ()), ("z", ())]),
        ("{a: b, c: a + d}", [("b", ()), ("d", ())]),
        ("(function(a) a + b)(c)", [("b", ()), ("c", ())]),
        ("count(list) > now", [("list", ())]),
        ("a between b and c", [("a", ()), ("b", ()), ("c", ())]),
        ("if a then b else c", [("a", ()), ("b", ()), ("c", ())]),
        ("[a..b]", [("a", ()), ("b", ())]),
        ("1 + 2", []),
    ],
)
def test_reads(source: str, expected: list[Any]) -> None:
    assert [(one.name, one.fields) for one in feel.reads(feel.compile(source))] == expected


def test_reads_in_a_filter_tell_what_is_filtered() -> None:
    found = feel.reads(feel.compile("a.b[x = 1 and item > y][f(z)[w = 1] = v]", names=["f"]))
    assert [(one.name, one.filtered) for one in found] == [
        ("a", ()),
        ("x", (("a", "b"),)),
        ("y", (("a", "b"),)),
        ("f", (None,)),
        ("z", (None,)),
        ("w", (None, None)),
        ("v", (None,)),
    ]


def test_where_a_name_stands() -> None:
    assert [one.at for one in feel.reads(feel.compile("= a + b"))] == [2, 6]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('a = "x"', [("a", "=", "x")]),
        ("3 < a.b", [("a", ">", 3)]),
        ('a in ("x", ["y", z], > 3)', [("a", "=", "x"), ("a", "=", "y"), ("a", ">", 3)]),
        ("some a in b satisfies a = 1", []),
        ("a = b", []),
    ],
)
def test_comparisons(source: str, expected: list[Any]) -> None:
    found = feel.comparisons(feel.compile(source))
    assert [(one.read.name, one.operator, one.value) for one in found] == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"x"', ("x",)),
        ('= if a then "x" else if b then null else 3', ("x", None, 3)),
        ('if a then "x" else b', None),
        ('["x"]', None),
    ],
)
def test_results(source: str, expected: Any) -> None:
    assert feel.results(feel.compile(source)) == expected


@settings(max_examples=300, deadline=None)
@given(chance=st.randoms(use_true_random=False), depth=st.integers(1, 4))
def test_what_is_read_is_what_the_compiler_says(chance: Random, depth: int) -> None:
    try:
        expression = feel.compile(grammar.expression(chance, depth), names=grammar.KNOWN)
    except feel.FeelError:
        return
    found = feel.reads(expression)
    assert {one.name for one in found} == expression.names | expression.possible_names
    assert {one.name for one in found if not one.filtered} <= expression.names
