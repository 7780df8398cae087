"""Literal-expression decisions of the DMN TCK, where its cases lie beside the checkout."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tongxin import feel
from tongxin.feel.frame import Budget
from tongxin.feel.literals import temporal_value
from tongxin.feel.logic import equal

CASES = Path(__file__).parents[2].parent / "shared" / "dmn-tck"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SHARE = 0.96  # of these cases; the rest needs typed results, decision services, or years before 1 and after 9999


class Model:
    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        self.decisions = {decision.get("name"): decision for decision in root.findall("{*}decision")}
        self.by_id = {f"#{decision.get('id')}": decision for decision in self.decisions.values()}
        self.functions = root.findall("{*}businessKnowledgeModel")

    def expression(self, name: str) -> str | None:
        """The text of a literal decision that needs no function and only literal decisions."""
        decision = self.decisions.get(name)
        if decision is None or decision.find("{*}knowledgeRequirement") is not None:
            return None
        text = decision.findtext("{*}literalExpression/{*}text")
        required = decision.findall("{*}informationRequirement/{*}requiredDecision")
        return text if all(self.required(link) for link in required) else None

    def required(self, link: Any) -> str | None:
        decision = self.by_id.get(link.get("href"))
        return None if decision is None else self.expression(decision.get("name"))

    def evaluate(self, name: str, inputs: dict[str, Any]) -> Any:
        scope = dict(inputs)
        for link in self.decisions[name].findall("{*}informationRequirement/{*}requiredDecision"):
            needed = self.by_id[link.get("href")].get("name")
            scope[needed] = self.evaluate(needed, inputs)
        source = self.expression(name)
        assert source is not None
        try:
            return feel.compile(source, names=scope).evaluate(scope, datetime.now(UTC))
        except feel.FeelError:
            return None


def value_of(node: Any) -> Any:
    items = node.find("{*}list")
    if items is not None:
        return [value_of(item) for item in items.findall("{*}item")] if items.get(NIL) != "true" else None
    components = node.findall("{*}component")
    if components:
        return {component.get("name"): value_of(component) for component in components}
    plain = node.find("{*}value")
    if plain is None or plain.get(NIL) == "true":
        return None
    text, kind = plain.text or "", (plain.get(TYPE) or "string").partition(":")[2]
    if kind == "boolean":
        return text == "true"
    if kind in {"decimal", "double", "integer"}:
        return Decimal(text)
    return temporal_value(text) if kind in {"date", "time", "dateTime", "duration"} else text


def agree(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(agree, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(agree(expected[key], found[key]) for key in expected)
    if isinstance(expected, Decimal) and isinstance(found, Decimal):
        return abs(expected - found) <= abs(expected) * Decimal("1e-8")
    if isinstance(expected, date) and isinstance(found, datetime) != isinstance(expected, datetime):
        return False
    return equal(expected, found, Budget()) is True


def results() -> Iterator[tuple[str, bool, str]]:
    """Every case: where, whether it passed, and what was found."""
    for path in sorted(CASES.glob("*/*/*-test-*.xml")):
        tests = ElementTree.parse(path).getroot()
        model = Model(path.parent / (tests.findtext("{*}modelName") or ""))
        for case in tests.findall("{*}testCase"):
            inputs = {node.get("name"): value_of(node) for node in case.findall("{*}inputNode")}
            for result in case.findall("{*}resultNode"):
                name = result.get("name")
                if model.expression(name) is None:
                    continue
                expected = value_of(result.find("{*}expected"))
                found = model.evaluate(name, inputs)
                where = f"{path.parent.name}/{case.get('id')}"
                told = f"{model.expression(name)!r} {inputs or ''}: expected {expected!r}, found {found!r}"
                yield where, agree(expected, found), told


@pytest.mark.skipif(not CASES.is_dir(), reason="the TCK's cases are not beside this checkout")
def test_agrees_with_the_standard() -> None:
    told = list(results())
    missed = [f"{where} {what}" for where, passed, what in told if not passed]
    assert len(missed) <= (1 - SHARE) * len(told), "\n".join(missed)


if __name__ == "__main__":
    told = list(results())
    for where, passed, what in told:
        if not passed:
            print(where, what)
    print(sum(passed for _, passed, _ in told), "of", len(told))
