"""Nodes and flows as a graph, with the elements they come from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tongxin.engine.model import Flow, Node
from tongxin.engine.reading.diagram import Element


class Graph:
    """Nodes and flows with the elements they come from."""

    def __init__(self, nodes: Iterable[tuple[Element, Node]], flows: Iterable[tuple[Element, Flow]]) -> None:
        self.elements: dict[str, Element] = {}
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.incoming: Mapping[str, list[Flow]] = defaultdict(list)
        self.outgoing: Mapping[str, list[Flow]] = defaultdict(list)
        self.attached: Mapping[str, list[Node]] = defaultdict(list)
        self._within: Mapping[tuple[str, ...], list[Node]] = defaultdict(list)
        for element, node in nodes:
            self.elements[node.id], self.nodes[node.id] = element, node
            self._within[node.scope].append(node)
            if node.attached_to:
                self.attached[node.attached_to].append(node)
        for element, flow in flows:
            self.elements[flow.id], self.flows[flow.id] = element, flow
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)

    def within(self, scope: tuple[str, ...]) -> list[Node]:
        """The nodes of one scope, without those of subprocesses in it."""
        return self._within[scope]

    @property
    def nested(self) -> list[Node]:
        """Every node that has a scope of its own."""
        return [node for node in self.nodes.values() if node.is_nested]

    def reachable(self, starts: Iterable[str]) -> set[str]:
        """Nodes of a scope a token can come to; boundary events follow from what they are attached to."""
        seen: set[str] = set()
        todo = list(starts)
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo.extend(flow.target for flow in self.outgoing[node])
                todo.extend(event.id for event in self.attached[node])
        return seen
