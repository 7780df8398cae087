"""Limits counted in working days, counted anew after the calendar has changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tongxin import calendar, clock, jobs, live
from tongxin.calendar import Calendar, Limit
from tongxin.cases import handover, save, wording
from tongxin.cases.held import Held
from tongxin.cases.models import Task, Timer
from tongxin.events import SYSTEM, Happening
from tongxin.jobs import Job
from tongxin.words import _

_WORTH_A_NOTICE = timedelta(days=1)
_LOOKED_AT = 500  # cases whose limits are counted for a preview
_TOUCHED = text("""
    WITH waiting AS (
      SELECT case_id, derivation, due_at FROM task WHERE status = 'open' AND derivation->>'rule' = ANY(:rules)
      UNION ALL SELECT case_id, derivation, due_at FROM timer WHERE derivation->>'rule' = ANY(:rules))
    SELECT DISTINCT case_id FROM waiting
    WHERE least(left(derivation->>'from', 10), left(derivation->>'to', 10)) <= :last
      AND greatest(left(derivation->>'from', 10), left(derivation->>'to', 10), left(due_at::text, 10)) >= :first
    ORDER BY case_id""")


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit that is another now."""

    row: Task | Timer
    due: Limit


def touched(session: Session, first: date, last: date) -> list[int]:
    """Cases in which a limit that runs was counted over days from `first` to `last`."""
    parameters = {"rules": sorted(calendar.RULES), "first": first.isoformat(), "last": last.isoformat()}
    return list(session.connection().execute(_TOUCHED, parameters).scalars())


def would_move(session: Session, first: date, last: date, by: Calendar, most: int) -> tuple[int, list[Moved]]:
    """How many cases would be counted anew, and of the first of them the tasks whose limit would be another."""
    cases = touched(session, first, last)
    mine = (col(Task.case_id).in_(cases[:_LOOKED_AT]), col(Task.status) == "open")
    tasks = session.exec(select(Task).where(*mine).order_by(col(Task.due_at), col(Task.id))).all()
    return len(cases), [one for one in moved(tasks, by) if one.due != one.row.due_at][:most]


def begin(session: Session, first: date, last: date) -> int:
    """Have every case with such a limit counted anew, each by a job of its own; how many these are."""
    cases = touched(session, first, last)
    jobs.defer(session, [Job("recount_case", {"case_id": one}) for one in cases])
    return len(cases)


def moved(rows: Iterable[Task | Timer], by: Calendar | None = None) -> list[Moved]:
    """Of tasks and timers those whose limit is another by the calendar in use, or by one that is only looked at."""
    found = []
    for row in rows:
        if row.due_at is None or row.derivation is None:
            continue
        due = calendar.recounted(row.derivation, row.due_at.astimezone(clock.LOCAL), by)
        if due is not None:
            found.append(Moved(row, due))
    return found


def recount(session: Session, held: Held, now: datetime) -> int:
    """Count a locked case's limits anew; how many are others now. What is overdue thereby is overdue, nothing fails."""
    case_id = held.case.id
    tasks = session.exec(select(Task).where(col(Task.case_id) == case_id, col(Task.status) == "open")).all()
    timers = session.exec(select(Timer).where(col(Timer.case_id) == case_id)).all()
    others = moved([*tasks, *timers])
    happenings = []
    for one in others:
        before, row = one.row.due_at, one.row
        due = datetime.combine(one.due.date(), one.due.timetz())
        assert before is not None  # it was counted
        values = {"due_at": due, "derivation": dict(one.due.derivation)}
        if isinstance(row, Timer):
            session.execute(
                update(Timer).where(col(Timer.case_id) == case_id, col(Timer.key) == row.key).values(values)
            )
            if any(isinstance(other.row, Task) and other.due == one.due for other in others):
                continue  # the task says it
        else:
            session.execute(update(Task).where(col(Task.id) == row.id).values(values))
            _tell(session, held, row, before, due, now)
        if before != due:
            happenings.append(_happening(row, before, due))
    if happenings:
        save.record(session, held.case, happenings, SYSTEM, now)
    return len(others)


def _happening(row: Task | Timer, before: datetime, due: datetime) -> Happening:
    name = row.name if isinstance(row, Task) else ""
    details = {"node": row.node, "name": name, "before": before.isoformat(), "after": due.isoformat()}
    return Happening("limit_recounted", details, row.id if isinstance(row, Task) else None)


def _tell(session: Session, held: Held, task: Task, before: datetime, due: datetime, now: datetime) -> None:
    """Whoever has the task learns of a limit that moved by a day or more."""
    if task.assignee_id is None:
        live.changed(session, live.of_pool(task.unit_id, task.role))
        return
    live.changed(session, live.of_account(task.assignee_id))
    if abs(due - before) >= _WORTH_A_NOTICE:
        said = _("期限改为{until}：{task}：{title}", until=wording.moment(due), task=task.name, title=held.case.title)
        handover.tell(session, held.case.id, task.id, task.assignee_id, said, now)
