"""What the monitor counts and lists, within an administrator's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, distinct, func, literal_column, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin.cases.models import Case, Incident, Task, Timer
from tongxin.monitor.reach import Reach
from tongxin.people.models import Account, Post, Unit
from tongxin.procedures.definition import REPORTER
from tongxin.procedures.models import DefinitionRow

PAGE = 30
RECENT = timedelta(days=30)
ALIVE_SECONDS = 30  # a worker that has not been heard of for so long is dead
LATE = timedelta(minutes=1)
_OPEN_CASE = col(Case.status) == literal_column("'open'")  # spelled out, so that the partial indexes apply
_CLOSED_CASE = col(Case.status) == literal_column("'closed'")
_OPEN_TASK = col(Task.status) == literal_column("'open'")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a procedure, and how its cases stand."""

    id: int
    key: str
    version: int
    title: str
    newest: bool
    running: int
    overdue: int
    incidents: int
    closed: int


def versions(session: Session, reach: Reach, now: datetime) -> list[Version]:
    """Every version with something to tell, and the newest of each procedure."""
    mine = reach.holds(col(Case.unit_id))
    per_version = select(Case.definition_id, func.count()).group_by(col(Case.definition_id))
    running = _counted(session, per_version.where(_OPEN_CASE, mine))
    closed = _counted(session, per_version.where(_CLOSED_CASE, col(Case.closed_at) > now - RECENT, mine))
    cases = select(Case.definition_id, func.count(distinct(col(Case.id)))).group_by(col(Case.definition_id))
    late = cases.join(Task, col(Task.case_id) == col(Case.id)).where(_OPEN_TASK, col(Task.due_at) < now, mine)
    stuck = cases.join(Incident, col(Incident.case_id) == col(Case.id)).where(_unresolved(), mine)
    overdue, incidents = _counted(session, late), _counted(session, stuck)
    rows = session.exec(
        select(DefinitionRow.id, DefinitionRow.key, DefinitionRow.version, DefinitionRow.title)
        .where(col(DefinitionRow.source) != "trial")
        .order_by(col(DefinitionRow.key), col(DefinitionRow.version).desc())
    ).all()
    newest = {key: one for one, key, _version, _title in reversed(rows)}
    counts = (running, overdue, incidents, closed)
    return [
        Version(one, key, version, title, newest[key] == one, *(count.get(one, 0) for count in counts))
        for one, key, version, title in rows
        if newest[key] == one or any(one in count for count in counts)
    ]


def versions_of(session: Session, key: str) -> Sequence[int]:
    """The numbers of a procedure's versions, newest first; of none when none is asked for."""
    mine = (col(DefinitionRow.key) == key, col(DefinitionRow.source) != "trial")
    statement = select(DefinitionRow.version).where(*mine).order_by(col(DefinitionRow.version).desc())
    return session.exec(statement).all() if key else ()


def count_incidents(session: Session, reach: Reach) -> int:
    """How many incidents wait."""
    return session.scalar(_incidents(reach).with_only_columns(func.count()).where(_unresolved())) or 0


def incidents(
    session: Session, reach: Reach, *, resolved: bool, before: int | None, limit: int = PAGE
) -> Sequence[Row[Any]]:
    """Incident, case's code and title, definition's id, unit's name; newest first."""
    statement = _incidents(reach).where(col(Incident.resolved_at).is_not(None) if resolved else _unresolved())
    if before is not None:
        statement = statement.where(col(Incident.id) < before)
    return session.execute(statement.order_by(col(Incident.id).desc()).limit(limit + 1)).all()


def count_left(session: Session, reach: Reach, today: date) -> int:
    """How many tasks wait for people who cannot do them any more."""
    return session.scalar(_left(reach, today).with_only_columns(func.count())) or 0


