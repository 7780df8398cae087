"""The list of cases: filters, one page by keyset, and what each case waits for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, false, func, literal_column, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin.cases import codes
from tongxin.cases.models import Case, Incident, Task, Timer
from tongxin.monitor.queries import PAGE, RECENT
from tongxin.monitor.reach import Reach
from tongxin.people.models import Account, Unit
from tongxin.procedures.models import DefinitionRow

State = Literal["open", "closed", "recent", "incident", "all"]
MOST_UNITS = 400
_Place = aliased(Unit, name="place")
_OPEN_TASK = col(Task.status) == literal_column("'open'")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; an empty text asks for nothing in particular."""

    state: State = "open"
    procedure: str = ""
    version: int | None = None
    unit: str = ""  # its code; everything below it counts
    who: str = ""  # role:dispatcher or person:12
    overdue: bool = False
    q: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a case waits for: a person's step, or (`timer`) a moment."""

    case_id: int
    name: str
    role: str
    assignee: str | None
    due_at: datetime | None
    node: str = ""
    paused_at: datetime | None = None
    timer: bool = False


def page(
    session: Session, reach: Reach, filters: Filters, now: datetime, before: int | None
) -> tuple[Sequence[Row[Any]], int | None]:
    """Cases, newest first; the second value continues after them."""
    statement = _rows().where(*_conditions(session, reach, filters, now)).order_by(col(Case.id).desc())
    if before is not None:
        statement = statement.where(col(Case.id) < before)
    rows = session.execute(statement.limit(PAGE + 1)).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def waits(session: Session, case_ids: Iterable[int]) -> dict[int, list[Waits]]:
    """What these cases wait for, what is due first at the top; timers only where nobody is waited for."""
    ids, found = list(case_ids), dict[int, list[Waits]]()
    columns: tuple[Any, ...] = (
        Task.case_id,
        Task.name,
        Task.role,
        Account.name,
        Task.due_at,
        Task.node,
        Task.paused_at,
    )
    tasks = (
        select(*columns)
        .outerjoin(Account, col(Task.assignee_id) == col(Account.id))
        .where(col(Task.case_id).in_(ids), _OPEN_TASK)
        .order_by(col(Task.due_at).nulls_last(), col(Task.id))
    )
    for row in session.execute(tasks):
        found.setdefault(row[0], []).append(Waits(*row))
    rest = [one for one in ids if one not in found]
    moments = select(Timer).where(col(Timer.case_id).in_(rest)).order_by(col(Timer.due_at))
    for timer in session.exec(moments) if rest else ():
        found.setdefault(timer.case_id, []).append(
            Waits(timer.case_id, "", "", None, timer.due_at, timer.node, timer.paused_at, timer=True)
        )
    return found


def stuck(session: Session, case_ids: Sequence[int]) -> dict[int, int]:
    """Case → its oldest open incident."""
    statement = (
        select(Incident.case_id, func.min(col(Incident.id)))
        .where(col(Incident.case_id).in_(case_ids), col(Incident.resolved_at).is_(literal_column("NULL")))
        .group_by(col(Incident.case_id))
    )
    return {case_id: incident for case_id, incident in session.execute(statement)}


def waited_for(session: Session, reach: Reach) -> tuple[list[str], list[tuple[int, str]]]:
    """The roles, and the people by name, that open tasks are for."""
    mine = select(Task.role).join(Case, col(Task.case_id) == col(Case.id)).where(_OPEN_TASK)
    mine = mine.where(reach.holds(col(Case.unit_id)))
    roles = session.exec(mine.distinct()).all()
    given = mine.with_only_columns(col(Task.assignee_id)).where(col(Task.assignee_id).is_not(None))
    people = select(Account.id, Account.name).where(col(Account.id).in_(given)).order_by(col(Account.name))
    return sorted(roles), list(session.exec(people).all())


def units(session: Session, reach: Reach) -> list[Unit]:
    """Units cases can live at, in tree order: communities and what is above them."""
    statement = (
        select(Unit)
        .where(col(Unit.kind) == "territory", col(Unit.level).not_in(("building", "grid")), reach.below(col(Unit.path)))
        .order_by(col(Unit.path))
    )
    return list(session.exec(statement.limit(MOST_UNITS)).all())


def _rows() -> Select[Any]:
    columns: Mapping[str, Any] = {
        "id": Case.id,
        "code": Case.code,
        "title": Case.title,
        "status": Case.status,
        "urgent": Case.urgent,
        "colour": Case.colour,
        "opened_at": Case.opened_at,
        "closed_at": Case.closed_at,
        "definition_id": Case.definition_id,
        "procedure": DefinitionRow.title,
        "version": DefinitionRow.version,
        "unit": Unit.name,
        "place": _Place.name,
    }
    return (
        select(*(col(column).label(name) for name, column in columns.items()))
        .select_from(Case)
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_Place, col(Case.place_id) == col(_Place.id))
    )


def _conditions(session: Session, reach: Reach, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    found = [reach.holds(col(Case.unit_id)), *_in_state(filters.state, now)]
    if filters.procedure:
        chosen = select(DefinitionRow.id).where(col(DefinitionRow.key) == filters.procedure)
        if filters.version is not None:
            chosen = chosen.where(col(DefinitionRow.version) == filters.version)
        found.append(col(Case.definition_id).in_(session.exec(chosen).all()))
    if filters.unit:
        path = session.exec(select(Unit.path).where(col(Unit.code) == filters.unit)).first()
        below = select(Unit.id).where(col(Unit.path).startswith(path or "none", autoescape=True))
        found.append(col(Case.unit_id).in_(below))
    if filters.overdue:
        found.append(col(Case.id).in_(select(Task.case_id).where(_OPEN_TASK, col(Task.due_at) < now)))
    if filters.who:
        found.append(col(Case.id).in_(select(Task.case_id).where(_OPEN_TASK, _whose(filters.who))))
    return [*found, *_matching(filters.q.strip())]


def _in_state(state: State, now: datetime) -> list[ColumnElement[bool]]:
    closed = col(Case.status) == literal_column("'closed'")
    match state:
        case "open":
            return [col(Case.status) == literal_column("'open'")]
        case "closed":
            return [closed]
        case "recent":
            return [closed, col(Case.closed_at) > now - RECENT]
        case "incident":
            unresolved = col(Incident.resolved_at).is_(literal_column("NULL"))
            return [col(Case.id).in_(select(Incident.case_id).where(unresolved))]
        case "all":
            return []


def _whose(who: str) -> ColumnElement[bool]:
    kind, _, value = who.partition(":")
    if kind == "role":
        return col(Task.role) == value
    is_id = kind == "person" and value.isascii() and value.isdecimal() and len(value) < 19
    return col(Task.assignee_id) == int(value) if is_id else false()


def _matching(q: str) -> list[ColumnElement[bool]]:
    if not q:
        return []
    bare = codes.read(q)
    if bare is not None and len(bare) > 8:  # a short word may look like a code
        return [func.replace(col(Case.code), "-", "") == bare]
    return [or_(col(Case.title).icontains(q, autoescape=True), col(Case.code).icontains(q, autoescape=True))]
