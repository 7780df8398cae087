"""Which variables may have been set when the case comes to a step: everything that could be is taken to be.

Each scope is looked at by itself. A step may find what the steps on some way to it set, what goes on at the same time
(other branches, events that do not interrupt, event subprocesses, other instances and rounds), and what had been set
when its scope was entered. Sets of variables are the bits of whole numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tongxin.engine import Loop, Node, Process
from tongxin.procedures.dataflow.level import Level


class Order:
    """`before` and `after` a step: what may have been set."""

    def __init__(self, process: Process, writes: Mapping[str, int], stores: int, inputs: Mapping[str, int]) -> None:
        """`writes`: by step; `inputs`: what a call activity gives to its process; `stores`: what all cases share."""
        self.before: dict[str, int] = {}
        self.after: dict[str, int] = {}
        self._writes, self._inputs = writes, inputs
        self._within: dict[tuple[str, ...], list[Node]] = defaultdict(list)
        for node in process.nodes.values():
            self._within[node.scope].append(node)
        self._flows = _flows(process)
        self._totals: dict[str, int] = {}
        self._always = stores
        for node in process.nodes.values():
            if node.is_handler or self._undoes(node):  # when something is undone, who knows what was before
                self._always |= self._total(node)
        self._walk()

    def _undoes(self, node: Node) -> bool:
        inner = self._within[(*node.scope, node.id)] if node.triggered else []
        return any(one.kind == "startEvent" and one.event == "compensation" for one in inner)

    def _total(self, node: Node) -> int:
        """All that a step, and what is in it, may set of the variables around it."""
        if node.id not in self._totals:
            total = self._writes[node.id]
            collects = isinstance(node.loop, Loop) and node.loop.output
            if node.is_nested and node.kind != "callActivity" and not collects:
                total |= self._all(self._within[(*node.scope, node.id)])
            self._totals[node.id] = total
        return self._totals[node.id]

    def _all(self, nodes: Iterable[Node]) -> int:
        found = 0
        for node in nodes:
            found |= self._total(node)
        return found

    def _walk(self) -> None:
        """Every scope after the one around it."""
        todo: list[tuple[tuple[str, ...], int]] = [((), self._always)]
        while todo:
            path, entering = todo.pop()
            nodes = self._within[path]
            level = Level(nodes, self._flows[path], {node.id: self._total(node) for node in nodes})
            for node, before, after in level.solved(entering):
                self.before[node.id], self.after[node.id] = before, after
                if node.is_nested:
                    todo.append(((*path, node.id), self._inside(node, before)))

    def _inside(self, node: Node, before: int) -> int:
        """What may be set when a scope is entered, again and again if need be."""
        if node.kind == "callActivity":
            return self._inputs[node.id] | self._always
        if node.kind == "adHocSubProcess":  # its steps come in any order
            return before | self._all(self._within[(*node.scope, node.id)])
        return before


def _flows(process: Process) -> Mapping[tuple[str, ...], list[tuple[str, str]]]:
    """By scope the ways from step to step: flows, and pairs of link events."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for flow in process.flows.values():
        found[process.nodes[flow.source].scope].append((flow.source, flow.target))
    links = [node for node in process.nodes.values() if node.event == "link"]
    caught = {(node.scope, node.link): node.id for node in links if not node.throws}
    for node in links:
        if node.throws and (node.scope, node.link) in caught:
            found[node.scope].append((node.id, caught[node.scope, node.link]))
    return found
