"""What pages and the API list: inboxes by keyset, a case's rows, the numbers beside the filters."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin.cases import codes
from tongxin.cases.models import OCCASION, Attachment, Case, CaseLink, Incident, Notice, Subscription, Task, Timer
from tongxin.events import Event
from tongxin.people.identity import Person
from tongxin.people.models import Account, Unit
from tongxin.procedures.models import DefinitionRow

Scope = Literal["mine", "open", "overdue", "took_part"]
PAGE = 30
_Place = aliased(Unit, name="place")
_OPEN = col(Task.status) == literal_column("'open'")  # spelled out, so that the partial indexes apply
_NEVER = "infinity"


class BadCursor(Exception):
    """这一页的位置已失效。请从第一页重新看。"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an inbox."""

    task: Task
    code: str
    title: str
    urgent: bool
    colour: str | None
    procedure_key: str
    procedure_title: str
    place: str
    opened_by_nobody: bool  # of the house: by a resident, or by itself
    began_by_itself: bool
    definition_id: int
    reminders: int
    for_residents: bool  # whether residents open such cases, too


@dataclass(frozen=True, slots=True)
class Seen:
    """The highest id of a scope's tasks, and how many there are."""

    newest: int
    count: int


def inbox(
    session: Session,
    person: Person,
    scope: Scope,
    now: datetime,
    *,
    q: str = "",
    procedure: str = "",
    after: str = "",
    limit: int = PAGE,
) -> tuple[list[Row], str | None]:
    """A page of tasks, what is due first at the top; the second value continues after it."""
    statement = _rows().where(_scope(person, scope, now)).limit(limit + 1)
    due = func.coalesce(col(Task.due_at), literal_column(f"'{_NEVER}'::timestamptz"))
    if scope == "took_part":
        statement = statement.order_by(col(Task.closed_at).desc(), col(Task.id).desc())
    else:
        statement = statement.order_by(due, col(Task.id))
    if after:
        statement = statement.where(_after(after, scope, due))
    if procedure:
        statement = statement.where(col(DefinitionRow.key) == procedure)
    if q.strip():
        statement = statement.where(_matching(q.strip()))
    rows = [_row(row) for row in session.execute(statement)]
    more = rows[limit - 1].task if len(rows) > limit else None
    return rows[:limit], _cursor(more, scope) if more else None


def counts(session: Session, person: Person, now: datetime) -> dict[str, int | None]:
    """How many tasks each filter holds; one statement."""
    number = [
        select(func.count()).select_from(Task).where(_scope(person, scope, now)).scalar_subquery()
        for scope in ("mine", "open", "overdue")
    ]
    mine, free, overdue = session.execute(select(*number)).one()
    return {"mine": mine, "open": free, "overdue": overdue, "took_part": None}


def seen(session: Session, person: Person, scope: Scope, now: datetime) -> Seen:
    """What a scope holds now, to tell later what has come into it."""
    statement = select(func.coalesce(func.max(Task.id), 0), func.count()).where(_scope(person, scope, now))
    return Seen(*session.execute(statement).one())


def count_new(session: Session, person: Person, scope: Scope, now: datetime, before: Seen) -> int:
    """How many tasks came into a scope since: new ones, and such as somebody has put back."""
    is_new = col(Task.id) > before.newest
    statement = select(func.count().filter(is_new), func.count().filter(~is_new)).where(_scope(person, scope, now))
    new, old = session.execute(statement).one()
    return int(new) + max(0, int(old) - before.count)


def claimed_by(session: Session, account_id: int, unit_id: int, role: str) -> Sequence[int]:
    """Open tasks that somebody took for one of their posts; not those given to them by name."""
    mine = (col(Task.assignee_id) == account_id, col(Task.unit_id) == unit_id, col(Task.role) == role)
    return session.exec(select(Task.id).where(_OPEN, *mine, col(Task.named).is_(False)).order_by(col(Task.id))).all()


