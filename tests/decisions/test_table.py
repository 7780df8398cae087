from datetime import date
from decimal import Decimal
from time import perf_counter
from typing import Any

import pytest

from tests.decisions.writing import data, decision, document, table
from tongxin import decisions


def evaluated(logic: str, inputs: dict[str, Any], *, type_ref: str = "") -> decisions.Outcome:
    names = " ".join(inputs)
    body = "".join(data(name) for name in inputs) + decision("结论", logic, inputs=names, type_ref=type_ref)
    return decisions.compile(document(body)).evaluate("结论", inputs, None)


OVERLAPPING = ['> 1 -> "b"', '> 2 -> "a"', '> 3 -> "b"', '> 9 -> "c"']


@pytest.mark.parametrize(
    ("policy", "n", "expected"),
    [
        ("UNIQUE", 2, "b"),
        ("UNIQUE", 3, None),  # two rules
        ("UNIQUE", 0, None),
        ("ANY", 2, "b"),
        ("ANY", 3, None),  # two different results
        ("FIRST", 5, "b"),
        ("PRIORITY", 5, "a"),
        ("OUTPUT ORDER", 5, ["a", "b", "b"]),
        ("RULE ORDER", 5, ["b", "a", "b"]),
        ("COLLECT", 5, ["b", "a", "b"]),
        ("COLLECT", 0, None),
    ],
)
def test_hit_policies(policy: str, n: int, expected: Any) -> None:
    logic = table(["n"], ['x: "a", "b", "c"'], OVERLAPPING, policy)
    assert evaluated(logic, {"n": n}).value == expected


@pytest.mark.parametrize(
    ("aggregation", "n", "expected"),
    [("SUM", 5, Decimal("7.5")), ("MIN", 5, Decimal("2.5")), ("MAX", 5, 5), ("COUNT", 5, 2), ("COUNT", 0, 0)],
)
def test_aggregations(aggregation: str, n: int, expected: Any) -> None:
    logic = table(["n"], ["x"], ["> 1 -> 5", "> 2 -> 2.5", "> 9 -> 1"], "COLLECT", aggregation)
    assert evaluated(logic, {"n": n}).value == expected


def test_any_takes_rules_that_agree() -> None:
    logic = table(["n"], ["x", "y"], ["> 1 -> 1.0 | 2", "> 2 -> 1 | 1 + 1"], "ANY")
    assert evaluated(logic, {"n": 3}).value == {"x": 1, "y": 2}


def test_default_output_where_no_rule_matches() -> None:
    logic = table(["n"], ['x: "a" ?? "无"', "y:  ?? 0"], ['1 -> "a" | 1'])
    assert evaluated(logic, {"n": 2}).value == {"x": "无", "y": 0}


def test_explains_which_rules_fired() -> None:
    logic = table(["费用", "日期"], ["x"], ['>= 100 | - -> "高" # 按办法第三条', '< 100 | - -> "低"'])
    outcome = evaluated(logic, {"费用": Decimal("120.50"), "日期": date(2026, 3, 5)})
    assert outcome.value == "高"
    assert outcome.explanation == [
        {
            "decision": "结论",
            "element": "结论",
            "kind": "table",
            "hit_policy": "UNIQUE",
            "inputs": [{"label": "费用", "value": "120.50"}, {"label": "日期", "value": "2026-03-05"}],
            "rules": [{"number": 1, "element": "", "annotation": "按办法第三条"}],
            "value": "高",
            "problem": None,
        }
    ]


def test_says_why_there_is_no_value() -> None:
    told = evaluated(table(["n"], ["x"], OVERLAPPING), {"n": 3}).explanation[0]
    assert [rule["number"] for rule in told["rules"]] == [1, 2]
    assert "同时命中" in told["problem"]


def test_refuses_a_value_that_is_not_allowed() -> None:
    logic = table(["n"], ["x"], ["- -> 1"]).replace("</input>", "<inputValues><text>1, 2</text></inputValues></input>")
    assert evaluated(logic, {"n": 2}).value == 1
    outcome = evaluated(logic, {"n": 3})
    assert outcome.value is None
    assert "允许值" in outcome.explanation[0]["problem"]


def test_a_thousand_rules_of_five_inputs_within_5_ms() -> None:
    """The first four inputs match every rule, so all cells are looked at."""
    rules = [f'>= {-n} | [0..{n + 9}) | "级{n % 3}", "任意" | not({n}) | [{n}..{n + 1}) -> {n}' for n in range(1000)]
    inputs = {"a": 7, "b": Decimal("3.5"), "c": "任意", "d": -1, "e": 999}
    body = "".join(map(data, inputs)) + decision("x", table(list(inputs), ["x"], rules), inputs="a b c d e")
    model = decisions.compile(document(body))
    assert model.evaluate("x", inputs, None).value == 999
    best = 1.0
    for _ in range(10):
        started = perf_counter()
        model.evaluate("x", inputs, None)
        best = min(best, perf_counter() - started)
    print(f"1,000 rules × 5 inputs: {best * 1000:.2f} ms")
    assert best < 0.005
