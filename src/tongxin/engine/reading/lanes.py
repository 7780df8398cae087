"""Lanes: who does a step. The innermost lane wins; what it leaves open comes from the lanes around it."""

from collections.abc import Iterator

from tongxin.engine.model import Lane
from tongxin.engine.reading import diagram
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.vocabulary import BPMN, SUBPROCESSES

NOBODY = Lane("", "", None, None)


def read_lanes(process: Element, around: Lane = NOBODY) -> tuple[tuple[Lane, ...], dict[str, Lane]]:
    """All lanes, and the lane of every node that stands in one, nodes of subprocesses included.

    `around`: the lane of the call activity that calls the process.
    """
    lanes: list[Lane] = []
    placed: dict[str, Lane] = {}
    _read_scope(process, around, lanes, placed)
    return tuple(lanes), placed


def _read_scope(scope: Element, around: Lane, lanes: list[Lane], placed: dict[str, Lane]) -> None:
    for lane, nodes in _walk(scope, "laneSet", around):
        lanes.append(lane)
        placed.update(dict.fromkeys(nodes, lane))
    for node in scope:
        identity = node.get("id")
        if identity and around is not NOBODY:
            placed.setdefault(identity, around)
        if diagram.kind(node) in SUBPROCESSES:
            _read_scope(node, placed.get(identity, around), lanes, placed)


def _walk(holder: Element, set_name: str, around: Lane) -> Iterator[tuple[Lane, list[str]]]:
    """Outer lanes before inner ones, so that the inner ones overwrite."""
    for lane_set in diagram.children(holder, set_name):
        for element in diagram.children(lane_set, "lane"):
            own = diagram.ours(element)
            lane = Lane(
                element.get("id", ""),
                element.get("name", ""),
                own.get("role") or around.role,
                own.get("level") or around.level,
            )
            yield lane, [diagram.text(ref) for ref in element.iterchildren(f"{{{BPMN}}}flowNodeRef")]
            yield from _walk(element, "childLaneSet", lane)
