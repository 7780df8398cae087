"""What the pages of tasks and cases show, made of rows: facts, history, the sentence of state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import clock, files, forms
from tongxin.cases import diagram_marks, held, naming, privacy, queries, wording
from tongxin.cases.models import Attachment, Case, Notice, Subscription, Task, Timer
from tongxin.events import Event
from tongxin.people import directory
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.words import N_, _, role_title


@dataclass(frozen=True, slots=True)
class DueView:
    """A due chip: words, and which of its looks."""

    at: datetime
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known."""

    title: str
    value: str
    kind: str = "text"
    link: str | None = None
    table: forms.Table | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """An attachment: a picture, or a document to download."""

    id: str
    url: str
    thumb_url: str
    name: str
    is_picture: bool
    about: str  # how large a document is


def due(due_at: datetime | None, now: datetime, paused_at: datetime | None = None) -> DueView | None:
    """The chip for a due time, or for a clock that stands still (`at` is then since when)."""
    if paused_at is not None:
        return DueView(paused_at.astimezone(clock.LOCAL), wording.paused(paused_at), "paused")
    if due_at is None:
        return None
    local = due_at.astimezone(clock.LOCAL)
    return DueView(local, wording.remaining(due_at, now), wording.due_state(due_at, now))


def facts(
    session: Session,
    definition: Definition,
    variables: Mapping[str, Any],
    now: datetime,
    *,
    reveal: bool,
    form: forms.Form | None = None,
) -> list[Fact]:
    """Every variable that has a value, or those of one form; sensitive ones masked unless `reveal`."""
    form = form or definition.facts
    options = naming.names(session, form, variables)
    fields = forms.view(form, variables, variables, now=now, options=options, reveal=reveal)
    return [
        Fact(
            field.title,
            _display(field, variables),
            field.widget,
            f"tel:{field.value}" if reveal and field.widget == "phone" else None,
            field.table,
            f"/attachments/{field.value}" if field.widget == "signature" and field.value else None,
        )
        for field in fields
        if field.display and field.widget != "photo"
    ]


def by_name(
    session: Session,
    definition: Definition,
    variables: Mapping[str, Any],
    *,
    reveal: bool,
    named: naming.Choices | None = None,
) -> dict[str, str]:
    """Variable → what it says, sensitive ones masked unless `reveal`; only those that say something.

    `named`: what these values name, where that has been looked up already.
    """
    options = naming.names(session, definition.facts, variables) if named is None else named
    fields = forms.view(definition.facts, variables, variables, now=clock.now(), options=options, reveal=reveal)
    return {field.name: _display(field, variables) for field in fields if field.display}


def photos(attachments: Iterable[Attachment], base: str = "/attachments/") -> list[Photo]:
    """Attachments as the pages show them."""
    return [
        Photo(
            str(one.id),
            f"{base}{one.id}",
            f"{base}{one.id}?small=1",
            one.name,
            one.media_type.startswith("image/"),
            files.size(one.size),
        )
        for one in attachments
    ]


def open_to(
    session: Session, case: Case, definition: Definition, events: Iterable[Event], *, reveal: bool
) -> list[Photo]:
    """A case's files; those of sensitive fields only with `reveal`."""
    details = () if reveal else (event.details for event in events)
    hidden = set() if reveal else privacy.hidden_files(definition, case.variables, details)
    return photos(one for one in queries.attachments_of(session, case.id) if one.id not in hidden)


def sentence(
    session: Session,
    case: Case,
    tasks: Sequence[Task],
    definition: Definition,
    now: datetime,
    waits: Sequence[Timer | Subscription],
) -> str:
    """What a case waits for, who has it, and until when. `waits`: all its timers, the next one first, and messages."""
    if case.status == "closed":
        node = definition.process.nodes.get(case.outcome or "")
        ending = node.name if node and node.name else _("办结")
        return _("{ending}（{time}）。", ending=ending, time=wording.moment(case.closed_at or now))
    waiting = [task for task in tasks if task.status == "open"]
    calls = sorted(definition.process.nodes[node].name or node for node in held.calls_under_way(definition, case))
    if not waiting and calls:
        return _("正在等外部系统办“{steps}”。", steps=_("、").join(calls))
    if not waiting:
        return _awaited(definition, waits)
    names = directory.names(session, (task.assignee_id for task in waiting if task.assignee_id))
    parts = [_waiting(task, names.get(task.assignee_id or 0) or role_title(task.role)) for task in waiting[:3]]
    if len(waiting) > 3:
        parts.append(_("还有 {n} 步", n=len(waiting) - 3))
    said = _("；").join(parts) + _("。")
    return said[0].upper() + said[1:]


