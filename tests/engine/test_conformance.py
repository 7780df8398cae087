"""Every model of bpmn/conformance does what its .yaml says, step by step, saved and loaded between the steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tongxin import engine, feel

CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"
VERBS = ("start", "complete", "deliver", "fire", "resolve", "assign")
BROUGHT = ("values", "instance", "payload", "result", "error", "now")


def scripts() -> list[Any]:
    found = []
    for path in sorted(CONFORMANCE.glob("*.yaml")):
        script = YAML(typ="safe").load(path)
        for number, case in enumerate([script, *script.get("cases", [])]):
            found.append(pytest.param(path.stem, script | case, id=f"{path.stem}-{number}"))
    return found


def value(written: Any) -> Any:
    """Texts that begin with = are FEEL; numbers are never floats."""
    if isinstance(written, str) and written.startswith("="):
        return feel.compile(written).evaluate({})
    if isinstance(written, float):
        return Decimal(str(written))
    return written


@pytest.mark.parametrize(("name", "script"), scripts())
def test_model_does_what_its_script_says(
    name: str, script: dict[str, Any], model: Callable[[str], engine.Process], player: Callable[..., Any]
) -> None:
    variables = {name: value(one) for name, one in script.get("variables", {}).items()}
    case = player(model(name), variables, script.get("env"))
    for number, line in enumerate(script["steps"], 1):
        step = _do(case, line)
        for word, expected in line.items():
            if word in CHECKS:
                assert CHECKS[word](case, step, expected) == expected, f"step {number}: {word}"
            else:
                assert word in (*VERBS, *BROUGHT), f"unknown word {word}"


def _do(case: Any, line: dict[str, Any]) -> engine.Step:
    if "now" in line:
        case.now = datetime.fromisoformat(line["now"])
    instance = line.get("instance", 1)
    if "start" in line:
        return case.start(**(line["start"] or {}))
    if "complete" in line:
        return case.complete(line["complete"], instance, **line.get("values", {}))
    if "deliver" in line:
        return case.deliver(line["deliver"], line.get("payload"), instance)
    if "fire" in line:
        return case.fire(line["fire"], instance)
    if "assign" in line:
        return case.assign(**line["assign"])
    return case.resolve(line["resolve"], line.get("result"), line.get("error"), instance)


def _cancelled(case: Any, step: engine.Step, expected: Any) -> list[str]:
    nodes = case.nodes_of_keys
    return sorted(nodes[closed.key] for closed in step.closed if closed.how == "cancelled")


def _sent(one: engine.Sent) -> dict[str, Any]:
    correlation = {} if one.correlation is None else {"correlation": one.correlation}
    return {one.kind: one.name, "payload": one.payload} | correlation


def _by_node(waiting: Mapping[int, Any], what: Callable[[Any], Any]) -> dict[str, Any]:
    """Node → what is said of it; a list when it waits several times."""
    found: dict[str, list[Any]] = {}
    for key in sorted(waiting):
        found.setdefault(waiting[key].node, []).append(what(waiting[key]))
    return {node: said[0] if len(said) == 1 else said for node, said in found.items()}


def _paused(case: Any, step: engine.Step, expected: Any) -> dict[str, Any]:
    by_key = engine.paused(case.process, step.state)
    waiting = {key: one for key, one in (case.tasks | case.timers).items() if key in by_key}
    return _by_node(waiting, lambda one: list(by_key[one.key]))


CHECKS: dict[str, Callable[[Any, engine.Step, Any], Any]] = {
    "open": lambda case, step, expected: case.open,
    "cancelled": _cancelled,
    "paused": _paused,
    "ended": lambda case, step, expected: step.ended and step.ended.node,
    "trail": lambda case, step, expected: [visit.id for visit in step.trail],
    "variables": lambda case, step, expected: {name: step.variables.get(name) for name in expected},
    "timers": lambda case, step, expected: _by_node(case.timers, lambda one: one.due.at.isoformat()),
    "waits": lambda case, step, expected: _by_node(case.waits, lambda one: one.message),
    "correlations": lambda case, step, expected: _by_node(case.waits, lambda one: one.correlation),
    "effects": lambda case, step, expected: _by_node(case.effects, lambda one: one.input),
    "sent": lambda case, step, expected: [_sent(one) for one in step.sent],
    "decided": lambda case, step, expected: [{one.decision: one.explanation} for one in step.decided],
    "stored": lambda case, step, expected: step.stored,
    "due": lambda case, step, expected: {
        task.node: task.due.at.isoformat() for task in case.tasks.values() if task.due
    },
    "roles": lambda case, step, expected: {task.node: f"{task.role}/{task.level}" for task in case.tasks.values()},
    "names": lambda case, step, expected: [task.name for task in case.tasks.values()],
    "assignees": lambda case, step, expected: [task.assignee for task in case.tasks.values()],
    "locals": lambda case, step, expected: [task.local for task in case.tasks.values()],
}
