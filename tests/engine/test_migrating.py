"""A running case goes over to another version: what waits keeps its key and its time, or the plan says why not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.engine.conftest import NOW
from tests.engine.test_moving import BRANCHES, NESTED, VOTE, chain, started
from tongxin import engine

Diagram = Callable[..., bytes]
Make = Callable[..., Any]


def over(case: Any, new: engine.Process, **more: Any) -> engine.Migration:
    done = engine.migrate(case.process, new, case.state, case.variables, NOW, {}, **more)
    case.process = new
    case._take(done.step)
    for task in done.changed:
        case.tasks[task.key] = task
    return done


def fates(case: Any, new: engine.Process, mapping: dict[str, str] | None = None) -> dict[str, str]:
    return {one.node: one.fate for one in engine.plan(case.process, new, case.state, mapping or {})}


TIMED = (
    '<startEvent id="s"/><userTask id="a" name="{name}"/>'
    '<boundaryEvent id="late" attachedToRef="a"><timerEventDefinition>'
    "<timeDuration>{wait}</timeDuration></timerEventDefinition></boundaryEvent>{more}"
    '<userTask id="b"/><endEvent id="e"/>' + chain("late", "b", "e")
)


def timed(diagram: Diagram, name: str, wait: str, *, more: str = "", way: tuple[str, ...] = ("s", "a", "b")) -> bytes:
    return diagram(TIMED.format(name=name, wait=wait, more=more) + chain(*way))


def test_task_and_timer_keep_key_and_time(diagram: Diagram, player: Make) -> None:
    case = started(player, timed(diagram, "核实", "P1D"))
    (task,), (timer,) = case.tasks, case.timers.values()
    new = engine.compile(timed(diagram, "核查", "P9D", more='<userTask id="c"/>', way=("s", "a", "c", "b")))
    done = over(case, new)
    assert list(case.tasks) == [task]
    assert case.tasks[task].name == "核查"
    assert [one.key for one in done.changed] == [task]
    assert list(case.timers.values()) == [timer]
    assert (done.step.opened, done.step.closed, done.step.timers_set) == ((), (), ())
    case.complete("a")
    assert case.open == ["c"]


def test_a_node_renamed_by_the_mapping(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram('<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>' + chain("s", "a", "e")))
    new = engine.compile(diagram('<startEvent id="s"/><userTask id="z"/><endEvent id="e"/>' + chain("s", "z", "e")))
    assert fates(case, new) == {"a": "stuck"}
    with pytest.raises(engine.CannotMigrate) as refused:
        over(case, new)
    assert [one.node for one in refused.value.landings] == ["a"]
    assert fates(case, new, {"a": "z"}) == {"a": "lands"}
    over(case, new, mapping={"a": "z"})
    assert case.open == ["z"]
    case.complete("z")
    assert case.ended is not None


def test_an_edge_that_is_gone_is_dropped_and_a_new_one_listened_for(diagram: Diagram, player: Make) -> None:
    without = '<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>' + chain("s", "a", "b", "e")
    case = started(player, timed(diagram, "", "P1D"))
    plain = engine.compile(diagram(without))
    assert fates(case, plain) == {"a": "lands", "late": "dropped"}
    over(case, plain)
    assert case.timers == {}
    over(case, engine.compile(timed(diagram, "", "P2D")))
    (timer,) = case.timers.values()
    assert timer.due.at == NOW + timedelta(days=2)


def test_a_wait_that_begins_and_gets_another_name_in_one_transaction_is_one_wait(
    diagram: Diagram, player: Make
) -> None:
    declared = '<message id="n" name="{}"/>'
    body = '<startEvent id="s"/><receiveTask id="a" messageRef="n"/><endEvent id="e"/>' + chain("s", "a", "e")
    old, new = (engine.compile(diagram(body, declared=declared.format(name))) for name in ("old", "new"))
    first = engine.start(old, {}, NOW, {})
    second = engine.migrate(old, new, first.state, first.variables, NOW, {}).step
    joined = engine.then(first, second)
    assert [one.message for one in joined.waits_set] == ["new"]
    assert joined.waits_cleared == ()


def test_progress_of_a_multi_instance_step_is_kept(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(VOTE))
    case.complete("vote", yes=True)
    over(case, engine.compile(diagram(VOTE.replace('id="vote"', 'id="vote" name="表决"'))))
    case.complete("vote", yes=False)
    case.complete("vote", yes=False)
    assert [vote["yes"] for vote in case.variables["votes"]] == [True, False, False]
    assert case.open == ["after"]


def test_a_multi_instance_step_cannot_become_a_single_one(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(VOTE))
    single = '<startEvent id="s"/><userTask id="vote"/><userTask id="after"/><endEvent id="e"/>' + chain(
        "s", "vote", "after", "e"
    )
    assert set(fates(case, engine.compile(diagram(single))).values()) == {"stuck"}


def test_a_join_keeps_what_arrived_although_its_flows_were_drawn_anew(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(BRANCHES))
    case.complete("b")
    new = engine.compile(diagram(BRANCHES.replace('id="b_join"', 'id="another"')))
    over(case, new)
    case.complete("a")
    assert case.open == ["c"]


def test_a_step_that_moved_into_a_subprocess_is_stuck(diagram: Diagram, player: Make) -> None:
    flat = '<startEvent id="s"/><userTask id="in1"/><endEvent id="e"/>' + chain("s", "in1", "e")
    case = started(player, diagram(flat))
    (landing,) = engine.plan(case.process, engine.compile(diagram(NESTED)), case.state)
    assert landing.fate == "stuck"
    assert landing.reason
    assert "子流程" in landing.reason


def test_every_state_of_a_model_lands_in_its_own_version(diagram: Diagram, player: Make) -> None:
    """Going over to the very same version changes nothing at all."""
    for source in (BRANCHES, NESTED, VOTE):
        case = started(player, diagram(source))
        before = case.state
        done = over(case, engine.compile(diagram(source)))
        assert done.step.state == before
        assert (done.changed, done.step.trail) == ((), ())
        assert {one.fate for one in done.landings} == {"lands"}


DONE = (
    '<startEvent id="s"/><scriptTask id="book"><script>a = 1</script></scriptTask>{edge}<userTask id="w"/>'
    '<intermediateThrowEvent id="undo"><compensateEventDefinition/></intermediateThrowEvent><endEvent id="e"/>'
    '<scriptTask id="other"><script>b = 1</script></scriptTask><boundaryEvent id="od" attachedToRef="other">'
    '<compensateEventDefinition/></boundaryEvent><userTask id="oh" isForCompensation="true"/>'
    '<association id="oa" sourceRef="od" targetRef="oh"/>' + chain("s", "book", "other", "w", "undo", "e")
)
EDGE = (
    '<boundaryEvent id="bd" attachedToRef="book"><compensateEventDefinition/></boundaryEvent>'
    '<userTask id="unbook" isForCompensation="true"/><association id="ba" sourceRef="bd" targetRef="unbook"/>'
)


def test_what_cannot_be_undone_any_more_is_said_and_left_out(diagram: Diagram, player: Make) -> None:
    source = diagram(DONE.format(edge=EDGE))
    case = player(engine.compile(source, published=True))
    case.start()
    new = engine.compile(diagram(DONE.format(edge="")), published=True)
    assert {(one.node, one.fate) for one in engine.plan(case.process, new, case.state)} == {
        ("w", "lands"),
        ("book", "dropped"),
    }
    over(case, new)
    case.complete("w")
    assert case.open == ["oh"]
    case.complete("oh")
    assert case.ended is not None


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('tx:output="votes"', 'tx:element="who" tx:output="votes"'),
        ('tx:collection="[1,2,3]"', 'isSequential="true" tx:collection="[1,2,3]"'),
    ],
)
def test_what_a_multi_instance_step_keeps_must_mean_the_same(
    diagram: Diagram, player: Make, was: str, now: str
) -> None:
    case = started(player, diagram(VOTE))
    new = engine.compile(diagram(VOTE.replace(was, now)))
    assert "stuck" in {one.fate for one in engine.plan(case.process, new, case.state)}


def test_two_flows_from_one_step_into_a_join_keep_apart(diagram: Diagram, player: Make) -> None:
    body = (
        '<startEvent id="s"/><userTask id="a"/><parallelGateway id="j"/><userTask id="b"/><endEvent id="e"/>'
        "{}" + chain("s", "a") + chain("j", "b", "e")
    )
    two = '<sequenceFlow id="{0}1" sourceRef="a" targetRef="j"/><sequenceFlow id="{0}2" sourceRef="a" targetRef="j"/>'
    case = player(engine.compile(diagram(body.format(two.format("x"))), published=True))
    case.start()
    over(case, engine.compile(diagram(body.format(two.format("y"))), published=True))
    case.complete("a")
    assert case.open == ["b"]
