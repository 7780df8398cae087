"""Lanes whose role and level are worked out: what is refused, what fails, what a migration keeps."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.conftest import NOW
from tests.engine.test_migrating import over
from tests.engine.test_moving import chain
from tongxin import engine

Make = Callable[..., Any]
_DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1" id="d"
targetNamespace="t"><process id="p" isExecutable="true"><laneSet id="lanes"><lane id="lane" name="按条件" {lane}>
<flowNodeRef>a</flowNodeRef></lane></laneSet><startEvent id="s"/><userTask id="a" name="{name}" {task}/>
<endEvent id="e"/>{flows}</process></definitions>"""
BY_RISK = "= if danger then &quot;officer&quot; else &quot;clerk&quot;"
BY_LEVEL = "=level"


def process(role: str = "clerk", level: str = "", task: str = "", name: str = "核实") -> engine.Process:
    lane = f'tx:role="{role}"' + (f' tx:level="{level}"' if level else "")
    flows = chain("s", "a", "e")
    return engine.compile(_DIAGRAM.format(lane=lane, task=task, name=name, flows=flows).encode())


def test_all_roles_are_known_before_anything_runs() -> None:
    assert process(BY_RISK).nodes["a"].roles == {"officer", "clerk"}
    nested = "= if danger then (if far then &quot;x&quot; else &quot;y&quot;) else &quot;z&quot;"
    assert process(nested).nodes["a"].roles == {"x", "y", "z"}
    assert process("officer").nodes["a"].roles == {"officer"}


@pytest.mark.parametrize(
    "role",
    [
        "=who",
        "= if danger then who else &quot;x&quot;",
        "= if danger then &quot;x&quot; else null",
        "=3",
        "=&quot;&quot;",
    ],
)
def test_an_expression_that_does_not_tell_its_roles_is_refused(role: str) -> None:
    with pytest.raises(engine.Refused) as refused:
        process(role)
    (one,) = refused.value.findings
    assert (one.element, one.name) == ("lane", "按条件")
    assert "tx:role" in one.message


def test_a_level_that_is_none_fails_and_says_so() -> None:
    with pytest.raises(engine.Failed, match="没有给出由谁办"):
        engine.start(process(level=BY_LEVEL), {"level": 3}, NOW, {})


def test_what_was_asked_for_is_kept(player: Make) -> None:
    case = player(process(BY_RISK, BY_LEVEL), {"danger": True, "level": "county"})
    case.start()
    case.assign(danger=False, level="grid")
    (key,) = case.tasks
    assert engine.lane_of(case.process, case.state, key) == ("officer", "county")
    with pytest.raises(engine.NotReady):
        engine.lane_of(case.process, case.state, key + 1)


def test_a_migration_asks_anew_only_if_the_lane_is_another(player: Make) -> None:
    case = player(process(BY_RISK, BY_LEVEL), {"danger": True, "level": "county"})
    case.start()
    case.assign(danger=False, level="grid")
    (task,) = over(case, process(BY_RISK, BY_LEVEL, name="核查")).changed
    assert (task.name, task.role, task.level) == ("核查", "officer", "county")
    (task,) = over(case, process("= if danger then &quot;x&quot; else &quot;y&quot;", BY_LEVEL)).changed
    assert (task.role, task.level) == ("y", "grid")
    (task,) = over(case, process("clerk", "city")).changed
    assert (task.role, task.level) == ("clerk", "city")
    assert engine.lane_of(case.process, case.state, task.key) == ("clerk", "city")


@pytest.mark.parametrize(
    ("title", "called"),
    [
        ("&quot;核实：&quot; + what", "核实：井盖"),
        ("nothing", "核实"),
        ("3", "核实"),
        ("&quot; &quot;", "核实"),
        ("&quot;一\n二&quot;", "一 二"),
        ("string join(for n in 1..300 return &quot;长&quot;)", "长" * 200),
        ("count(for a in 1..9999, b in 1..9999 return a)", "核实"),  # its budget is spent
    ],
)
def test_what_a_step_is_called(title: str, called: str) -> None:
    step = engine.start(process(task=f'tx:title="{title}"'), {"what": "井盖"}, NOW, {})
    assert [task.name for task in step.opened] == [called]
