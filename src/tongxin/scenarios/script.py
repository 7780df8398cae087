"""What a scenario is made of. Every scalar is text as it was written; the runner gives it its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

Texts = dict[str, str]
Fields = dict[str, str | list[str | Texts] | Texts]
"""A form as a browser would send it, but people, cases and places by the names they have in the scenario; tables row by
row, an address as `place` and `detail`."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step, or the deed inside a `refused`."""


class Start(Part, frozen=True):
    """Somebody opens a case; `as` names it for the steps that follow. `procedure`: another than the one told of."""

    by: str
    place: str
    form: Fields = {}
    procedure: str | None = None
    case: str = msgspec.field(name="as", default="")


class Complete(Part, frozen=True):
    """Somebody hands in a task. `by_phone`: whether it must count as staff noting what the resident said."""

    task: str
    by: str
    form: Fields = {}
    case: str = ""
    by_phone: Literal["yes", "no"] | None = None


class Claim(Part, frozen=True):
    """Somebody takes a task for themselves."""

    task: str
    by: str
    case: str = ""


class Release(Part, frozen=True):
    """Somebody puts a claimed task back."""

    task: str
    by: str
    case: str = ""


class Message(Part, frozen=True):
    """Somebody presses a button that sends a message into the case."""

    name: str
    by: str
    form: Fields = {}
    case: str = ""


class Find(Part, frozen=True):
    """Names a case that nobody opened by a step: the `number`th of its procedure (at `unit`), in order of opening."""

    case: str = msgspec.field(name="as")
    procedure: str
    number: str = "1"
    unit: str | None = None


class Wait(Part, frozen=True):
    """Time passes (ISO 8601 duration); what becomes due on the way happens at its time."""

    duration: str


class Expect(Part, frozen=True):
    """What must be true of a case now; what is not mentioned does not matter."""

    case: str = ""
    status: str | None = None
    outcome: str | None = None
    open: list[str] | None = None
    not_open: list[str] = []
    due: Texts = {}
    ledger: Texts = {}
    events: list[str] = []


Deed = Complete | Claim | Release | Message
Reason = Literal["not_found", "invalid", "not_ready", "taken"]


class Refused(Part, frozen=True):
    """A deed that the platform must refuse, and why; nothing may change."""

    deed: Deed
    because: Reason


Step = Start | Deed | Wait | Expect | Refused | Find
STEPS: Mapping[str, type[Part]] = {
    "start": Start,
    "complete": Complete,
    "claim": Claim,
    "release": Release,
    "message": Message,
    "wait": Wait,
    "find": Find,
    "expect": Expect,
    "refused": Refused,
}
DEEDS: Mapping[str, type[Part]] = {name: STEPS[name] for name in ("complete", "claim", "release", "message")}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story about one procedure. `people`: name → posts as written; `source` says where it was read."""

    source: str
    title: str
    about: str
    clock: datetime
    people: Mapping[str, str]
    steps: tuple[Step, ...]
