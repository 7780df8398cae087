"""Nodes and flows into specs: made once per version, then never changed."""

from collections.abc import Mapping
from dataclasses import replace

from tongxin.engine.activities import Activity, Manual, MultiInstance, Receive, Script, Service, Subprocess, User
from tongxin.engine.checks import Graph
from tongxin.engine.elements import Boundary, Catch, Element, End, Milestone, ScopeSpec, Start
from tongxin.engine.gateways import EventGateway, Exclusive, Inclusive, Parallel
from tongxin.engine.model import Node

_CLASSES: Mapping[str, type[Element]] = {
    "startEvent": Start,
    "endEvent": End,
    "intermediateCatchEvent": Catch,
    "intermediateThrowEvent": Milestone,
    "boundaryEvent": Boundary,
    "userTask": User,
    "manualTask": Manual,
    "scriptTask": Script,
    "serviceTask": Service,
    "sendTask": Service,
    "receiveTask": Receive,
    "subProcess": Subprocess,
    "exclusiveGateway": Exclusive,
    "parallelGateway": Parallel,
    "inclusiveGateway": Inclusive,
    "eventBasedGateway": EventGateway,
}


def build(process_id: str, graph: Graph) -> tuple[ScopeSpec, dict[str, ScopeSpec]]:
    """The specs of the process and, by id, of its subprocesses."""
    top = _scope(process_id, (), graph)
    nested = {
        node.id: _scope(node.id, (*node.scope, node.id), graph)
        for node in graph.nodes.values()
        if node.kind == "subProcess"
    }
    return top, nested


def _scope(name: str, path: tuple[str, ...], graph: Graph) -> ScopeSpec:
    scope = ScopeSpec(name)
    for node in graph.within(path):
        element = _element(scope, node)
        element.incoming = tuple(graph.incoming[node.id])
        element.outgoing = tuple(graph.outgoing[node.id])
        element.default = next((flow for flow in element.outgoing if flow.default), None)
        if node.kind == "startEvent":
            scope.start = element
    for node in graph.within(path):
        element = scope.task_specs[node.id]
        if isinstance(element, Activity):
            edge = [scope.task_specs[event.id] for event in graph.attached[node.id]]
            element.events = tuple(event for event in edge if event.node.event != "error")
            errors = [event for event in edge if event.node.event == "error"]
            element.error_events = tuple(sorted(errors, key=lambda event: event.node.error is None))  # catch-all last
        if isinstance(element, Inclusive) and len(element.incoming) > 1:
            element.reach = _reach(node, graph)
            scope.inclusive_joins.append(element)
    return scope


def _element(scope: ScopeSpec, node: Node) -> Element:
    if node.loop is None:
        return _CLASSES[node.kind](scope, node)
    kind = Manual if node.kind == "manualTask" else User
    each = kind(scope, replace(node, loop=None), f"{node.id}[]")  # no id of a diagram has brackets
    return MultiInstance(scope, node, node.loop, each)


def _reach(join: Node, graph: Graph) -> dict[str, frozenset[str]]:
    """For each flow into the join: the nodes from which a token can come along it without passing the join."""
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
            attached_to = graph.nodes[node].attached_to
            if attached_to:
                todo.append(attached_to)
        reach[flow.id] = frozenset(seen)
    return reach
