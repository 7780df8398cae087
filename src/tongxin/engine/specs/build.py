"""Nodes and flows into specs: made once per version, then never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tongxin.engine.graph import Graph
from tongxin.engine.model import Decision, Node, Repeat
from tongxin.engine.specs.activities import Activity, Decide, Manual, Receive, Script, Send, Service, User
from tongxin.engine.specs.catching import Boundary, Catch, EventStart
from tongxin.engine.specs.compensation import CancelEnd, CompensationEnd, CompensationThrow
from tongxin.engine.specs.elements import Element, Milestone, ScopeSpec, Start
from tongxin.engine.specs.gateways import EventGateway, Exclusive, Inclusive, Parallel
from tongxin.engine.specs.loops import MultiInstance, Repeated, StandardLoop
from tongxin.engine.specs.scopes import AdHoc, Call, EventSubprocess, Subprocess
from tongxin.engine.specs.throwing import End, Throw

_TASKS: Mapping[str, type[Activity]] = {
    "userTask": User,
    "manualTask": Manual,
    "scriptTask": Script,
    "serviceTask": Service,
    "sendTask": Service,
    "receiveTask": Receive,
    "businessRuleTask": Decide,
}
_NESTED: Mapping[str, type[Subprocess]] = {
    "subProcess": Subprocess,
    "transaction": Subprocess,
    "adHocSubProcess": AdHoc,
    "callActivity": Call,
}
_OTHERS: Mapping[str, type[Element]] = {
    "startEvent": Start,
    "endEvent": End,
    "intermediateCatchEvent": Catch,
    "intermediateThrowEvent": Throw,
    "boundaryEvent": Boundary,
    "exclusiveGateway": Exclusive,
    "parallelGateway": Parallel,
    "inclusiveGateway": Inclusive,
    "eventBasedGateway": EventGateway,
}
_SPECIAL: Mapping[tuple[str, str], type[Element]] = {
    ("endEvent", "compensation"): CompensationEnd,
    ("endEvent", "cancel"): CancelEnd,
    ("intermediateThrowEvent", "compensation"): CompensationThrow,
    ("intermediateThrowEvent", "none"): Milestone,
    ("intermediateThrowEvent", "link"): Milestone,
    ("intermediateCatchEvent", "link"): Milestone,
}


def build(process_id: str, graph: Graph, decisions: Mapping[str, Decision]) -> tuple[ScopeSpec, dict[str, Element]]:
    """The specs of the process, and all specs by name, those of subprocesses and called processes, too."""
    specs: dict[str, Element] = {}
    top = _Builder(graph, decisions, specs).scope(process_id, (), None)
    return top, specs


class _Builder:
    def __init__(self, graph: Graph, decisions: Mapping[str, Decision], specs: dict[str, Element]) -> None:
        self._graph, self._decisions, self._specs = graph, decisions, specs

    def scope(self, name: str, path: tuple[str, ...], host: Node | None) -> ScopeSpec:
        scope, nodes = ScopeSpec(name), self._graph.within(path)
        for node in nodes:
            element = self._element(scope, node, host)
            element.incoming = tuple(self._graph.incoming[node.id])
            element.outgoing = tuple(self._graph.outgoing[node.id])
            element.default = next((flow for flow in element.outgoing if flow.default), None)
            self._specs[element.name] = element
            if node.kind == "startEvent" and (host is None or host.calls is None or node.event == "none"):
                scope.starts[node.id] = element
                scope.start = element if node.event == "none" else scope.start
        for node in nodes:
            self._connect(scope, scope.task_specs[node.id], node)
        if host is not None and host.kind == "adHocSubProcess":
            entries = [node.id for node in nodes if node.kind in _TASKS and not self._graph.incoming[node.id]]
            scope.entries = [(scope.task_specs[one], frozenset(self._graph.reachable([one]))) for one in entries]
        return scope

    def _element(self, scope: ScopeSpec, node: Node, host: Node | None) -> Element:
        if node.kind == "startEvent" and host is not None and host.triggered:
            return EventStart(scope, node)
        special = _SPECIAL.get((node.kind, node.event))
        if special is not None:
            return special(scope, node)
        if node.kind not in _TASKS and not node.is_nested:
            return _OTHERS[node.kind](scope, node)
        if node.loop is None:
            return self._activity(scope, node, node.id)
        each = self._activity(scope, replace(node, loop=None), f"{node.id}[]")  # no id of a diagram has brackets
        self._specs[each.name] = each
        if isinstance(node.loop, Repeat):
            return StandardLoop(scope, node, node.loop, each)
        if isinstance(each, Subprocess):
            each.gathers = node.loop.output is not None and node.calls is None
        return MultiInstance(scope, node, node.loop, each)

    def _activity(self, scope: ScopeSpec, node: Node, name: str) -> Activity:
        if node.is_nested:
            kind = EventSubprocess if node.triggered else _NESTED[node.kind]
            return kind(scope, node, self.scope(node.id, (*node.scope, node.id), node), name)
        if node.throws:  # a send task with a message
            return Send(scope, node, name)
        activity = _TASKS[node.kind](scope, node, name)
        if isinstance(activity, Decide):
            activity.decision = self._decisions[node.decision or ""]
        return activity

    def _connect(self, scope: ScopeSpec, element: Element, node: Node) -> None:
        if isinstance(element, Activity):
            self._attach(scope, element, self._graph.attached[node.id])
        if isinstance(element, EventSubprocess):
            scope.event_subprocesses.append(element)
            start = element.start
            start.subprocess = element
            if start.node.event == "compensation":
                scope.compensation = element
        if isinstance(element, Inclusive) and len(element.incoming) > 1:
            element.reach = _reach(node, self._graph, beside=True)
            beside = any(one.attached_to and not one.interrupting for one in self._graph.within(node.scope))
            element.reach_itself = _reach(node, self._graph, beside=False) if beside else element.reach
            scope.inclusive_joins.append(element)

    def _attach(self, scope: ScopeSpec, element: Activity, edge: Iterable[Node]) -> None:
        """Boundary events: listened for, handed over to, undoing, or taking over from a cancelled transaction."""
        works = element.each if isinstance(element, Repeated) else element
        by_event: dict[str, list[Boundary]] = {}
        for event in edge:
            by_event.setdefault(event.event, []).append(scope.task_specs[event.id])
        handed = (*by_event.pop("error", ()), *by_event.pop("escalation", ()))
        element.handlers = tuple(sorted(handed, key=lambda event: event.node.code is None))
        for event in by_event.pop("compensation", ()):
            works.compensation = scope.task_specs[event.node.handler or ""]
        for event in by_event.pop("cancel", ()):
            if isinstance(works, Subprocess):
                works.cancel_event = event
        element.events = tuple(event for events in by_event.values() for event in events)


def _reach(join: Node, graph: Graph, *, beside: bool) -> dict[str, frozenset[str]]:
    """For each flow into the join: the nodes from which a token can come along it without passing the join.

    `beside`: also one that an event sends which does not interrupt; what waits at its step comes itself later.
    """
    reach = {}
    for flow in graph.incoming[join.id]:
        seen: set[str] = set()
        todo = [flow.source]
        while todo:
            node = todo.pop()
            if node in seen or node == join.id:
                continue
            seen.add(node)
            todo.extend(before.source for before in graph.incoming[node])
            edge = graph.nodes[node]
            if edge.attached_to and (beside or edge.interrupting):
                todo.append(edge.attached_to)
        reach[flow.id] = frozenset(seen)
    return reach
