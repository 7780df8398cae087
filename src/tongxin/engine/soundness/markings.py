"""Explores where the tokens of a net can be. Conditions are free choices.

Of several knots that can fire only the most upstream are tried, and inclusive joins: what one knot takes no other can
take, so the order between the others makes no difference. Within a loop everything is tried.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from tongxin.engine.soundness.net import END, Arc, Knot, Net

Marking = tuple[int, ...]  # the arcs on which tokens lie, sorted, an arc twice for two tokens
DONE: Marking = ()

MANY = 6  # ways out of an inclusive split up to which every combination is tried
MOST_TOKENS = 40
ENOUGH = 50  # markings that are wrong in the same way: more say nothing new


@dataclass(slots=True)
class Budget:
    """How many steps may still be looked at; shared by all scopes of a process."""

    left: int = 20_000


@dataclass(slots=True)
class Explored:
    """What was seen. `paths` gives for every marking the one it came from and the knot and arcs that led here."""

    complete: bool = True
    paths: dict[Marking, tuple[Marking, int, Marking] | None] = field(default_factory=dict)
    after: dict[Marking, list[Marking]] = field(default_factory=dict)
    stuck: list[Marking] = field(default_factory=list)
    growing: list[tuple[Marking, Marking]] = field(default_factory=list)  # the smaller, the larger
    doubled: list[tuple[Marking, int]] = field(default_factory=list)  # with the arc that leads to work done twice
    fired: set[int] = field(default_factory=set)  # knots and arcs: their numbers differ
    finals: set[str] = field(default_factory=set)

    def path(self, marking: Marking) -> list[tuple[Marking, int, Marking]]:
        """Steps from the beginning: where the tokens were, the knot that fired, the arcs it sent tokens along."""
        steps = []
        step = self.paths[marking]
        while step is not None:
            steps.append(step)
            step = self.paths[step[0]]
        return steps[::-1]

    def endless(self) -> set[Marking]:
        """Markings from which there is no way to an end, nor to anything else that was found wrong."""
        before: dict[Marking, list[Marking]] = {}
        for marking, following in self.after.items():
            for one in following:
                before.setdefault(one, []).append(marking)
        good = {DONE, *self.stuck, *(larger for _smaller, larger in self.growing)}
        good |= self.paths.keys() - self.after.keys()
        todo = list(good)
        while todo:
            fresh = [one for one in before.get(todo.pop(), ()) if one not in good]
            good.update(fresh)
            todo.extend(fresh)
        return self.paths.keys() - good


def explore(net: Net, budget: Budget) -> Explored:
    return _Exploration(net, budget).run()


class _Exploration:
    def __init__(self, net: Net, budget: Budget) -> None:
        self.net, self.budget = net, budget
        self.seen = Explored()
        self.order = _upstream_first(net)
        self.before = {
            (knot.id, arc): frozenset(net.before([arc], knot.id))
            for knot in net.knots.values()
            if knot.join == "some" and len(knot.ins) > 1
            for arc in knot.ins
        }

    def run(self) -> Explored:
        first: Marking = (self.net.begin,)
        self.seen.paths[first] = None
        todo = [first]
        while todo:
            if self.budget.left <= 0 or len(self.seen.growing) >= ENOUGH or len(self.seen.stuck) >= ENOUGH:
                self.seen.complete = False
                break
            marking = todo.pop()
            todo.extend(self._follow(marking))
            self.budget.left -= max(1, len(self.seen.after[marking]))
        return self.seen

    def _follow(self, marking: Marking) -> list[Marking]:
        """Markings that come next and are new."""
        fresh = []
        tokens = Counter(marking)
        able = self._able(tokens)
        if not able:
            self.seen.stuck.append(marking)
        self._note_doubled(marking, tokens)
        after = self.seen.after.setdefault(marking, [])
        for knot in able:
            for rest, sent in self._fire(knot, tokens):
                following = tuple(sorted([*rest, *sent]))
                after.append(following)
                if following not in self.seen.paths:
                    self.seen.paths[following] = (marking, knot.id, sent)
                    if self._goes_on(following):
                        fresh.append(following)
        return fresh

    def _goes_on(self, marking: Marking) -> bool:
        """Whether to look further: not behind an end, nor where tokens become more and more."""
        if marking == DONE:
            return False
        if len(marking) > MOST_TOKENS:
            self.seen.complete = False
            return False
        if len(set(marking)) < len(marking):
            larger = Counter(marking)
            for smaller, _knot, _sent in self.seen.path(marking):
                less = len(smaller) < len(marking) and Counter(smaller) <= larger
                if less and self._repeats(smaller, marking):
                    self.seen.growing.append((smaller, marking))
                    return False
        return True

    def _repeats(self, smaller: Marking, larger: Marking) -> bool:
        """Whether what led from the one to the other can be done again; inclusive joins may wait for what is new."""
        steps = self.seen.path(larger)
        steps = steps[[before for before, _knot, _sent in steps].index(smaller) :]
        tokens = Counter(larger)
        for (before, knot, sent), after in zip(steps, [*(step[0] for step in steps[1:]), larger], strict=True):
            taken = Counter(before) + Counter(sent) - Counter(after)
            if not self._can_fire(self.net.knots[knot], tokens) or not taken <= tokens:
                return False
            tokens = tokens - taken + Counter(sent)
        return True

    def _able(self, tokens: Counter[int]) -> list[Knot]:
        """Knots that can fire: the most upstream of them, and every inclusive join."""
        knots = {self.net.arcs[arc].target: self.net.knots[self.net.arcs[arc].target] for arc in tokens}
        able = [knot for knot in knots.values() if self._can_fire(knot, tokens)]
        if not able:
            return able
        first = min(self.order[knot.id] for knot in able)
        return [knot for knot in able if self.order[knot.id] == first or knot.join == "some"]

    def _can_fire(self, knot: Knot, tokens: Counter[int]) -> bool:
        match knot.join:
            case "any":
                return True
            case "all":
                return all(arc in tokens for arc in knot.ins)
        return len(knot.ins) == 1 or not self._more_can_come(knot, tokens)

    def _more_can_come(self, knot: Knot, tokens: Counter[int]) -> bool:
        """To an empty arc, from where none can come to a filled one (BPMN 2.0, 13.4.3)."""
        filled = [self.before[knot.id, arc] for arc in knot.ins if arc in tokens]
        empty = [self.before[knot.id, arc] for arc in knot.ins if arc not in tokens]
        return any(
            any(arc in reach for reach in empty) and not any(arc in reach for reach in filled)
            for arc in tokens
            if arc not in knot.ins
        )

    def _fire(self, knot: Knot, tokens: Counter[int]) -> Iterator[tuple[list[int], Marking]]:
        """What remains, and what is sent, for every choice."""
        self.seen.fired.add(knot.id)
        if knot.final is not None and knot.final != END:
            self.seen.finals.add(knot.final)
            yield [], DONE
            return
        filled = [arc for arc in knot.ins if arc in tokens]
        for taken in [[arc] for arc in filled] if knot.join == "any" else [filled]:
            rest = list((tokens - Counter(taken)).elements())
            self.seen.fired.update(taken)
            for sent in self._choices(knot):
                self.seen.fired.update(sent)
                if not rest and not sent:
                    self.seen.finals.add(END)
                yield rest, sent

    def _choices(self, knot: Knot) -> Iterator[Marking]:
        outs = tuple(knot.outs)
        if knot.split == "one":
            yield from ((arc,) for arc in outs)
        elif knot.split == "all" or not outs:
            yield outs
        else:
            sizes = list(range(1, len(outs) + 1))
            if len(outs) > MANY:
                self.seen.complete = False
                sizes = [1, 2, len(outs)]
            for size in sizes:
                yield from combinations(outs, size)

    def _note_doubled(self, marking: Marking, tokens: Counter[int]) -> None:
        for arc in tokens:
            if self._is_doubled(self.net.arcs[arc], tokens):
                self.seen.doubled.append((marking, arc))

    def _is_doubled(self, arc: Arc, tokens: Counter[int]) -> bool:
        if arc.work and tokens[arc.id] > 1:
            return True
        knot = self.net.knots[arc.target]
        if not knot.work:
            return False
        counts = [tokens[one] for one in knot.ins]
        match knot.join:
            case "any":
                return sum(counts) > 1
            case "all":
                return min(counts) > 1
        return max(counts) > 1


def _upstream_first(net: Net) -> dict[int, int]:
    """A number for every knot, the same within a loop, smaller upstream (strongly connected components, by Tarjan)."""
    order: dict[int, int] = {}
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    found = len(net.knots)
    for root in net.knots:
        todo = [(root, iter(net.targets(root)))] if root not in index else []
        while todo:
            knot, following = todo[-1]
            if knot not in index:
                index[knot] = low[knot] = len(index)
                path.append(knot)
            step = next(following, None)
            if step is not None:
                if step not in index:
                    todo.append((step, iter(net.targets(step))))
                elif step not in order:
                    low[knot] = min(low[knot], index[step])
                continue
            todo.pop()
            if todo:
                above = todo[-1][0]
                low[above] = min(low[above], low[knot])
            if low[knot] == index[knot]:
                found -= 1
                place = path.index(knot) if path[-1] != knot else len(path) - 1
                order.update(dict.fromkeys(path[place:], found))
                del path[place:]
    return order
