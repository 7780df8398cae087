"""Nothing in a diagram is evaluated as Python, wherever an expression may stand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from tongxin import engine
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
ATTACKS = [
    "__import__('os').system('touch {file}')",
    '__import__("os").system("touch {file}")',
    'open("{file}", "w")',
    "().__class__.__base__.__subclasses__()",
    'eval("__import__(\\"os\\").system(\\"touch {file}\\")")',
    "variables.__class__.__init__.__globals__",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_python_never_runs(place: str, attack: str, diagram: Diagram, player: Play, tmp_path: Path) -> None:
    file = tmp_path / "touched"
    text = attack.replace("{file}", str(file))
    declared = f'<message id="n" name="n" tx:key={quoteattr(text)}/>' if place == "message key" else ""
    escaped = text.replace("<", "&lt;")
    source = diagram(through=PLACES[place].format(escaped, quoteattr(text)), declared=declared)
    try:
        case = player(source)
        case.start()
        for _ in range(2):
            for task in list(case.tasks.values()):
                if task.key in case.tasks:
                    case.complete(task.node)
        for effect in list(case.effects.values()):
            case.resolve(effect.node, {"a": 1})
    except (engine.Refused, engine.Failed):
        pass
    else:
        assert all(_is_harmless(value) for value in case.variables.values())
    assert not file.exists()


def _is_harmless(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | list)


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
