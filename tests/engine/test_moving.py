"""Tokens put elsewhere by hand: what dies, what lives on, what is refused."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.engine.conftest import NOW
from tests.engine.sketch import sketch
from tongxin import engine

Diagram = Callable[..., bytes]
Make = Callable[..., Any]


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def chain(*nodes: str) -> str:
    return "".join(flow(one, two) for one, two in pairwise(nodes))


BRANCHES = (
    '<startEvent id="s"/><parallelGateway id="split"/><userTask id="a"/><userTask id="b"/><parallelGateway id="join"/>'
    '<userTask id="c"/><endEvent id="e"/>' + chain("s", "split", "a", "join", "c", "e") + chain("split", "b", "join")
)
NESTED = (
    '<startEvent id="s"/>'
    '<subProcess id="sub"><startEvent id="ss"/><userTask id="in1"/><userTask id="in2"/><endEvent id="se"/>'
    + chain("ss", "in1", "in2", "se")
    + '</subProcess><boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>P1D</timeDuration>'
    '</timerEventDefinition></boundaryEvent><userTask id="after"/><endEvent id="e"/>'
    + chain("s", "sub", "after", "e")
    + chain("late", "after")
)
VOTE = (
    '<startEvent id="s"/><userTask id="vote">'
    '<multiInstanceLoopCharacteristics tx:collection="[1,2,3]" tx:output="votes"/>'
    '</userTask><userTask id="after"/><endEvent id="e"/>' + chain("s", "vote", "after", "e")
)


def move(case: Any, nodes: list[str], to: str) -> engine.Step:
    keys = [case._key(case.tasks, node) for node in nodes]
    return case._take(engine.move(case.process, case.state, case.variables, keys, to, NOW, {}))  # type: ignore[no-any-return]


def started(player: Make, source: bytes) -> Any:
    case = player(source)
    case.start()
    return case


def test_what_can_be_moved(diagram: Diagram, player: Make) -> None:
    def told(case: Any) -> list[tuple[str, int | None]]:
        found = engine.standing(case.process, case.state)
        keys = [one.key for one in found]
        return [(one.node, None if one.inside is None else keys.index(one.inside)) for one in found]

    assert told(started(player, diagram(NESTED))) == [("sub", None), ("in1", 0)]  # the edge only listens
    assert told(started(player, diagram(VOTE))) == [("vote", None), ("vote", 0), ("vote", 0), ("vote", 0)]
    case = started(player, diagram(BRANCHES))
    case.complete("b")
    assert told(case) == [("a", None), ("join", None)]


def test_one_branch_back_leaves_the_other(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(BRANCHES))
    step = move(case, ["a"], "a")
    assert [closed.how for closed in step.closed] == ["cancelled"]
    assert case.open == ["a", "b"]
    case.complete("a")
    case.complete("b")
    assert case.open == ["c"]


def test_two_branches_become_one(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(BRANCHES))
    move(case, ["a", "b"], "c")
    assert case.open == ["c"]
    case.complete("c")
    assert case.ended.node == "e"


def test_a_branch_taken_away_is_waited_for_in_vain(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(BRANCHES))
    case.complete("b")
    assert engine.waiting_in_vain(case.process, case.state) == ()
    move(case, ["a"], "c")
    assert engine.waiting_in_vain(case.process, case.state) == ("join",)


def test_joins_that_wait_for_one_another_wait_in_vain(diagram: Diagram, player: Make) -> None:
    """In a loop, where a token would come again if only it could go on."""
    body = sketch("s>x x>p3 p3>p2 p2>a p2>b a>q2 b>q2 q2>q p3>k k>q q>y y>x? y>e*")
    case = started(player, diagram(body))
    move(case, ["a"], "k")
    for node in ("b", "k", "k"):
        assert engine.waiting_in_vain(case.process, case.state) == ()
        case.complete(node)
    assert sorted(engine.waiting_in_vain(case.process, case.state)) == ["q", "q2"]


def test_out_of_a_subprocess_that_is_left_empty(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    step = move(case, ["in1"], "after")
    assert case.open == ["after"]
    assert len(step.timers_cleared) == 1
    case.complete("after")
    assert case.ended is not None


def test_within_a_subprocess_its_edge_lives_on(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    step = move(case, ["in1"], "in2")
    assert case.open == ["in2"]
    assert step.timers_cleared == ()
    assert len(case.timers) == 1


def test_into_a_subprocess_from_outside(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    move(case, ["in1"], "after")
    move(case, ["after"], "in2")
    assert case.open == ["in2"]
    assert len(case.timers) == 1
    case.complete("in2")
    assert case.open == ["after"]


@pytest.mark.parametrize("keys", [["sub"], ["in1", "sub"], ["sub", "in1"]])
def test_a_subprocess_put_inside_itself_begins_anew_there(diagram: Diagram, player: Make, keys: list[str]) -> None:
    case = started(player, diagram(NESTED))
    at = {one.node: one.key for one in engine.standing(case.process, case.state)}
    step = engine.move(case.process, case.state, case.variables, [at[node] for node in keys], "in2", NOW, {})
    case._take(step)
    assert case.open == ["in2"]
    assert (len(step.timers_cleared), len(step.timers_set)) == (1, 1)
    case.complete("in2")
    assert case.open == ["after"]


def test_out_of_a_multi_instance_step_the_others_are_still_waited_for(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(VOTE))
    move(case, ["vote"], "after")
    assert case.open == ["after", "vote", "vote"]
    case.complete("vote", yes=True)
    case.complete("vote", yes=False)
    assert case.open == ["after", "after"]
    assert [vote and vote["yes"] for vote in case.variables["votes"]] == [None, True, False]


def test_the_last_instance_takes_the_step_with_it(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(VOTE))
    case.complete("vote")
    case.complete("vote")
    move(case, ["vote"], "after")
    assert case.open == ["after"]


@pytest.mark.parametrize("to", ["s", "late", "nowhere"])
def test_where_nothing_can_be_put(diagram: Diagram, player: Make, to: str) -> None:
    case = started(player, diagram(NESTED))
    with pytest.raises(engine.CannotMove):
        move(case, ["in1"], to)


def test_what_only_listens_cannot_be_moved(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    (key,) = case.timers
    with pytest.raises(engine.CannotMove):
        engine.move(case.process, case.state, {}, [key], "after", NOW, {})
    with pytest.raises(engine.NotReady):
        engine.move(case.process, case.state, {}, [999], "after", NOW, {})


def test_a_subprocess_moved_to_a_step_inside_itself_begins_anew(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    (host,) = (key for key, node in engine.live_nodes(case.state).items() if node == "sub")
    step = engine.move(case.process, case.state, case.variables, [host], "in2", NOW, {})
    case._take(step)
    assert case.open == ["in2"]
    assert len(case.timers) == 1
    case.complete("in2")
    case.complete("after")
    assert case.ended.node == "e"


def test_nothing_chosen_is_refused(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(NESTED))
    with pytest.raises(engine.CannotMove):
        engine.move(case.process, case.state, {}, [], "after", NOW, {})


TAKEN_OVER = (
    '<startEvent id="s"/><userTask id="u"/><endEvent id="e"/><subProcess id="away" triggeredByEvent="true">'
    '<startEvent id="as"><messageEventDefinition messageRef="m"/></startEvent><userTask id="tell"/><endEvent id="ae"/>'
    + chain("as", "tell", "ae")
    + "</subProcess>"
    + chain("s", "u", "e")
)


def test_moved_back_from_what_took_over_its_event_is_listened_for_again(diagram: Diagram, player: Make) -> None:
    case = started(player, diagram(TAKEN_OVER))
    case.deliver("as")
    assert (case.open, case.waits) == (["tell"], {})
    move(case, ["tell"], "u")
    assert case.open == ["u"]
    assert [wait.node for wait in case.waits.values()] == ["as"]
