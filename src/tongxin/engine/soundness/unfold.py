"""Nodes and flows of a scope into a net: boundary events, conditions and nested scopes become plain choices."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from tongxin.engine.graph import Graph
from tongxin.engine.model import Flow, Node
from tongxin.engine.reading.vocabulary import ACTIVITIES, EFFECTS
from tongxin.engine.soundness.net import END, Join, Knot, Net

STOP = "stop"  # everything else in the scope ends, and the scope with it
NOT = "!"  # before the id of what does not happen

_JOINS: Mapping[str, Join] = {"parallelGateway": "all", "inclusiveGateway": "some"}
_DOING = frozenset({"message", "signal", "escalation", "compensation"})  # throwing one of these twice is noticed
_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})
FAILING = EFFECTS | {"scriptTask", "businessRuleTask", "adHocSubProcess"}  # these may answer with any error


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a nested scope can be left: by its end, by an error nobody in it catches, by cancelling."""

    completes: bool = True
    errors: frozenset[str] = frozenset()
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Nodes that are looked at together, and those the first token may come to."""

    nodes: Set[str]
    starts: tuple[str, ...]


def parts(graph: Graph, part: Part) -> Iterator[Part]:
    """The part without the branches that a non-interrupting event starts and that never come back; then those.

    Such a branch runs beside the rest as often as its event comes, to ends of its own: it is a process by itself.
    """
    rest, found = set(part.nodes), []
    for one in part.nodes:
        node = graph.nodes[one]
        if one in rest and one not in part.starts and node.kind == "boundaryEvent" and not node.interrupting:
            branch = _branch(graph, node)
            if branch is not None:
                rest -= branch
                found.append(Part(branch, (one,)))
    yield Part(rest, part.starts)
    for branch_part in found:
        yield from parts(graph, branch_part)


def _branch(graph: Graph, event: Node) -> set[str] | None:
    """What a token of the event can come to, if nothing else comes there but to an end."""
    inside = graph.reachable([event.id])
    for one in inside - {event.id}:
        node = graph.nodes[one]
        if node.kind == "endEvent":
            if stops(node):
                return None
        elif any(flow.source not in inside for flow in graph.incoming[one]):
            return None
    return {one for one in inside if graph.nodes[one].kind != "endEvent" or _only_from(graph, one, inside)}


def _only_from(graph: Graph, node: str, inside: Set[str]) -> bool:
    return all(flow.source in inside for flow in graph.incoming[node])


def stops(node: Node) -> bool:
    """Whether this end takes all other tokens of the scope with it."""
    return node.kind == "endEvent" and node.event in ("terminate", "error", "cancel")


def unfold(graph: Graph, part: Part, outcomes: Mapping[str, Outcome]) -> Net:
    """The net of a part; `outcomes` are those of the scopes nested in it."""
    return _Unfolding(graph, part, outcomes).net


class _Unfolding:
    def __init__(self, graph: Graph, part: Part, outcomes: Mapping[str, Outcome]) -> None:
        self.graph, self.part, self.outcomes = graph, part, outcomes
        self.net = Net()
        nodes = [node for node in graph.nodes.values() if node.id in part.nodes]
        self.entries = {node.id: self._entry(node) for node in nodes if node.kind != "endEvent" or stops(node)}
        for node in nodes:
            if node.kind != "endEvent":
                self._leave(node)
        root, begin = self.net.knot(""), self.net.knot("", split="one")
        self.net.begin = self.net.connect(root, begin, "").id
        for start in part.starts:
            self.net.connect(begin, self.entries[start], start)

    def _entry(self, node: Node) -> Knot:
        final = None
        if node.kind == "endEvent":
            final = STOP if node.event == "terminate" else f"{node.event}:{node.code or ''}"
        knot = self.net.knot(node.id, _JOINS.get(node.kind, "any"), final=final)
        knot.work = final is None and (node.kind in ACTIVITIES or (node.event in _DOING and node.throws))
        knot.members = {node.id}
        return knot

    def _leave(self, node: Node) -> None:
        knot = self.entries[node.id]
        events = [one for one in self.graph.attached[node.id] if self.graph.outgoing[one.id]]
        outcome = self.outcomes.get(node.id, Outcome())
        if events or outcome != Outcome():
            knot = self._on_the_edge(node, knot, events, outcome)
        if outcome.completes:
            self._flows(knot, node)

    def _on_the_edge(self, node: Node, knot: Knot, events: Iterable[Node], outcome: Outcome) -> Knot:
        """Connect what else may happen; the answer is the knot by which the step is left in the normal way."""
        leaving = self.net.knot(node.id, split="one")
        self.net.connect(knot, leaving, node.id)
        for event in events:
            if not _can_happen(self.graph, node, event, outcome):
                continue
            if event.interrupting:
                self.net.connect(leaving, self.entries[event.id], event.id)
            elif event.id in self.part.nodes:  # else it has a part of its own
                perhaps = self.net.knot(event.id, split="one")
                self.net.connect(knot, perhaps, event.id)
                self.net.connect(perhaps, self.entries[event.id], event.id)
                self.net.connect(perhaps, self._end(event.id), f"{NOT}{event.id}")
        for label in _escaping(self.graph, node, outcome):
            self.net.connect(leaving, self.net.knot(node.id, final=label), node.id)
        normal = self.net.knot(node.id)
        if outcome.completes:
            self.net.connect(leaving, normal, node.id)
        return normal

    def _flows(self, knot: Knot, node: Node) -> None:
        flows = self.graph.outgoing[node.id]
        if node.kind in _CHOICES:
            knot.split = "one"
            self._to_all(knot, flows)
            return
        default = [flow for flow in flows if flow.default]
        asked = [flow for flow in flows if flow.condition is not None and not flow.default]
        always = [flow for flow in flows if flow.condition is None and not flow.default]
        if not asked:
            self._to_all(knot, [*always, *default])
        elif not always:
            self._choice(knot, node, asked, default)
        else:
            self._to_all(knot, always)
            choice = self.net.knot(node.id)
            self.net.connect(knot, choice, asked[0].id)
            self._choice(choice, node, asked, default)
            if not default:  # none of them may hold
                self.net.connect(choice, self._end(node.id), f"{NOT}{node.id}")

    def _choice(self, knot: Knot, node: Node, asked: list[Flow], default: list[Flow]) -> None:
        """One or more of those asked; else the default."""
        several = knot
        if default and len(asked) > 1:
            several = self.net.knot(node.id)
            self.net.connect(knot, several, asked[0].id)
        several.split = "some"
        self._to_all(several, asked)
        if default:
            knot.split = "one"
            self._to_all(knot, default)

    def _to_all(self, knot: Knot, flows: Iterable[Flow]) -> None:
        for flow in flows:
            entry = self.entries.get(flow.target)  # every flow to an end has that end for itself
            self.net.connect(knot, entry or self._end(flow.target), flow.id, () if entry else (flow.target,))

    def _end(self, node: str) -> Knot:
        return self.net.knot(node, final=END)


def _can_happen(graph: Graph, host: Node, event: Node, outcome: Outcome) -> bool:
    if not host.is_nested or event.event not in ("error", "escalation", "cancel"):
        return True
    if event.event == "cancel":
        return outcome.cancels
    inside = [node for node in graph.nodes.values() if host.id in node.scope]
    if event.event == "escalation":
        return any(node.event == "escalation" and node.throws for node in inside)
    named = bool(outcome.errors) if event.code is None else event.code in outcome.errors
    return named or any(node.kind in FAILING for node in inside)


def _escaping(graph: Graph, host: Node, outcome: Outcome) -> list[str]:
    """Errors that no event on the edge takes: they leave this scope as well."""
    caught = {event.code for event in graph.attached[host.id] if event.event == "error"}
    return [] if None in caught else sorted(f"error:{code}" for code in outcome.errors - caught)
