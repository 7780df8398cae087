"""A decision table in a procedure's folder: asked by a business rule task, checked when it is published."""

import pytest

from tests.worker.test_between_cases import END, FORM, START, WORK, line, package
from tongxin import engine
from tongxin.clock import now
from tongxin.procedures.definition import Refused, compile_package

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="紧急" namespace="urn:test">
  <decision id="urgency" name="紧急程度"><variable id="v" name="紧急程度" typeRef="string"/>
    <informationRequirement id="ir"><requiredInput href="#total_in"/></informationRequirement>
    <decisionTable id="t" hitPolicy="{hit}"><input id="i"><inputExpression id="ie" typeRef="number"><text>total</text>
      </inputExpression></input><output id="o" name="紧急程度" typeRef="string"/>
      <rule id="r1"><inputEntry id="a1"><text>{first}</text></inputEntry>
        <outputEntry id="b1"><text>"高"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="a2"><text>&lt; 10</text></inputEntry>
        <outputEntry id="b2"><text>"低"</text></outputEntry></rule></decisionTable></decision>
  <inputData id="total_in" name="total"><variable id="iv" name="total" typeRef="number"/></inputData></definitions>"""
ASK = '<businessRuleTask id="rule" tx:decision="{}" tx:result="what"/>'


def made(hit: str = "UNIQUE", first: str = "&gt;= 10", asked: str = "紧急程度") -> dict[str, str]:
    table = TABLE.format(hit=hit, first=first)
    more = {"urgent.dmn": table, "forms/start.json": FORM.replace("got", "total")}
    return dict(package("rules", line(START, ASK.format(asked), WORK, END), more=more))


def test_a_task_asks_the_table_and_the_step_says_why() -> None:
    definition = compile_package(made())
    step = engine.start(definition.process, {"total": 12}, now(), {})
    assert step.variables["what"] == "高"
    (decided,) = step.decided
    assert (decided.node, decided.decision) == ("rule", "紧急程度")
    assert [rule["number"] for rule in decided.explanation[0]["rules"]] == [1]
    assert definition.warnings == ()


def test_a_gap_is_a_warning() -> None:
    (warning,) = compile_package(made(first="&gt; 10")).warnings
    assert (warning.severity, warning.element.partition("#")[0]) == ("warning", "urgent.dmn")


@pytest.mark.parametrize(
    ("package", "word"),
    [(made(asked="没有"), "找不到决策“没有”"), (made(first="&gt;=="), "urgent.dmn"), (made(hit="SOME"), "urgent.dmn")],
)
def test_a_broken_or_missing_table_is_refused(package: dict[str, str], word: str) -> None:
    with pytest.raises(Refused, match=word):
        compile_package(package)
