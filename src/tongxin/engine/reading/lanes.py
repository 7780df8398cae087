"""Lanes: who does a step. The innermost lane wins; what it leaves open comes from the lanes around it."""

from collections.abc import Iterator

from tongxin import feel
from tongxin.engine.model import NO_LANE, Lane
from tongxin.engine.reading import diagram
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.vocabulary import BPMN, SUBPROCESSES
from tongxin.words import _


def read_lanes(process: Element, draft: Draft, around: Lane = NO_LANE) -> tuple[tuple[Lane, ...], dict[str, Lane]]:
    """All lanes, and the lane of every node that stands in one, nodes of subprocesses included.

    `around`: the lane of the call activity that calls the process.
    """
    lanes: list[Lane] = []
    placed: dict[str, Lane] = {}
    _read_scope(process, draft, around, lanes, placed)
    return tuple(lanes), placed


def _read_scope(scope: Element, draft: Draft, around: Lane, lanes: list[Lane], placed: dict[str, Lane]) -> None:
    for lane, nodes in _walk(scope, "laneSet", draft, around):
        lanes.append(lane)
        placed.update(dict.fromkeys(nodes, lane))
    for node in scope:
        identity = node.get("id")
        if identity and around is not NO_LANE:
            placed.setdefault(identity, around)
        if diagram.kind(node) in SUBPROCESSES:
            _read_scope(node, draft, placed.get(identity, around), lanes, placed)


def _walk(holder: Element, set_name: str, draft: Draft, around: Lane) -> Iterator[tuple[Lane, list[str]]]:
    """Outer lanes before inner ones, so that the inner ones overwrite."""
    for lane_set in diagram.children(holder, set_name):
        for element in diagram.children(lane_set, "lane"):
            lane = _lane(element, draft, around)
            yield lane, [diagram.text(ref) for ref in element.iterchildren(f"{{{BPMN}}}flowNodeRef")]
            yield from _walk(element, "childLaneSet", draft, lane)


def _lane(element: Element, draft: Draft, around: Lane) -> Lane:
    own = diagram.ours(element)
    role, role_by = _asked(element, own.get("role", ""), "tx:role", draft)
    level, level_by = _asked(element, own.get("level", ""), "tx:level", draft)
    if role_by is not None and not all(isinstance(one, str) and one for one in feel.results(role_by) or (None,)):
        draft.error(
            element,
            _("从 tx:role 的算式看不出会是哪些角色"),
            _('请把每个角色写成加引号的文字，例如 = if urgent then "dispatcher" else "community_clerk"'),
        )
    if role is None and role_by is None:
        role, role_by = around.role, around.role_by
    if level is None and level_by is None:
        level, level_by = around.level, around.level_by
    return Lane(element.get("id", ""), element.get("name", ""), role, level, role_by, level_by)


def _asked(element: Element, text: str, place: str, draft: Draft) -> tuple[str | None, feel.Expression | None]:
    """What is written out, or the expression that gives it: that begins with an equals sign."""
    if text.lstrip().startswith("="):
        return None, draft.expression(element, text.strip(), place)
    return text or None, None
