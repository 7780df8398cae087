"""A scope as knots and arcs: every kind of node comes down to how it joins, how it splits, and where it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Join = Literal["any", "all", "some"]  # a token on any arc; on every arc; on all that can still come (inclusive)
Split = Literal["one", "all", "some"]  # down one arc; down every arc; down one or more
END = "end"  # the final knot that takes one token; others take all and say how the scope is left


@dataclass(slots=True)
class Knot:
    """A place where tokens meet and part. `node` is the element that splits, which is what findings name."""

    id: int
    node: str
    join: Join
    split: Split
    final: str | None = None
    work: bool = False  # something is done here that would be done twice for two tokens
    members: set[str] = field(default_factory=set)  # elements that have had their turn when this knot has
    ins: dict[int, None] = field(default_factory=dict)  # in order; taking one out of thousands is quick
    outs: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Arc:
    """A way from knot to knot; `leaves` and `arrives` are the flows (or boundary events) drawn at its two ends."""

    id: int
    source: int
    target: int
    leaves: str
    arrives: str
    waits_at: str  # the element it is drawn to: the join that waits for it
    work: bool = False
    members: set[str] = field(default_factory=set)


class Net:
    """Knots and arcs by number. `begin` is the arc on which the first token lies."""

    def __init__(self) -> None:
        self.knots: dict[int, Knot] = {}
        self.arcs: dict[int, Arc] = {}
        self.begin = -1
        self._next = 0

    def knot(self, node: str, join: Join = "any", split: Split = "all", *, final: str | None = None) -> Knot:
        made = Knot(self._number(), node, join, split, final)
        self.knots[made.id] = made
        return made

    def connect(self, source: Knot, target: Knot, leaves: str, members: Iterable[str] = ()) -> Arc:
        made = Arc(self._number(), source.id, target.id, leaves, leaves, target.node, members=set(members))
        self.arcs[made.id] = made
        source.outs[made.id] = None
        target.ins[made.id] = None
        return made

    def drop_arc(self, arc: Arc) -> None:
        del self.knots[arc.source].outs[arc.id]
        del self.knots[arc.target].ins[arc.id]
        del self.arcs[arc.id]

    def drop_knot(self, knot: Knot) -> None:
        del self.knots[knot.id]

    def move_source(self, arc: Arc, source: Knot) -> None:
        del self.knots[arc.source].outs[arc.id]
        source.outs[arc.id] = None
        arc.source = source.id

    def move_target(self, arc: Arc, target: Knot) -> None:
        del self.knots[arc.target].ins[arc.id]
        target.ins[arc.id] = None
        arc.target = target.id

    def targets(self, knot: int) -> list[int]:
        return [self.arcs[arc].target for arc in self.knots[knot].outs]

    def before(self, arcs: Iterable[int], without: int) -> set[int]:
        """Arcs from which a token can come along one of `arcs` without passing the knot `without`."""
        seen: set[int] = set()
        todo = list(arcs)
        while todo:
            source = self.knots[self.arcs[todo.pop()].source]
            if source.id == without:
                continue
            fresh = [arc for arc in source.ins if arc not in seen]
            seen.update(fresh)
            todo.extend(fresh)
        return seen

    def _number(self) -> int:
        self._next += 1
        return self._next