def row_of(session: Session, task_id: int) -> Row | None:
    """One task as an inbox line."""
    row = session.execute(_rows().where(col(Task.id) == task_id)).one_or_none()
    return _row(row) if row else None


def case_by_id(session: Session, case_id: int) -> Case | None:
    """A case, not locked."""
    return session.get(Case, case_id)


def case_by_code(session: Session, typed: str) -> Case | None:
    """The case with this code however it was typed; None also for what cannot be a code."""
    bare = codes.read(typed)
    if bare is None:
        return None
    return session.exec(select(Case).where(func.replace(col(Case.code), "-", "") == bare)).first()


def units_of(session: Session, case: Case) -> tuple[Unit, Unit | None]:
    """A case's unit and place."""
    ids = {case.unit_id, case.place_id} - {None}
    found = {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_(ids)))}
    return found[case.unit_id], found.get(case.place_id or 0)


def tasks_of(session: Session, case_id: int) -> Sequence[Task]:
    """Every task of a case, oldest first."""
    return session.exec(select(Task).where(col(Task.case_id) == case_id).order_by(col(Task.id))).all()


def events_of(session: Session, case_id: int) -> Sequence[Event]:
    """A case's history, oldest first."""
    return session.exec(select(Event).where(col(Event.case_id) == case_id).order_by(col(Event.seq))).all()


def attachments_of(session: Session, case_id: int) -> Sequence[Attachment]:
    """Files handed in with a case."""
    return session.exec(select(Attachment).where(col(Attachment.case_id) == case_id).order_by(col(Attachment.id))).all()


def subscriptions_of(session: Session, case_id: int) -> Sequence[Subscription]:
    """Messages a case waits for."""
    return session.exec(select(Subscription).where(col(Subscription.case_id) == case_id)).all()


def timers_of(session: Session, case_id: int) -> Sequence[Timer]:
    """Moments a case waits for, the next one first."""
    return session.exec(select(Timer).where(col(Timer.case_id) == case_id).order_by(col(Timer.due_at))).all()


def notices_of(session: Session, case_id: int) -> list[tuple[Notice, str]]:
    """A case's notices with whom they went to, newest first."""
    statement = (
        select(Notice, Account.name)
        .join(Account, col(Notice.account_id) == col(Account.id))
        .where(col(Notice.case_id) == case_id)
        .order_by(col(Notice.id).desc())
        .limit(50)
    )
    return list(session.exec(statement).all())


def incidents_of(session: Session, case_id: int) -> Sequence[Incident]:
    """What in a case needs an administrator now."""
    return session.exec(
        select(Incident).where(col(Incident.case_id) == case_id, col(Incident.resolved_at).is_(None))
    ).all()


