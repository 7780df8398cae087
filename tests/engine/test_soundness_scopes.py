"""Soundness around scopes and events, on graphs made by hand; and how long the check takes."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from tests.engine.sketch import sketch
from tongxin import engine
from tongxin.engine.graph import Graph
from tongxin.engine.model import Flow, Node
from tongxin.engine.reading.draft import Draft
from tongxin.engine.soundness.check import check_soundness

Diagram = Callable[..., bytes]


def said(nodes: list[Node], flows: str) -> list[tuple[str, str]]:
    """Element and message of what is found; flows as `a>b`."""
    pairs = [one.split(">") for one in flows.split()]
    drawn = [Flow(f"{a}_{b}", "", a, b) for a, b in pairs]
    graph = Graph([(_element(one.id), one) for one in nodes], [(_element(one.id), one) for one in drawn])
    draft = Draft({})
    check_soundness(_element("process"), graph, draft)
    return [(one.element, one.message) for one in draft.findings]


def _element(identity: str) -> Any:
    return etree.Element("any", id=identity)


def node(identity: str, kind: str, *scope: str, **more: Any) -> Node:
    return Node(identity, "", kind, scope, **more)


def around(kind: str = "subProcess", **more: Any) -> list[Node]:
    """Start, `u`, end, and `f` behind the event on its edge."""
    return [node("s", "startEvent"), node("u", kind, **more), node("e", "endEvent"), node("f", "endEvent")]


INSIDE = [node("si", "startEvent", "u"), node("a", "userTask", "u"), node("ei", "endEvent", "u")]


def test_a_transaction_is_cancelled_only_when_something_in_it_cancels() -> None:
    edge = node("b", "boundaryEvent", event="cancel", attached_to="u")
    cancel = [node("x", "exclusiveGateway", "u"), node("c", "endEvent", "u", event="cancel")]
    outer = "s>u u>e b>f "
    never = said([*around("transaction"), edge, *INSIDE], outer + "si>a a>ei")
    assert [one for one, _message in never] == ["b"]
    assert said([*around("transaction"), edge, *INSIDE, *cancel], outer + "si>a a>x x>ei x>c") == []


def test_a_called_process_is_a_scope() -> None:
    inner = [node("u/s", "startEvent", "u"), node("u/x", "exclusiveGateway", "u"), node("u/a", "userTask", "u")]
    inner += [node("u/b", "userTask", "u"), node("u/p", "parallelGateway", "u"), node("u/e", "endEvent", "u")]
    flows = "s>u u>e u/s>u/x u/x>u/a u/x>u/b u/a>u/p u/b>u/p u/p>u/e"
    assert [one for one, _message in said([*around("callActivity")[:3], *inner], flows)] == ["u/p"]


def test_steps_of_an_ad_hoc_subprocess_stand_side_by_side() -> None:
    inner = [node("a", "userTask", "u"), node("b", "userTask", "u"), node("c", "userTask", "u")]
    assert said([*around("adHocSubProcess")[:3], *inner], "s>u u>e a>b") == []


@pytest.mark.parametrize(("interrupting", "expected"), [(True, []), (False, ["x"])])
def test_an_event_subprocess_ends_what_goes_on_for_ever(interrupting: bool, expected: list[str]) -> None:
    nodes = [node("s", "startEvent"), node("x", "exclusiveGateway"), node("a", "userTask")]
    nodes += [node("y", "exclusiveGateway"), node("e", "endEvent"), node("u", "subProcess", triggered=True)]
    nodes += [node("si", "startEvent", "u", event="message", interrupting=interrupting), node("ei", "endEvent", "u")]
    found = said(nodes, "s>y y>e y>x x>a a>x si>ei")
    assert [one for one, _message in found] == expected


def test_what_undoes_a_step_has_no_flows_and_is_no_dead_step() -> None:
    nodes = [*around("userTask")[:3], node("b", "boundaryEvent", event="compensation", attached_to="u", handler="h")]
    assert said([*nodes, node("h", "userTask")], "s>u u>e") == []


def test_every_start_of_a_process_is_tried() -> None:
    nodes = [node("s", "startEvent"), node("s2", "startEvent", event="message"), node("a", "userTask")]
    nodes += [node("p", "parallelGateway"), node("e", "endEvent")]
    assert [one for one, _message in said(nodes, "s>a s2>p a>p p>e")] == ["p"]


def test_an_error_nobody_catches_inside_goes_to_the_next_around() -> None:
    outer = [*around(), node("b", "boundaryEvent", event="error", code="E", attached_to="u")]
    inner = [node("si", "startEvent", "u"), node("v", "subProcess", "u"), node("ei", "endEvent", "u")]
    deep = [node("sv", "startEvent", "u", "v"), node("x", "exclusiveGateway", "u", "v")]
    deep += [node("ev", "endEvent", "u", "v"), node("r", "endEvent", "u", "v", event="error", code="E")]
    assert said([*outer, *inner, *deep], "s>u u>e b>f si>v v>ei sv>x x>ev x>r") == []


def blocks(kind: str, count: int, width: int) -> str:
    flows, last = [], "s"
    for block in range(count):
        split, join = f"{kind}{block}a", f"{kind}{block}b"
        flows.append(f"{last}>{split}")
        flows += [f"{split}>a{block}_{i} a{block}_{i}>{join}" for i in range(width)]
        last = join
    return " ".join([*flows, f"{last}>e"])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(blocks("p", 9, 3), 0.5), (blocks("p", 1, 20), 0.5), (blocks("o", 1, 20), 0.5), (blocks("o", 60, 30), 3)],
    ids=["nine blocks", "twenty parallel", "twenty inclusive", "almost 2,000 nodes"],
)
def test_size_does_not_matter_where_blocks_are_drawn(diagram: Diagram, text: str, seconds: float) -> None:
    source = diagram(sketch(text))
    engine.compile(diagram(through='<userTask id="x"/>'))  # the schema is compiled once
    begun = time.perf_counter()
    assert engine.compile(source).warnings == ()
    assert time.perf_counter() - begun < seconds
