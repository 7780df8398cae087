"""The JSON that comes and goes: shapes for OpenAPI, and how rows become them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tongxin import clock
from tongxin.cases.lifecycle import Outcome
from tongxin.cases.models import Case, Task
from tongxin.events import Event
from tongxin.words import retold


class Body(BaseModel):
    """A request body; unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class NewCase(Body):
    """What to open, where, and the start form's values."""

    procedure: str = Field(max_length=40)
    unit: str = Field(max_length=24, description="Code of the place: a building, a grid or a community.")
    values: dict[str, Any] = {}


class Completion(Body):
    """The form's values; a task without a form takes none."""

    values: dict[str, Any] = {}


class OpenedTask(BaseModel):
    """A task that a step opened."""

    id: str
    name: str


class CaseOpened(BaseModel):
    """A new case."""

    id: str
    code: str
    status: str
    tasks: list[OpenedTask]
    link: str = Field(description="The resident's personal link token; also a bearer token for the resident's steps.")


class Reminder(Body):
    """What is said with a reminder."""

    text: str = ""


class Reminded(BaseModel):
    """How many people were told."""

    told: int


class Stepped(BaseModel):
    """What a step did to its case."""

    case: dict[str, str]
    tasks: list[OpenedTask]
    incident: str | None = Field(
        default=None, description="Why the step could not be taken; the case is as it was and somebody is told."
    )


class TaskItem(BaseModel):
    """A task in a list."""

    id: str
    case: str
    node: str
    name: str
    role: str
    assignee: str | None
    due_at: str | None = Field(description="Null also while its limit stands still.")
    paused_since: str | None = Field(default=None, description="Since when its limit stands still.")


class TaskForm(BaseModel):
    """What a task's completion takes."""

    values: dict[str, Any] | None = Field(
        description="JSON Schema of `values`, the one they are checked by; null: the task takes none."
    )


class TaskList(BaseModel):
    """A page of tasks; `next` goes into `after`."""

    items: list[TaskItem]
    next: str | None


class CaseView(BaseModel):
    """A case as it stands."""

    id: str
    code: str
    procedure: str
    title: str
    status: str
    outcome: str | None
    opened_at: str
    closed_at: str | None
    ledger: dict[str, Any]
    tasks: list[TaskItem]


class EventItem(BaseModel):
    """One event of a case's history."""

    seq: int
    at: str
    kind: str
    actor: str
    details: dict[str, Any] | None
    hash: str


class EventList(BaseModel):
    """A case's history, oldest first."""

    items: list[EventItem]


class AttachmentView(BaseModel):
    """A stored file; its id is what a photo field takes."""

    id: str
    name: str
    media_type: str
    size: int


def moment(at: datetime | None) -> str | None:
    """RFC 3339 with the local offset."""
    return at.astimezone(clock.LOCAL).isoformat() if at else None


def opened(outcome: Outcome) -> list[OpenedTask]:
    """The tasks a step opened."""
    return [OpenedTask(id=str(task_id), name=name) for task_id, name in outcome.opened]


def stepped(outcome: Outcome) -> Stepped:
    """A step's answer."""
    case = {"id": str(outcome.case_id), "code": outcome.code, "status": outcome.status}
    return Stepped(case=case, tasks=opened(outcome), incident=outcome.incident and retold(outcome.incident))


def task_item(task: Task) -> TaskItem:
    """A task's row."""
    return TaskItem(
        id=str(task.id),
        case=str(task.case_id),
        node=task.node,
        name=task.name,
        role=task.role,
        assignee=str(task.assignee_id) if task.assignee_id else None,
        due_at=moment(task.due_at),
        paused_since=moment(task.paused_at) if task.status == "open" else None,
    )


def case_view(case: Case, procedure: str, tasks: Iterable[Task], ledger: Mapping[str, Any]) -> CaseView:
    """A case's row with its open tasks."""
    return CaseView(
        id=str(case.id),
        code=case.code,
        procedure=procedure,
        title=case.title,
        status=case.status,
        outcome=case.outcome,
        opened_at=moment(case.opened_at) or "",
        closed_at=moment(case.closed_at),
        ledger=dict(ledger),
        tasks=[task_item(task) for task in tasks if task.status == "open"],
    )


def event_item(event: Event) -> EventItem:
    """An event's row."""
    actor = str(event.actor_id) if event.actor_id else event.actor_kind
    return EventItem(
        seq=event.seq,
        at=moment(event.at) or "",
        kind=event.kind,
        actor=actor,
        details=event.details,
        hash=event.hash.hex(),
    )
