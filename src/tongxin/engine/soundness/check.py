"""Can every case come to an end? Nobody waits forever, goes round forever, or does a thing twice unawares."""

from collections.abc import Set

from tongxin.engine.graph import Graph
from tongxin.engine.model import Node
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.soundness.markings import Budget, explore
from tongxin.engine.soundness.net import END
from tongxin.engine.soundness.reduce import reduce
from tongxin.engine.soundness.unfold import STOP, Outcome, Part, parts, unfold
from tongxin.engine.soundness.verdicts import Verdicts

_INTERRUPTS = frozenset({"message", "timer", "signal", "conditional"})


def check_soundness(process: Element, graph: Graph, draft: Draft) -> None:
    """Say what is wrong with the way tokens go. The graph must have passed the other checks."""
    _Soundness(process, graph, draft).check()


class _Soundness:
    def __init__(self, process: Element, graph: Graph, draft: Draft) -> None:
        self.graph, self.draft = graph, draft
        self.verdicts = Verdicts(graph, draft)
        self.process = process
        self.budget = Budget()
        self.outcomes: dict[str, Outcome] = {}
        self.inside: dict[tuple[str, ...], list[Node]] = {}
        for node in graph.nodes.values():
            self.inside.setdefault(node.scope, []).append(node)

    def check(self) -> None:
        """Innermost scopes first: how they can be left decides what happens around them."""
        for scope in sorted(self.inside, key=len, reverse=True):
            if scope:
                self.outcomes[scope[-1]] = self._scope(scope)
        self._scope(())
        if not self.draft.refused and (self.budget.left <= 0 or self.verdicts.unfinished):
            self.verdicts.not_finished(self.process)

    def _scope(self, scope: tuple[str, ...]) -> Outcome:
        """Judge one scope and say how it can be left."""
        nodes = self.inside.get(scope, [])
        handlers = {node.handler for node in nodes if node.handler}
        called = bool(scope) and self.graph.nodes[scope[-1]].calls is not None
        starts = tuple(node.id for node in nodes if node.kind == "startEvent" and (node.event == "none" or not called))
        if scope and self.graph.nodes[scope[-1]].kind == "adHocSubProcess":
            return Outcome()  # its steps stand side by side, and people choose
        if not starts:
            return Outcome()
        beside = handlers | {node.id for node in nodes if node.triggered or _undoes(node)}
        drawn = {node.id for node in nodes if node.id not in beside or node.kind == "endEvent" or node.throws}
        reached = drawn & self.graph.reachable(starts)
        finals: set[str] = set()
        before = len(self.draft.findings)
        for part in parts(self.graph, Part(reached, starts)):
            finals |= self._part(part, may_be_left=self._is_interrupted(scope))
        errors = frozenset(one.removeprefix("error:") for one in finals if one.startswith("error:"))
        if self.budget.left <= 0 or self.verdicts.unfinished:  # not all was seen: what is drawn may happen
            errors |= {node.code or "" for node in nodes if node.throws and node.event == "error"}
            errors |= frozenset[str]().union(*(self.outcomes.get(node.id, Outcome()).errors for node in nodes))
            finals |= {"cancel:" for node in nodes if node.throws and node.event == "cancel"}
        blamed = any(finding.severity == "error" for finding in self.draft.findings[before:])
        completes = bool(finals & {END, STOP}) or blamed or not errors | finals
        outcome = Outcome(completes, errors, any(one.startswith("cancel:") for one in finals))
        return self._with_event_subprocesses(nodes, outcome)

    def _part(self, part: Part, *, may_be_left: bool) -> Set[str]:
        net = unfold(self.graph, part, self.outcomes)
        reduce(net)
        seen = explore(net, self.budget)
        self.verdicts.add(part, net, seen, may_be_left=may_be_left)
        return seen.finals

    def _is_interrupted(self, scope: tuple[str, ...]) -> bool:
        """Whether something from outside can end the scope, so that it need not come to an end by itself."""
        for depth in range(len(scope) + 1):
            if any(self._start_of(node) for node in self.inside.get(scope[:depth], ()) if node.triggered):
                return True
        return any(
            event.interrupting and event.event in _INTERRUPTS for host in scope for event in self.graph.attached[host]
        )

    def _start_of(self, subprocess: Node) -> Node | None:
        """The start of an event subprocess that interrupts what it stands in, when its event comes from outside."""
        for node in self.inside.get((*subprocess.scope, subprocess.id), ()):
            if node.kind == "startEvent" and node.interrupting and node.event in _INTERRUPTS:
                return node
        return None

    def _with_event_subprocesses(self, nodes: list[Node], outcome: Outcome) -> Outcome:
        """What an event subprocess catches does not leave the scope; what one throws that has taken over does."""
        subprocesses = [
            (node, self.outcomes.get(node.id, Outcome()), self._start(node)) for node in nodes if node.triggered
        ]
        beside = frozenset[str]().union(*(own.errors for _node, own, start in subprocesses if not _takes_over(start)))
        errors, left = outcome.errors | beside, frozenset[str]()
        for _node, own, start in subprocesses:
            if start is not None and start.event == "error":
                errors -= errors if start.code is None else {start.code}
            left |= own.errors if _takes_over(start) else frozenset()
        return Outcome(
            outcome.completes or any(_takes_over(start) and own.completes for _node, own, start in subprocesses),
            errors | left,
            outcome.cancels or any(own.cancels for _node, own, _start in subprocesses),
        )

    def _start(self, subprocess: Node) -> Node | None:
        inside = self.inside.get((*subprocess.scope, subprocess.id), ())
        return next((node for node in inside if node.kind == "startEvent"), None)


def _takes_over(start: Node | None) -> bool:
    return start is not None and start.interrupting


def _undoes(node: Node) -> bool:
    return node.event == "compensation" and node.kind == "boundaryEvent"
