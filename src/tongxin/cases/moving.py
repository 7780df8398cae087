"""What waits in a case is put elsewhere by an administrator: what it would do, and doing it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from tongxin import clock, engine
from tongxin.cases import by_hand, lifecycle, save
from tongxin.cases.by_hand import Prospect
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import Outcome
from tongxin.cases.save import Change
from tongxin.engine import Node, Standing
from tongxin.events import Actor, Happening
from tongxin.procedures.definition import Definition
from tongxin.words import _

_WAYPOINTS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")


class SecondLook(Exception):
    """After this move a join would wait for a branch that never comes; `joins` are their names. Nothing was done."""

    def __init__(self, joins: tuple[str, ...]) -> None:
        super().__init__(_("移动以后，{joins}会一直等下去。", joins=_("、").join(joins)))
        self.joins = joins


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do: what stands now that ends or stays, what begins, and which joins would wait in vain."""

    prospect: Prospect
    ends: tuple[Standing, ...]
    stays: tuple[Standing, ...]
    begins: tuple[Standing, ...]
    in_vain: tuple[str, ...]  # nodes


def preview_move(session: Session, view: Held, keys: Collection[int], to: str) -> Preview:
    """What `move_case` would do; nothing is locked or written. Raises NotReady or by_hand.Refused."""
    by_hand.must_be_open(view)
    return _looked_at(view, _stepped(session, view, Change(), keys, to))


def move_case(
    session: Session, held: Held, keys: Collection[int], to: str, reason: str, by: Actor, *, in_vain: bool = False
) -> Outcome:
    """End what stands under `keys`, go on at the node `to`. `in_vain`: also when a join then waits for nothing.

    Raises NotReady, ReasonMissing, by_hand.Refused or SecondLook; the case is as it was then.
    """
    by_hand.must_be_open(held)
    text, change, now = by_hand.given(reason), Change(), clock.now()
    nodes = engine.live_nodes(held.case.state)
    came_from = [name_of(held.definition, nodes[key]) for key in keys if key in nodes]
    target = name_of(held.definition, to)
    change.happenings.append(Happening("case_moved", {"steps": came_from, "to": target, "node": to, "text": text}))
    prospect = _stepped(session, held, change, keys, to)
    joins = _looked_at(held, prospect).in_vain
    if joins and not in_vain:
        raise SecondLook(tuple(name_of(held.definition, one) for one in joins))
    written = save.save(session, held, prospect.step, change, prospect.assignments, by, now)
    return lifecycle.outcome(held, prospect.step, written)


def targets(definition: Definition) -> dict[tuple[str, ...], list[Node]]:
    """The steps something can be put at, by the subprocesses around them (outermost first).

    Unnamed gateways are left out: nobody knows them.
    """
    found: dict[tuple[str, ...], list[Node]] = {}
    nodes = definition.process.nodes
    for node in nodes.values():
        fits = not (node.kind in ("startEvent", "boundaryEvent") or node.triggered or node.is_handler)
        if fits and (node.name or node.kind not in _WAYPOINTS) and _can_be_entered(nodes, node):
            found.setdefault(node.scope, []).append(node)
    return found


def name_of(definition: Definition, node_id: str) -> str:
    """A step's name as people know it."""
    node = definition.process.nodes.get(node_id)
    return (node and node.name) or node_id


def _stepped(session: Session, held: Held, change: Change, keys: Collection[int], to: str) -> Prospect:
    if not keys:
        raise by_hand.Refused(_("请选择要移动的步骤。"))
    now, process = clock.now(), held.definition.process

    def step() -> engine.Step:
        return engine.move(process, held.case.state, held.variables, list(keys), to, now, held.env)

    return by_hand.prepared(session, held, change, step, now)


def _looked_at(view: Held, prospect: Prospect) -> Preview:
    process, step = view.definition.process, prospect.step
    before = {one.key: one for one in engine.standing(process, view.case.state)}
    after = {one.key: one for one in engine.standing(process, step.state)}
    already = engine.waiting_in_vain(process, view.case.state)
    return Preview(
        prospect,
        tuple(one for key, one in before.items() if key not in after),
        tuple(one for key, one in before.items() if key in after),
        tuple(one for key, one in after.items() if key not in before),
        tuple(one for one in engine.waiting_in_vain(process, step.state) if one not in already),
    )


def _can_be_entered(nodes: Mapping[str, Node], node: Node) -> bool:
    around = [nodes[one] for one in node.scope]
    return not any(one.triggered or one.kind == "adHocSubProcess" for one in around)
