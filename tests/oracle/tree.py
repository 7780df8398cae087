"""Random trees."""

import random
from collections.abc import Callable, Iterator
from itertools import count

from tests.oracle.blocks import (
    VARIABLES,
    Again,
    Block,
    Call,
    Catch,
    Choice,
    Each,
    Edge,
    Event,
    Every,
    Handler,
    Loop,
    Multi,
    Race,
    Script,
    Seq,
    Service,
    Signal,
    Some,
    Sub,
    Task,
)


class Grower:
    """Grows trees; `plain` ones hold only what the library as shipped can parse and be made to play."""

    def __init__(self, choose: random.Random, *, plain: bool = False) -> None:
        self.choose, self.plain = choose, plain
        self._numbers: Iterator[int] = count()
        leaves: list[Callable[[int], Block]] = [self._task, self._task, self._script, self._catch, self._multi]
        inner = [self._seq, self._seq, self._choice, self._every, self._some, self._loop, self._sub, self._sub]
        inner += [self._race, self._ending]
        if not plain:
            leaves += [self._service, self._again, self._signal]
            inner += [self._each, self._call, self._handled, self._escalating]
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
        edges = self._edges(name)
        if not self.plain and self.choose.random() < 0.2:
            flip = self.choose.random() < 0.5
            edges += (Edge(f"{name}c", "conditional", flip, True, reads=self._variable()),)
        return Task(name, edges=edges)

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

    def _again(self, depth: int) -> Block:
        name, first = self._name(), self.choose.random() < 0.5
        most = self.choose.choice((1, 2, 3))
        return Again(name, edges=self._edges(name), reads=self._variable(), most=most, first=first)

    def _signal(self, depth: int) -> Block:
        return Signal(self._name())

    def _each(self, depth: int) -> Block:
        """Instances at the same time write into variables of their own."""
        name, sequential = self._name(), self.choose.random() < 0.5
        keeps = not sequential or self.choose.random() < 0.5
        size = self.choose.choice((0, 1, 2, 2, 3))
        part = self.grow(depth - 1)
        return Each(name, (part,), self._edges(name), size=size, sequential=sequential, keeps=keeps)

    def _call(self, depth: int) -> Block:
        """A user task stands before all else, since what is given back is written outside."""
        name, given = self._name(), tuple(self._variable() for _ in VARIABLES)
        part = Seq(self._name(), (Task(self._name()), self.grow(depth - 1)))
        return Call(name, (part,), self._edges(name), given=given, writes=self._variable())

    def _handled(self, depth: int) -> Block:
        """A subprocess with event subprocesses; in half of them an error is thrown, and taken by one of them."""
        name, throws = self._name(), self.choose.random() < 0.5
        events: tuple[Event, ...] = ("message", "timer")
        handlers = tuple(
            Handler(f"{name}h{i}", self.choose.choice(events), self.choose.random() < 0.5)
            for i in range(self.choose.choice((1, 2)))
        )
        if not throws:
            return Sub(name, (self.grow(depth - 1),), self._edges(name), handlers=handlers)
        parts = (self.grow(depth - 1), self.grow(depth - 1))
        caught = Handler(f"{name}error", "error", True, self.choose.choice(("E1", None)))
        edges = self._edges(name)
        if self.choose.random() < 0.5:
            edges += (Edge(f"{name}missed", "error", True, True, "E9"),)
        reads = self._variable()
        return Sub(name, parts, edges, ends="error", code="E1", reads=reads, handlers=(*handlers, caught))

    def _escalating(self, depth: int) -> Block:
        """Caught on its own edge, on that of a subprocess around it, or by nobody."""
        name, parts = self._name(), (self.grow(depth - 1), self.grow(depth - 1))
        flip, code, reads = self.choose.random() < 0.5, self.choose.choice(("X1", None)), self._variable()
        caught = Edge(f"{name}up", "escalation", flip, self.choose.random() < 0.5, code)
        edges, where = self._edges(name), self.choose.choice(("own", "around", "nobody"))
        own = (*edges, caught) if where == "own" else edges
        inner = Sub(name, parts, own, ends="escalation", code="X1", reads=reads)
        return Sub(f"{name}around", (inner,), (caught,)) if where == "around" else inner
