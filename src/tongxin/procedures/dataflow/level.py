"""The steps of one scope in their order; subprocesses in it count as one step with all they may set."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tongxin.engine import Node
from tongxin.procedures.dataflow.dominance import postdominators

_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_CHOOSES_ONE = frozenset({"exclusiveGateway", "eventBasedGateway"})
MOST_WORK = 400_000  # steps looked at for what goes on at the same time; beyond it all of the scope does


class Level:
    """`flows`: from step to step; `totals`: what each step may set, as bits."""

    def __init__(self, nodes: Sequence[Node], flows: Iterable[tuple[str, str]], totals: Mapping[str, int]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._totals = totals
        self._everything = _union(totals, self._nodes)
        self._following: dict[str, list[str]] = {name: [] for name in self._nodes}
        self._incoming: dict[str, int] = defaultdict(int)
        for source, target in flows:
            self._following[source].append(target)
            self._incoming[target] += 1
        self._attached: dict[str, list[str]] = defaultdict(list)
        for node in nodes:
            if node.attached_to:
                self._attached[node.attached_to].append(node.id)
        self._ways = {name: [*self._following[name], *self._attached[name]] for name in self._nodes}
        self._work = 0

    def solved(self, entering: int) -> list[tuple[Node, int, int]]:
        """Every step with what may be set before and after it."""
        beside = self._beside()
        before = {name: entering | beside[name] for name in self._nodes}
        for node in self._nodes.values():
            if node.is_handler or node.triggered:
                before[node.id] |= self._everything
            if node.loop is not None:
                before[node.id] |= self._totals[node.id]
        todo = list(reversed(self._nodes))
        while todo:
            name = todo.pop()
            after = before[name] | self._totals[name]
            lasts = self._nodes[name].is_nested  # an event on its edge may find what was set in it
            heirs = [(one, after) for one in self._following[name]]
            heirs += [(one, after if lasts else before[name]) for one in self._attached[name]]
            for heir, known in heirs:
                if known & ~before[heir]:
                    before[heir] |= known
                    todo.append(heir)
        return [(node, before[name], before[name] | self._totals[name]) for name, node in self._nodes.items()]

    def _beside(self) -> dict[str, int]:
        """By step, what is set by what may go on at the same time."""
        beside = dict.fromkeys(self._nodes, 0)
        for node in self._nodes.values():
            if node.triggered:
                beside = {name: known | self._totals[node.id] for name, known in beside.items()}
        forks = list(self._forks())
        meets = postdominators(self._ways) if forks else {}
        for fork, branches in forks:
            self._mark(branches, self._end(meets.get(fork)), beside)
            if self._work > MOST_WORK:
                return dict.fromkeys(self._nodes, self._everything)
        return beside

    def _forks(self) -> Iterable[tuple[str, list[list[str]]]]:
        """Where one token becomes several, with the steps at which each of the branches begins."""
        for node in self._nodes.values():
            following = self._following[node.id]
            if len(following) > 1 and node.kind not in _CHOOSES_ONE:
                yield node.id, [[one] for one in following]
            for event in self._attached[node.id]:
                if not self._nodes[event].interrupting:
                    yield node.id, [[event], [node.id]]  # the second has the event in it: it may happen again

    def _end(self, meeting: str | None) -> frozenset[str]:
        """The join that all branches come to, if the first step they all come to is one."""
        if meeting is None or self._nodes[meeting].kind not in _JOINS or self._incoming[meeting] < 2:
            return frozenset()
        return frozenset({meeting})

    def _mark(self, branches: list[list[str]], end: frozenset[str], beside: dict[str, int]) -> None:
        reached = [self._reached(begin, end) for begin in branches]
        sets = [_union(self._totals, branch) for branch in reached]
        for at, branch in enumerate(reached):
            others = 0
            for other, known in enumerate(sets):
                others |= known if other != at else 0
            for name in branch:
                beside[name] |= others

    def _reached(self, begin: Iterable[str], end: frozenset[str]) -> set[str]:
        """Everything that follows from there, up to the end."""
        seen = set(begin) - end
        todo = list(seen)
        while todo:
            for heir in self._ways[todo.pop()]:
                if heir not in seen and heir not in end:
                    seen.add(heir)
                    todo.append(heir)
        self._work += len(seen)
        return seen


def _union(totals: Mapping[str, int], names: Iterable[str]) -> int:
    found = 0
    for name in names:
        found |= totals[name]
    return found