def left(session: Session, reach: Reach, today: date, *, after: int | None) -> Sequence[Row[Any]]:
    """Task, case's code and title, unit's name, person's name; oldest first."""
    statement = _left(reach, today).order_by(col(Task.id)).limit(PAGE + 1)
    if after is not None:
        statement = statement.where(col(Task.id) > after)
    return session.execute(statement).all()


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs of one kind: waiting now, put off to a later try, being done, given up; and since when the oldest waits."""

    kind: str
    waiting: int
    later: int
    doing: int
    failed: int
    oldest: datetime | None


_JOBS = text("""
    SELECT task_name, count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at <= now(), true)),
      count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()), count(*) FILTER (WHERE status = 'doing'),
      count(*) FILTER (WHERE status = 'failed'),
      (SELECT min(e.at) FROM procrastinate_jobs o JOIN procrastinate_events e ON e.job_id = o.id
       WHERE o.task_name = j.task_name AND o.status = 'todo' AND e.type = 'deferred'
         AND coalesce(o.scheduled_at <= now(), true))
    FROM procrastinate_jobs j WHERE status IN ('todo', 'doing', 'failed') GROUP BY task_name ORDER BY task_name
""")
_MIGRATING = text("""
    SELECT CAST(args->>'case_id' AS bigint) FROM procrastinate_jobs
    WHERE task_name = 'migrate_case' AND status IN ('todo', 'doing')
      AND args->>'definition_id' = CAST(:definition AS text)
""")
_WORKERS = text("""
    SELECT id, extract(epoch FROM now() - last_heartbeat)::int AS silent FROM procrastinate_workers
    WHERE last_heartbeat > now() - interval '1 day' ORDER BY id
""")


def migrating(session: Session, definition_id: int) -> set[int]:
    """The cases whose turn to go over to this version is coming."""
    return set(session.connection().execute(_MIGRATING, {"definition": definition_id}).scalars())


def jobs(session: Session) -> list[Jobs]:
    """What waits for the workers, by kind."""
    return [Jobs(*row) for row in session.connection().execute(_JOBS)]


def workers(session: Session) -> list[tuple[int, int]]:
    """Each worker heard of within a day, and for how many seconds it has been silent."""
    return [(worker, silent) for worker, silent in session.connection().execute(_WORKERS)]


def timers(session: Session, now: datetime) -> tuple[int, int, int]:
    """Timers due within an hour, late, and held."""
    going = and_(
        col(Timer.held).is_(False), col(Timer.paused_at).is_(None), col(Timer.due_at) < now + timedelta(hours=1)
    )
    soon, late = session.execute(
        select(
            func.count().filter(col(Timer.due_at) > now - LATE), func.count().filter(col(Timer.due_at) <= now - LATE)
        )
        .select_from(Timer)
        .where(going)
    ).one()
    return soon, late, session.scalar(select(func.count()).select_from(Timer).where(col(Timer.held))) or 0


def _counted(session: Session, statement: Any) -> dict[int, int]:
    return {key: number for key, number in session.execute(statement)}


def _unresolved() -> Any:
    return col(Incident.resolved_at).is_(literal_column("NULL"))


def _incidents(reach: Reach) -> Any:
    columns: tuple[Any, ...] = (Incident, Case.code, Case.title, Case.definition_id, Unit.name)
    return (
        select(*columns)
        .join(Case, col(Incident.case_id) == col(Case.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .where(reach.holds(col(Case.unit_id)))
    )


def _left(reach: Reach, today: date) -> Any:
    """Open tasks of somebody whose account is closed or who no longer holds the task's post."""
    holding = aliased(Post)
    still = (
        select(holding.id)
        .where(
            col(holding.account_id) == col(Task.assignee_id),
            col(holding.role) == col(Task.role),
            col(holding.unit_id) == col(Task.unit_id),
            col(holding.valid_from) <= today,
            or_(col(holding.valid_to).is_(None), col(holding.valid_to) >= today),
        )
        .exists()
    )
    columns: tuple[Any, ...] = (Task, Case.code, Case.title, Unit.name, Account.name)
    return (
        select(*columns)
        .join(Case, col(Task.case_id) == col(Case.id))
        .join(Unit, col(Task.unit_id) == col(Unit.id))
        .join(Account, col(Task.assignee_id) == col(Account.id))
        .where(_OPEN_TASK, col(Task.role) != REPORTER, reach.holds(col(Case.unit_id)))
        .where(or_(col(Account.active).is_(False), ~still))
    )
