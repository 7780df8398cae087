"""Processes as trees of blocks. A new kind of block: a class here, a way to grow and draw it, a part that plays it.

Races are kept out, so that the oracle's answer is the only right one: whatever writes, throws or ends early stands
behind a user task of its own, and no two tokens do such things in one step.
"""

from dataclasses import dataclass
from typing import Literal

VARIABLES = ("v0", "v1", "v2")  # tasks write 0, 1 or 2 into them at random; conditions read them
ROUNDS = 3  # of a loop, at most
Event = Literal["message", "timer", "receive", "error", "escalation", "conditional"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A boundary event. An interrupting one leads behind its step, over a task of its own if `detour`."""

    name: str
    event: Event
    interrupting: bool
    detour: bool
    code: str | None = None  # of the error or escalation it takes; None takes all
    reads: str = ""  # a conditional one happens when this variable becomes 2


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


@dataclass(frozen=True, slots=True)
class Handler:
    """An event subprocess: a user task between its start and its end."""

    name: str
    event: Event
    interrupting: bool
    code: str | None = None


@dataclass(frozen=True)
class Sub(Block):
    """A subprocess. With `ends`, two parts go on at once, and the first may end both, or throw, when `reads` is 1."""

    ends: Literal["none", "terminate", "error", "escalation"] = "none"
    code: str = ""
    reads: str = "v0"
    handlers: tuple[Handler, ...] = ()


@dataclass(frozen=True)
class Each(Block):
    """A multi-instance subprocess: a user task and the part, so many times."""

    size: int = 2
    sequential: bool = False
    keeps: bool = False  # what each writes is its own and goes to the list `<name>out`


@dataclass(frozen=True)
class Call(Block):
    """A called process with variables of its own: `given` are those outside, in order; `writes` is given back."""

    given: tuple[str, ...] = ()
    writes: str = "v0"


@dataclass(frozen=True)
class Again(Block):
    """A user task with a standard loop: while the variable is 1, so many times at most."""

    reads: str = "v0"
    most: int = 3
    first: bool = False  # asks before


class Signal(Block):
    """Two branches: one waits for a signal, the other throws it behind a user task."""


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
