"""Nothing in a diagram is evaluated as Python, wherever an expression may stand."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from tests.hostile import CODE, SWELLING, WORK, frugal
from tongxin import engine, feel
from tongxin.engine.script import FeelEngine

Play = Callable[..., Any]
Diagram = Callable[..., bytes]

PLACES = {
    "condition": '<userTask id="x" default="d"/><endEvent id="y"/><sequenceFlow id="d" sourceRef="x" targetRef="y"/>'
    '<sequenceFlow id="g" sourceRef="x" targetRef="y"><conditionExpression>{0}</conditionExpression></sequenceFlow>',
    "script": '<scriptTask id="x"><script>a = {0}</script></scriptTask>',
    "script line": '<scriptTask id="x"><script>{0}</script></scriptTask>',
    "limit": '<userTask id="x" tx:limit={1}/>',
    "assignee": '<userTask id="x" tx:assignee={1}/>',
    "time date": '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>{0}</timeDate></timerEventDefinition>'
    "</intermediateCatchEvent>",
    "time duration": '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>{0}</timeDuration>'
    "</timerEventDefinition></intermediateCatchEvent>",
    "input": '<serviceTask id="x" tx:do="a"><extensionElements><tx:input name="a" value={1}/></extensionElements>'
    "</serviceTask>",
    "output": '<serviceTask id="x" tx:do="a"><extensionElements><tx:output name="a" value={1}/></extensionElements>'
    "</serviceTask>",
    "collection": '<userTask id="x"><multiInstanceLoopCharacteristics tx:collection={1}/></userTask>',
    "completion": '<userTask id="x"><multiInstanceLoopCharacteristics tx:collection="[1, 2]"><completionCondition>{0}'
    "</completionCondition></multiInstanceLoopCharacteristics></userTask>",
    "message key": '<receiveTask id="x" messageRef="n"/>',
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", CODE)
def test_python_never_runs(place: str, attack: str, diagram: Diagram, player: Play, tmp_path: Path) -> None:
    file = tmp_path / "touched"
    with frugal():
        variables = run(place, CODE[attack].format(file=file), diagram, player)
    assert all(_is_harmless(value) for value in variables.values())
    assert not file.exists()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", WORK)
def test_no_expression_takes_long_or_much(place: str, attack: str, diagram: Diagram, player: Play) -> None:
    with frugal():
        run(place, WORK[attack].format(), diagram, player)


@pytest.mark.parametrize("attack", SWELLING)
def test_no_list_of_texts_takes_much(attack: str, diagram: Diagram, player: Play) -> None:
    with frugal():
        run("script", SWELLING[attack], diagram, player)


@pytest.mark.parametrize(
    "source",
    [
        "{f: function(g, n) if n = 0 then 1 else g(g, n - 1) + g(g, n - 1), r: f(f, 12)}.r",
        "for i in 1..10000 return i * i",
        "every x in 1..10000 satisfies x > 0",
        "(for i in 1..5000 return i)[item > 1]",
    ],
)
def test_work_takes_as_long_wherever_it_is_called_from(source: str) -> None:
    """Also where a piece of CPython's stack ends, and each call would map and unmap memory."""
    expression = feel.compile(source)
    times = [time_at(depth, expression) for depth in range(0, 120, 4)]
    assert max(times) < 4 * sorted(times)[len(times) // 2]


def time_at(depth: int, expression: feel.Expression) -> float:
    if depth:
        return time_at(depth - 1, expression)
    took = []
    for _ in range(3):
        began = time.process_time()
        expression.evaluate({})
        took.append(time.process_time() - began)
    return min(took)


def run(place: str, text: str, diagram: Diagram, player: Play) -> dict[str, Any]:
    """Compile and play to the end; the variables, none where the diagram was refused or a step failed."""
    declared = f'<message id="n" name="n" tx:key={quoteattr(text)}/>' if place == "message key" else ""
    try:
        case = player(diagram(through=PLACES[place].format(escape(text), quoteattr(text)), declared=declared))
        case.start()
        for _ in range(2):
            for task in list(case.tasks.values()):
                if task.key in case.tasks:
                    case.complete(task.node)
        for effect in list(case.effects.values()):
            case.resolve(effect.node, {"a": 1})
    except (engine.Refused, engine.Failed):
        return {}
    return dict(case.variables)


def _is_harmless(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | list | dict)


def test_the_script_engine_takes_no_text() -> None:
    feel_engine = FeelEngine()
    with pytest.raises(TypeError):
        feel_engine.evaluate(None, "1 + 1")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        feel_engine.validate("1 + 1")
    with pytest.raises(TypeError):
        feel_engine.call_service(None)
    with pytest.raises(NotImplementedError):
        feel_engine.environment.evaluate("1 + 1", {})
    with pytest.raises(NotImplementedError):
        feel_engine.environment.execute("a = 1", {})


def test_the_library_stays_as_it_is() -> None:
    """No global patch: the library's own classes run as shipped beside ours."""
    from SpiffWorkflow.bpmn.specs.defaults import UserTask  # noqa: PLC0415 - only here
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # noqa: PLC0415
    from SpiffWorkflow.specs.base import TaskSpec  # noqa: PLC0415
    from SpiffWorkflow.task import Task  # noqa: PLC0415

    for kind in (UserTask, BpmnWorkflow, TaskSpec, Task):
        for name, attribute in vars(kind).items():
            module = getattr(attribute, "__module__", None)
            assert module is None or module.startswith(("SpiffWorkflow", "typing", "builtins")), f"{kind}.{name}"