def _awaited(definition: Definition, waits: Sequence[Timer | Subscription]) -> str:
    """What a case waits for that nobody has to do anything for."""
    standing = set(diagram_marks.in_the_way(definition, (one.node for one in waits)))
    here = [one for one in waits if one.node in standing]
    nodes = definition.process.nodes
    steps = dict.fromkeys(nodes[diagram_marks.drawn_at(one.node)].name or nodes[one.node].name for one in here)
    told = _("、").join(one for one in steps if one)
    if not told:
        return _("正在等另一件事的结果。")
    moment = next((one.due_at for one in here if isinstance(one, Timer) and one.paused_at is None), None)
    if moment is None:
        return _("正在等“{steps}”。", steps=told)
    return _("正在等“{steps}”，{time} 接着办。", steps=told, time=wording.moment(moment))


def _waiting(task: Task, who: str) -> str:
    given = task.role == REPORTER or task.assignee_id
    if task.paused_at is not None:
        said = N_("等{who}“{task}”，停表中") if given else N_("等{who}领取“{task}”，停表中")
        return _(said, who=who, task=task.name)
    if task.due_at is None:
        return _(N_("等{who}“{task}”") if given else N_("等{who}领取“{task}”"), who=who, task=task.name)
    said = N_("等{who}“{task}”，{time} 前") if given else N_("等{who}领取“{task}”，{time} 前")
    return _(said, who=who, task=task.name, time=wording.moment(task.due_at))


def notice_rows(rows: Iterable[tuple[Notice, str]]) -> list[dict[str, str]]:
    """What was sent to whom, and whether it was seen."""
    return [
        {
            "to": name,
            "text": notice.text,
            "state": "seen"
            if notice.seen_at
            else "sent"
            if notice.sent_at
            else "failed"
            if notice.failed
            else "not_sent",
            "at_text": wording.moment(notice.seen_at or notice.sent_at or notice.created_at),
        }
        for notice, name in rows
    ]


def inbox_item(
    row: queries.Row, person_id: int, names: Mapping[int, str], now: datetime, quick: str = ""
) -> dict[str, Any]:
    """An inbox line as the template wants it. `quick`: the words of the button that does it at once."""
    task = row.task
    other = names.get(task.assignee_id or 0) if task.assignee_id != person_id else None
    return {
        "id": str(task.id),
        "case_id": str(task.case_id),
        "code": row.code,
        "title": row.title,
        "name": task.name,
        "procedure_title": row.procedure_title,
        "place": row.place,
        "from_text": _reported(row) if row.for_residents else "",
        "opened_text": _("{time} 到", time=wording.moment(task.opened_at)),
        "due": due(task.due_at, now, task.paused_at) if task.status == "open" else None,
        "urgent": row.urgent,
        "colour": wording.colour(row.colour),
        "reminded": _("催过 {n} 次", n=row.reminders) if row.reminders and task.status == "open" else "",
        "assignee_name": other,
        "claimable": task.status == "open" and task.assignee_id is None and not quick,
        "quick": quick if task.status == "open" and task.assignee_id in (None, person_id) else "",
    }


def _reported(row: queries.Row) -> str:
    if not row.opened_by_nobody:
        return _("代录")
    return _("转来") if row.began_by_itself else _("居民自报")


def _display(field: forms.FieldView, values: Mapping[str, Any]) -> str:
    """A value as people say it; moments as everywhere on these pages."""
    value = values.get(field.name)
    return wording.moment(value) if isinstance(value, datetime) else field.display
