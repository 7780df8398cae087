"""A compiled process: immutable, made once per version, shared by every case and thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tongxin.engine.errors import Finding
from tongxin.engine.moments import Moment
from tongxin.feel import Expression

Event = Literal[
    "none",
    "message",
    "timer",
    "error",
    "terminate",
    "signal",
    "escalation",
    "conditional",
    "link",
    "compensation",
    "cancel",
]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to wait for: `key` gives the correlation, `payload` names the variable that takes what it brings."""

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
    """Multi-instance: once for every item of `collection`; `output` names the list that takes the answers."""

    collection: Expression
    element: str
    output: str | None
    sequential: bool
    until: Expression | None


@dataclass(frozen=True, slots=True)
class Lane:
    id: str
    name: str
    role: str | None
    level: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    name: str
    source: str
    target: str
    condition: Expression | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """An element of the diagram with everything it carries; `scope` lists its subprocesses, outermost first."""

    id: str
    name: str
    kind: str
    scope: tuple[str, ...] = ()
    event: Event = "none"
    attached_to: str | None = None
    interrupting: bool = True
    role: str | None = None
    level: str | None = None
    form: str | None = None
    public_name: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    limit: Moment | None = None
    assignee: Expression | None = None
    timer: Moment | None = None
    message: Message | None = None
    error: str | None = None
    action: str | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    script: tuple[Assignment, ...] = ()
    loop: Loop | None = None
    triggered: bool = False  # an event subprocess
    thrown: bool = False  # an event that throws
    handler: str | None = None  # of a compensation boundary event: what undoes the step


@dataclass(frozen=True, slots=True)
class Process:
    """What the verbs run. `warnings` are findings that do not stop it."""

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...]
    messages: frozenset[str]
    forms: frozenset[str]
    actions: frozenset[str]
    expressions: tuple[tuple[str, Expression], ...]
    warnings: tuple[Finding, ...]
    top: Any = field(repr=False)  # specs of the process and, by id, of its subprocesses: see build.py
    nested: Mapping[str, Any] = field(repr=False)

    @property
    def reads(self) -> frozenset[tuple[str, str]]:
        """Element and variable (or name of the environment), for every name its expressions read."""
        found = {(element, name) for element, expression in self.expressions for name in expression.names}
        return frozenset(one for one in found if one[1] not in self._supplied(one[0]))

    @property
    def assigned(self) -> frozenset[tuple[str, str]]:
        """Element and variable, for everything the diagram itself assigns."""
        found: set[tuple[str, str]] = set()
        for node in self.nodes.values():
            names = [line.name for line in (*node.script, *node.outputs)]
            names += [name for name in (node.message and node.message.payload, node.loop and node.loop.output) if name]
            found.update((node.id, name) for name in names)
        return frozenset(found)

    def _supplied(self, element: str) -> frozenset[str]:
        """Names the engine itself gives to the expressions of an element."""
        node = self.nodes.get(element)
        if node is None:
            return frozenset()
        if node.loop is not None:
            return _COUNTERS | {node.loop.element}
        return frozenset({"due"} if node.attached_to else {"result"} if node.outputs else ())


_COUNTERS = frozenset(
    {
        "loopCounter",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