def titles_of(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """Code and title of each case."""
    rows = session.exec(select(Case.id, Case.code, Case.title).where(col(Case.id).in_(case_ids))).all()
    return {case_id: f"{code} {title}" for case_id, code, title in rows}


def family_of(session: Session, case_id: int) -> list[tuple[CaseLink, Case, str]]:
    """Cases tied to this one, in either direction, each with its unit's path; open ones first, the newest first."""
    tied = or_(
        and_(col(CaseLink.from_id) == case_id, col(CaseLink.to_id) == col(Case.id)),
        and_(col(CaseLink.to_id) == case_id, col(CaseLink.from_id) == col(Case.id)),
    )
    statement = (
        select(CaseLink, Case, Unit.path)
        .join(Case, tied)
        .join(Unit, col(Unit.id) == col(Case.unit_id))
        .order_by(col(Case.status).desc(), col(Case.id).desc())
    )
    return list(session.exec(statement).all())


def is_merged_into(session: Session, case_id: int) -> bool:
    """Whether another case was merged into this one."""
    tie = select(CaseLink.from_id).where(col(CaseLink.to_id) == case_id, col(CaseLink.kind) == "merged")
    return session.exec(tie.limit(1)).first() is not None


def tasks_of_cases(session: Session, case_ids: Collection[int]) -> Sequence[Task]:
    """Every task of these cases."""
    if not case_ids:
        return ()
    return session.exec(select(Task).where(col(Task.case_id).in_(case_ids))).all()


def was_told(session: Session, case_id: int, account_id: int) -> bool:
    """Whether the case itself, by a step of its diagram, has told somebody something; not about a task of theirs."""
    return case_id in told_of(session, [case_id], account_id)


def told_of(session: Session, case_ids: Collection[int], account_id: int) -> set[int]:
    """Those of these cases that have told somebody something."""
    if not case_ids:
        return set()
    mine = (col(Notice.account_id) == account_id, col(Notice.task_id).is_(None))
    return set(session.exec(select(Notice.case_id).distinct().where(col(Notice.case_id).in_(case_ids), *mine)).all())


def notices_for(session: Session, person: Person, before: int | None, limit: int = PAGE) -> Sequence[Notice]:
    """A person's notices, newest first, older than `before`."""
    statement = select(Notice).where(col(Notice.account_id) == person.id).order_by(col(Notice.id).desc())
    if before is not None:
        statement = statement.where(col(Notice.id) < before)
    return session.exec(statement.limit(limit)).all()


def unseen(session: Session, person: Person) -> int:
    """How many notices somebody has not seen."""
    statement = select(func.count()).select_from(Notice)
    return session.scalar(statement.where(col(Notice.account_id) == person.id, col(Notice.seen_at).is_(None))) or 0


def _rows() -> Select[Any]:
    statement: Select[Any] = (
        select(  # type: ignore[call-overload]
            Task,
            Case.code,
            Case.title,
            Case.urgent,
            Case.colour,
            DefinitionRow.key,
            DefinitionRow.title,
            func.coalesce(_Place.name, Unit.name),
            col(Case.opened_by).is_(None),
            func.coalesce(col(Case.once), "").startswith(OCCASION),
            Case.definition_id,
            Case.reminders,
            DefinitionRow.by_residents,
        )
        .join(Case, col(Task.case_id) == col(Case.id))
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_Place, col(Case.place_id) == col(_Place.id))
    )
    return statement


def _row(row: Any) -> Row:
    return Row(*row)


def _scope(person: Person, scope: Scope, now: datetime) -> ColumnElement[bool]:
    if scope == "took_part":
        return and_(col(Task.closed_by) == person.id, col(Task.status) == literal_column("'completed'"))
    mine = and_(_OPEN, col(Task.assignee_id) == person.id)
    posts = [(post.unit_id, post.role) for post in person.posts]
    held = tuple_(col(Task.unit_id), col(Task.role)).in_(posts) if posts else false()
    free = and_(_OPEN, col(Task.assignee_id).is_(None), held)
    if scope == "overdue":
        return and_(or_(mine, free), col(Task.due_at) < now)
    return mine if scope == "mine" else free


def _matching(q: str) -> ColumnElement[bool]:
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(
        col(Case.title).ilike(pattern),
        col(Case.code).ilike(pattern),
        func.coalesce(_Place.name, Unit.name).ilike(pattern),
        col(Task.name).ilike(pattern),
    )


def _cursor(task: Task, scope: Scope) -> str:
    moment = task.closed_at if scope == "took_part" else task.due_at
    return f"{moment.isoformat() if moment else _NEVER}~{task.id}"


def _after(cursor: str, scope: Scope, due: Any) -> ColumnElement[bool]:
    moment_text, _, id_text = cursor.partition("~")
    try:
        task_id = int(id_text[:18])
        moment = None if moment_text == _NEVER else datetime.fromisoformat(moment_text)
    except ValueError:
        raise BadCursor(BadCursor.__doc__) from None
    if scope == "took_part":
        return tuple_(col(Task.closed_at), col(Task.id)) < tuple_(moment, task_id)
    given: Any = literal_column(f"'{_NEVER}'::timestamptz") if moment is None else moment
    return or_(due > given, and_(due == given, col(Task.id) > task_id))
