"""What one step of the engine answers: the new state and everything that must follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Value = Any  # None, bool, int, Decimal, str, date, time, datetime, duration, list and dict of these


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and how that was derived (JSON-ready, for people to read)."""

    at: datetime
    derivation: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A human step that now waits for somebody."""

    key: int  # unique within its case, never reused
    node: str
    name: str
    role: str
    level: str | None
    assignee: Value  # what the task's `assignee` expression gave; None = anyone with the role
    due: Due | None
    form: str | None
    local: Mapping[str, Value] = field(default_factory=dict)  # multi-instance values


@dataclass(frozen=True, slots=True)
class Closed:
    """A human step that no longer waits."""

    key: int
    how: Literal["completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that must call `fire` with this key when it is due."""

    key: int
    node: str
    due: Due


@dataclass(frozen=True, slots=True)
class Wait:
    """A message or signal the case waits for; `deliver` takes its key."""

    key: int
    node: str
    message: str
    correlation: str | None
    kind: Literal["message", "signal"] = "message"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message or signal for others: whoever waits for it, and processes that begin with it."""

    key: int  # with the case, names this one message
    node: str
    kind: Literal["message", "signal"]
    name: str
    correlation: str | None
    payload: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision was asked, and why it answered as it did (for people, ready for JSON)."""

    node: str
    decision: str
    explanation: Value


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to do outside the engine; answered by `resolve` with its key."""

    key: int
    node: str
    action: str
    input: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Visit:
    """A node entered, or a flow taken."""

    id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The case is over; `node` is the end event it reached last."""

    node: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one pure step. `variables` is the whole case scope after it."""

    state: bytes
    variables: Mapping[str, Value]
    opened: tuple[OpenTask, ...] = ()
    closed: tuple[Closed, ...] = ()
    timers_set: tuple[Timer, ...] = ()
    timers_cleared: tuple[int, ...] = ()
    waits_set: tuple[Wait, ...] = ()
    waits_cleared: tuple[int, ...] = ()
    effects: tuple[Effect, ...] = ()
    sent: tuple[Sent, ...] = ()
    decided: tuple[Decided, ...] = ()
    stored: Mapping[str, Value] = field(default_factory=dict)  # data stores that were written
    trail: tuple[Visit, ...] = ()
    ended: Ended | None = None
