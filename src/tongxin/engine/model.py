"""A compiled process: immutable, made once per version, shared by every case and thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from tongxin.engine.cycles import Cycle
from tongxin.engine.errors import Finding
from tongxin.engine.moments import Moment
from tongxin.feel import Expression, results

Event = Literal[
    "none",
    "message",
    "signal",
    "timer",
    "conditional",
    "error",
    "escalation",
    "compensation",
    "cancel",
    "link",
    "terminate",
]
Value = Any


class Outcome(Protocol):
    """What a decision answers; the explanation is ready for JSON and for people."""

    @property
    def value(self) -> Value: ...

    @property
    def explanation(self) -> Value: ...


class Decision(Protocol):
    """A decision a business rule task asks; `names` are all the names its inputs may read."""

    def __call__(self, names: Mapping[str, Value], now: datetime) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message or signal: `key` gives the correlation, `payload` names the variable that takes what it brings."""

    name: str
    key: Expression | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = value`: a line of a script, an input or an output."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance: once for every item of `collection`, or `times` times; `output` takes the list of answers."""

    collection: Expression | None
    times: Expression | None
    element: str
    output: str | None
    sequential: bool
    until: Expression | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Standard loop: again while `condition` holds, at most `most` times; `first` asks before the first time, too."""

    condition: Expression | None
    most: int | None
    first: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """Who does the steps in it. Role and level are each written out, or worked out when a step opens (`…_by`)."""

    id: str
    name: str
    role: str | None = None
    level: str | None = None
    role_by: Expression | None = None
    level_by: Expression | None = None

    @property
    def source(self) -> tuple[str | None, str | None]:
        """Role and level as they are written."""
        role = self.role_by.source if self.role_by else self.role
        return role, self.level_by.source if self.level_by else self.level


NO_LANE = Lane("", "")


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; a hidden one stands for a pair of link events."""

    id: str
    name: str
    source: str
    target: str
    condition: Expression | None = None
    default: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the diagram with everything it carries; `scope` lists its subprocesses, outermost first.

    Below a call activity `c` stand the nodes of the process it calls, with ids that begin with `c/`.
    """

    id: str
    name: str
    kind: str
    scope: tuple[str, ...] = ()
    event: Event = "none"
    throws: bool = False  # an event that happens rather than waits
    attached_to: str | None = None
    interrupting: bool = True
    lane: Lane = NO_LANE
    title: Expression | None = None  # what a human step is called when it opens, instead of its name
    form: str | None = None
    public_name: str | None = None
    limit: Moment | None = None
    assignee: Expression | None = None
    timer: Moment | Cycle | None = None
    message: Message | None = None  # of a message or signal event
    condition: Expression | None = None
    code: str | None = None  # of an error or escalation; None on one that waits takes any
    link: str | None = None
    action: str | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    script: tuple[Assignment, ...] = ()
    decision: str | None = None
    result: str | None = None  # variable that takes a decision's answer
    loop: Loop | Repeat | None = None
    calls: str | None = None  # id of the called process
    triggered: bool = False  # an event subprocess
    compensates: str | None = None  # the activity a compensation event is about; None: all of its scope
    handler: str | None = None  # the activity a compensation boundary event leads to
    is_handler: bool = False
    own: frozenset[str] = frozenset()  # data objects of a subprocess
    pauses: tuple[str, ...] = ()  # elements whose limits and timers stand still while a case is here

    @property
    def roles(self) -> frozenset[str]:
        """All the roles that may be asked to do it; reading sees to it that an expression tells them."""
        written = results(self.lane.role_by) if self.lane.role_by else (self.lane.role,)
        return frozenset(role for role in written or () if role)

    @property
    def is_nested(self) -> bool:
        """Whether it has nodes of its own inside."""
        return self.kind in ("subProcess", "transaction", "adHocSubProcess", "callActivity")

    @property
    def keeps_values(self) -> bool:
        """Whether what is assigned inside stays inside: then nodes within do not see just the case's variables."""
        collects = isinstance(self.loop, Loop) and self.loop.output is not None
        return self.kind == "callActivity" or bool(self.own) or (self.is_nested and collects)


@dataclass(frozen=True, slots=True)
class Process:
    """What the verbs run. `warnings` are findings that do not stop it."""

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...]
    forms: frozenset[str]
    actions: frozenset[str]
    stores: frozenset[str]  # names that all cases share: see Step.stored
    pausing: frozenset[str]  # nodes that make limits and timers stand still
    warnings: tuple[Finding, ...]
    top: Any = field(repr=False)  # specs of the process: see specs/build.py
    specs: Mapping[str, Any] = field(repr=False)  # all specs by name, those of subprocesses, too

    @property
    def messages(self) -> frozenset[str]:
        """Names of the messages it waits for."""
        waits = (node for node in self.nodes.values() if node.event == "message" and not node.throws)
        return frozenset(node.message.name for node in waits if node.message)

    @property
    def starts(self) -> Mapping[str, Node]:
        """The start events of the process itself; `start` takes their ids."""
        found = (node for node in self.nodes.values() if node.kind == "startEvent" and not node.scope)
        return {node.id: node for node in found}
