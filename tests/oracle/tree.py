"""Random processes as trees of blocks. A new kind of block: a class here, a way to draw it, a part that plays it.

Races are kept out, so that the oracle's answer is the only right one: whatever writes, throws or ends early stands
behind a user task of its own, and no two tokens do such things in one step.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

VARIABLES = ("v0", "v1", "v2")  # tasks write 0, 1 or 2 into them at random; conditions read them
ROUNDS = 3  # of a loop, at most
Event = Literal["message", "timer", "receive", "error"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A boundary event. An interrupting one leads behind its step, over a task of its own if `detour`."""

    name: str
    event: Event
    interrupting: bool
    detour: bool
    code: str | None = None  # of the error it takes; None takes all


@dataclass(frozen=True)
class Block:
    name: str
    parts: tuple["Block", ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def merges(self) -> bool:
        """Ways around the block meet the way out of it in the gateway `<name>x`."""
        return any(edge.interrupting for edge in self.edges)


class Task(Block):
    """A user task."""


@dataclass(frozen=True)
class Script(Block):
    """A user task, and a script task behind it."""

    reads: str = "v0"
    writes: str = "v0"


@dataclass(frozen=True)
class Service(Block):
    """Its result goes into a variable; it may fail where an error event is on its edge."""

    writes: str = "v0"


@dataclass(frozen=True)
class Catch(Block):
    """A catch event, or a receive task, whose message brings a value."""

    event: Event = "message"
    writes: str | None = None


class Seq(Block):
    """One after the other."""


@dataclass(frozen=True)
class Choice(Block):
    """Exclusive gateways; the last part is the default."""

    reads: str = "v0"


class Every(Block):
    """Parallel gateways."""


@dataclass(frozen=True)
class Some(Block):
    """Inclusive gateways; part i is taken when the variable is above i, the last when none is."""

    reads: str = "v0"


@dataclass(frozen=True)
class Loop(Block):
    """Again while the variable is 1, a few times at most; a variable named as the block counts."""

    reads: str = "v0"


@dataclass(frozen=True)
class Sub(Block):
    """A subprocess. With `ends`, two parts go on at once, and the first may end both, or throw, when `reads` is 1."""

    ends: Literal["none", "terminate", "error"] = "none"
    code: str = ""
    reads: str = "v0"


@dataclass(frozen=True)
class Multi(Block):
    """A multi-instance user task over `size` items, or, where it is None, as many as the variable says."""

    size: int | None = 2
    reads: str = "v0"
    sequential: bool = False
    enough: int | None = None  # so many answers are enough
    keeps: bool = False  # answers go to a list named `<name>out`


@dataclass(frozen=True)
class Race(Block):
    """An event gateway; `events` lead to the parts."""

    events: tuple[Event, ...] = ()


class Grower:
    """Grows trees; `plain` ones hold only what the library as shipped can parse and be made to play."""

    def __init__(self, choose: random.Random, *, plain: bool = False) -> None:
        self.choose, self.plain = choose, plain
        self._numbers: Iterator[int] = count()
        leaves: list[Callable[[int], Block]] = [self._task, self._task, self._script, self._catch, self._multi]
        inner = [self._seq, self._seq, self._choice, self._every, self._some, self._loop, self._sub, self._sub]
        inner += [self._race, self._ending]
        if not plain:
            leaves.append(self._service)
        self._leaves, self._inner = leaves, inner

    def tree(self) -> Block:
        """A whole process: one thing after the other."""
        return self._seq(4)

    def grow(self, depth: int) -> Block:
        kinds = self._inner if depth and self.choose.random() < 0.6 else self._leaves
        return self.choose.choice(kinds)(depth)

    def _name(self) -> str:
        return f"n{next(self._numbers)}"

    def _variable(self) -> str:
        return self.choose.choice(VARIABLES)

    def _parts(self, depth: int) -> tuple[Block, ...]:
        return tuple(self.grow(depth - 1) for _ in range(self.choose.randint(2, 3)))

    def _edges(self, name: str) -> tuple[Edge, ...]:
        """None for most; a message may come again where it does not interrupt, a time does not."""
        number = self.choose.choice((0, 0, 0, 1, 2))
        events: tuple[Event, ...] = ("message",) if self.plain else ("message", "timer")
        flip = (True, False)
        return tuple(
            Edge(f"{name}w{i}", self.choose.choice(events), self.choose.choice(flip), self.choose.choice(flip))
            for i in range(number)
        )

    def _task(self, depth: int) -> Block:
        name = self._name()
        return Task(name, edges=self._edges(name))

    def _script(self, depth: int) -> Block:
        return Script(self._name(), reads=self._variable(), writes=self._variable())

    def _service(self, depth: int) -> Block:
        name = self._name()
        edges = self._edges(name)
        if self.choose.random() < 0.6:
            edges += (Edge(f"{name}error", "error", True, True, self.choose.choice(("E1", None))),)
        return Service(name, edges=edges, writes=self._variable())

    def _catch(self, depth: int) -> Block:
        name = self._name()
        event = self.choose.choice(("message",) if self.plain else ("message", "timer", "receive"))
        if event != "receive":
            return Catch(name, event=event)
        return Catch(name, edges=self._edges(name), event=event, writes=self._variable())

    def _multi(self, depth: int) -> Block:
        name, sequential = self._name(), self.choose.random() < 0.5
        size = self.choose.choice((1, 2, 3) if self.plain else (0, 1, 2, 3, None))
        enough = None if self.plain else self.choose.choice((None, None, 1, 2))
        keeps = not self.plain and self.choose.random() < 0.5
        return Multi(
            name,
            edges=self._edges(name),
            size=size,
            reads=self._variable(),
            sequential=sequential,
            enough=enough,
            keeps=keeps,
        )

    def _seq(self, depth: int) -> Block:
        return Seq(self._name(), self._parts(depth))

    def _choice(self, depth: int) -> Block:
        return Choice(self._name(), self._parts(depth), reads=self._variable())

    def _every(self, depth: int) -> Block:
        return Every(self._name(), self._parts(depth))

    def _some(self, depth: int) -> Block:
        return Some(self._name(), self._parts(depth), reads=self._variable())

    def _loop(self, depth: int) -> Block:
        return Loop(self._name(), (self.grow(depth - 1),), reads=self._variable())

    def _sub(self, depth: int) -> Block:
        name = self._name()
        return Sub(name, (self.grow(depth - 1),), self._edges(name))

    def _race(self, depth: int) -> Block:
        parts = self._parts(depth)
        events: tuple[Event, ...] = ("message",) if self.plain else ("message", "timer", "receive")
        return Race(self._name(), parts, events=tuple(self.choose.choice(events) for _ in parts))

    def _ending(self, depth: int) -> Block:
        """Ends early by itself; or throws, and is caught on its own edge or on that of a subprocess around it."""
        name, parts = self._name(), (self.grow(depth - 1), self.grow(depth - 1))
        edges, reads = self._edges(name), self._variable()
        if self.choose.random() < 0.4:
            return Sub(name, parts, edges, ends="terminate", reads=reads)
        code = self.choose.choice(("E1", "E2"))
        caught = Edge(f"{name}error", "error", True, self.choose.random() < 0.5, self.choose.choice((code, None)))
        if self.choose.random() < 0.5:
            return Sub(name, parts, (*edges, caught), ends="error", code=code, reads=reads)
        missed = Edge(f"{name}missed", "error", True, True, "E9")
        inner = Sub(name, parts, (*edges, missed), ends="error", code=code, reads=reads)
        return Sub(f"{name}around", (inner,), (caught,))
