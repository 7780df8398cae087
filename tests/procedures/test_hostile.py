"""Expressions that mean harm, wherever one may stand in a procedure's folder beside its diagram."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.hostile import CODE, WORK, frugal
from tests.procedures.packages import flow, package
from tongxin import feel, forms
from tongxin.procedures.definition import Definition, Refused, compile_package
from tongxin.procedures.package import Package, Unreadable

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
SCOPE = {"what": "漏水", "note": "急"}
TOML = """format = 1
key = "trial"
title = "试办"
code = "SB"
urgent = {urgent}
colour = {colour}
[start]
by = ["community_clerk"]
level = "community"
title = {title}
[public]
answer = {answer}
share = "share.txt"
share_when = {share_when}
[[ledger]]
name = "什么事"
value = {ledger}
"""
IN_TOML = ("urgent", "colour", "title", "answer", "share_when", "ledger")
IN_FORM = ("x-visible", "x-value")
PLAIN = package(
    '<startEvent id="begin"/><userTask id="work" tx:form="work"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "done"),
    {"community_clerk": ["begin", "work", "done"]},
    forms={"work": ["note", "cost"]},
)


def with_expression(place: str, text: str) -> Package:
    """A small procedure with this expression at one place."""
    written = {name: json.dumps(text if name == place else "what", ensure_ascii=False) for name in IN_TOML}
    work = json.loads(PLAIN["forms/work.json"])
    if place in IN_FORM:
        work["properties"]["note"][place] = text
    hole = text if place == "text" else "what"
    return {
        **PLAIN,
        "procedure.toml": TOML.format(**written),
        "forms/work.json": json.dumps(work),
        "texts/share.txt": f"{{{{ {hole} }}}}",
    }


def evaluate_all(definition: Definition) -> None:
    """As pages and verbs do."""
    for expression in (
        definition.title,
        definition.urgent,
        definition.colour,
        definition.answer,
        definition.share_when,
    ):
        expression.evaluate(SCOPE, NOW)
    for expression in definition.ledger.values():
        expression.evaluate(SCOPE, NOW)
    assert definition.share is not None
    definition.share.fill(SCOPE, NOW)
    forms.check(definition.forms["work"], {"note": "急", "cost": 1}, SCOPE, NOW)
    forms.view(definition.forms["work"], {}, SCOPE, now=NOW)


def run(place: str, text: str) -> None:
    with frugal(), suppress(Refused, Unreadable, feel.FeelError):
        evaluate_all(compile_package(with_expression(place, text)))


def test_a_harmless_one_passes() -> None:
    for place in (*IN_TOML, *IN_FORM, "text"):
        evaluate_all(compile_package(with_expression(place, "what")))


@pytest.mark.parametrize("place", [*IN_TOML, *IN_FORM, "text"])
@pytest.mark.parametrize("attack", CODE)
def test_python_never_runs(place: str, attack: str, tmp_path: Path) -> None:
    file = tmp_path / "touched"
    run(place, CODE[attack].format(file=file))
    assert not file.exists()


@pytest.mark.parametrize("place", [*IN_TOML, *IN_FORM, "text"])
@pytest.mark.parametrize("attack", WORK)
def test_no_expression_takes_long_or_much(place: str, attack: str) -> None:
    run(place, WORK[attack].format())
