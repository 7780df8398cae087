"""Every model of bpmn/conformance does what its .yaml says, step by step, saved and loaded between the steps."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tongxin import engine, feel

CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"
VERBS = ("start", "complete", "deliver", "fire", "resolve")


def scripts() -> list[Any]:
    found = []
    for path in sorted(CONFORMANCE.glob("*.yaml")):
        script = YAML(typ="safe").load(path)
        for number, case in enumerate([script, *script.get("cases", [])]):
            found.append(pytest.param(path.with_suffix(".bpmn"), script | case, id=f"{path.stem}-{number}"))
    return found


def value(written: Any) -> Any:
    """Texts that begin with = are FEEL; numbers are never floats."""
    if isinstance(written, str) and written.startswith("="):
        return feel.compile(written).evaluate({})
    if isinstance(written, float):
        return Decimal(str(written))
    return written


@pytest.mark.parametrize(("model", "script"), scripts())
def test_model_does_what_its_script_says(model: Path, script: dict[str, Any], player: Callable[..., Any]) -> None:
    variables = {name: value(one) for name, one in script.get("variables", {}).items()}
    case = player(model.read_bytes(), variables, script.get("env"))
    for number, line in enumerate(script["steps"], 1):
        step = _do(case, line)
        for name, expected in line.items():
            if name in CHECKS:
                assert CHECKS[name](case, step, expected) == expected, f"step {number}: {name}"
            else:
                assert name in (*VERBS, "values", "instance", "payload", "result", "error"), f"unknown word {name}"


def _do(case: Any, line: dict[str, Any]) -> engine.Step:
    if "start" in line:
        return case.start()
    if "complete" in line:
        return case.complete(line["complete"], line.get("instance", 1), **line.get("values", {}))
    if "deliver" in line:
        return case.deliver(line["deliver"], line.get("payload"))
    if "fire" in line:
        return case.fire(line["fire"])
    return case.resolve(line["resolve"], line.get("result"), line.get("error"))


def _cancelled(case: Any, step: engine.Step, expected: Any) -> list[str]:
    nodes = case.nodes_of_keys
    return sorted(nodes[closed.key] for closed in step.closed if closed.how == "cancelled")


CHECKS: dict[str, Callable[[Any, engine.Step, Any], Any]] = {
    "open": lambda case, step, expected: case.open,
    "cancelled": _cancelled,
    "ended": lambda case, step, expected: step.ended and step.ended.node,
    "trail": lambda case, step, expected: [visit.id for visit in step.trail],
    "variables": lambda case, step, expected: {name: step.variables.get(name) for name in expected},
    "timers": lambda case, step, expected: {one.node: one.due.at.isoformat() for one in case.timers.values()},
    "waits": lambda case, step, expected: {one.node: one.message for one in case.waits.values()},
    "correlations": lambda case, step, expected: {one.node: one.correlation for one in case.waits.values()},
    "effects": lambda case, step, expected: {one.node: one.input for one in case.effects.values()},
    "due": lambda case, step, expected: {
        task.node: task.due.at.isoformat() for task in case.tasks.values() if task.due
    },
    "roles": lambda case, step, expected: {task.node: f"{task.role}/{task.level}" for task in case.tasks.values()},
    "assignees": lambda case, step, expected: [task.assignee for task in case.tasks.values()],
    "locals": lambda case, step, expected: [task.local for task in case.tasks.values()],
}
