from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decisions.writing import data, decision, document, table
from tongxin import decisions

LEVEL = (
    '<itemDefinition name="级"><typeRef>string</typeRef>'
    '<allowedValues><text>"急", "缓"</text></allowedValues></itemDefinition>'
)


def reviewed(*inputs: str, rules: list[str], policy: str = "UNIQUE", output: str = "x") -> list[str]:
    """An input is `name`, or `name: type`."""
    typed = dict(one.partition(": ")[::2] for one in inputs)
    logic = table(list(typed), [output], rules, policy)
    for name, type_ref in typed.items():
        if type_ref:
            before = f"<inputExpression><text>{name}<"
            logic = logic.replace(before, f'<inputExpression typeRef="{type_ref}"><text>{name}<')
    body = LEVEL + "".join(map(data, typed)) + decision("d", logic, inputs=" ".join(typed))
    return [finding.message for finding in decisions.compile(document(body)).review()]


@pytest.mark.parametrize(
    ("inputs", "rules", "expected"),
    [
        (["n"], ["< 5 -> 1", ">= 5 -> 2"], []),
        (["n"], ["< 5 -> 1", "> 5 -> 2"], ["没有规则管这种情况：n 5"]),
        (["n"], ["<= 5 -> 1", ">= 5 -> 2"], ["第 1 行和第 2 行规则重叠：n 5"]),
        (["n"], ["[1..3) -> 1", "[4..9] -> 2"], ["没有规则管这种情况：n < 1、[3..4)、> 9"]),
        (["n"], ["not(5) -> 1", "-5 -> 2"], ["没有规则管这种情况：n 5", "第 1 行和第 2 行规则重叠：n -5"]),
        (["n"], ["!= 5 -> 1", "= 5 -> 2"], []),
        (["s"], ['"a" -> 1', '"b" -> 2'], ["没有规则管这种情况：s 其他"]),
        (["s: 级"], ['"急" -> 1', '"缓" -> 2'], []),
        (["s: 级"], ['"急" -> 1'], ["没有规则管这种情况：s “缓”"]),
        (["b: boolean"], ["true -> 1"], ["没有规则管这种情况：b “false”".replace("“false”", "false")]),
        (["t"], ['< date("2026-01-01") -> 1', '> @"2026-01-01" -> 2'], ["没有规则管这种情况：t 2026-01-01"]),
        (["t"], ['< @"P1D" -> 1', '>= @"PT24H" -> 2'], []),
        (["n", "s: 级"], ['< 5 | - -> 1', '>= 5 | "急" -> 2'], ["没有规则管这种情况：n >= 5，s “缓”"]),
        (["n", "m"], ["< 5 | - -> 1", "- | < 5 -> 2", ">= 5 | >= 5 -> 3"], ["第 1 行和第 2 行规则重叠：n < 5，m < 5"]),
        (["n"], ["? > 5 -> 1", "5 -> 2"], ["这张决策表查不出有没有遗漏和重叠：有的格里是算出来的值"]),
        (["n", "m"], ["m | - -> 1"], ["这张决策表查不出有没有遗漏和重叠：有的格里是算出来的值"]),
        (["t"], ["> today() -> 1"], ["这张决策表查不出有没有遗漏和重叠：有的格里是算出来的值"]),
        (["n"], ['1 -> 1', '"a" -> 2'], ["这张决策表查不出有没有遗漏和重叠：“n”一列里有几种类型的值"]),
        (["s"], ['["a".."c"] -> 1'], ["这张决策表查不出有没有遗漏和重叠：“s”一列有文字的区间"]),
    ],
)  # fmt: skip
def test_gaps_and_overlaps(inputs: list[str], rules: list[str], expected: list[str]) -> None:
    assert reviewed(*inputs, rules=rules) == expected


def test_what_a_policy_allows_is_no_finding() -> None:
    overlapping = ["< 5 -> 1", "< 6 -> 1", ">= 6 -> 2"]
    assert reviewed("n", rules=overlapping, policy="ANY") == []
    assert reviewed("n", rules=["< 6 -> 1", "< 5 -> 2", ">= 6 -> 2"], policy="FIRST") == [
        "第 2 行规则永远轮不到：第 1 行已经包括它"
    ]
    assert reviewed("n", rules=["< 6 -> 1", "< 5 -> 2"], policy="COLLECT") == []
    assert reviewed("n", rules=["< 6 -> 1"], output="x:  ?? 0") == []


CELLS = ["-", "< 1", "<= 1", "1", "> 1", ">= 2", "[1..2]", "(1..2)", "(1..3]", "not(2)", "!= 2", "1, 3", "< 1, > 2"]
POINTS = [Decimal(half) / 2 for half in range(8)]  # every number named in a cell, and one between


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)), min_size=1, max_size=5))
def test_agrees_with_trying_every_point(rows: list[tuple[str, str]]) -> None:
    rules = [f"{one} | {other} -> {number}" for number, (one, other) in enumerate(rows)]
    counting = table(["n", "m"], ["x"], rules, "COLLECT", "COUNT")
    model = decisions.compile(document(data("n") + data("m") + decision("d", counting, inputs="n m")))
    counts = [model.evaluate("d", {"n": n, "m": m}, None).value for n in POINTS for m in POINTS]
    found = reviewed("n", "m", rules=rules)
    assert any("没有规则管" in message for message in found) == (0 in counts)
    assert any("重叠" in message for message in found) == (max(counts) > 1)


def test_large_tables_take_seconds_at_most() -> None:
    rules = [f"[{n}..{n + 1}) | {n % 5} | < {n} | - | > {n % 9} -> {n}" for n in range(1000)]
    started = perf_counter()
    assert reviewed("a", "b", "c", "d", "e", rules=rules)
    assert perf_counter() - started < 10
