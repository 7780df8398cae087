"""Limits counted in working days, counted anew after the calendar has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tongxin import calendar, clock, engine, jobs, live
from tongxin.calendar import Calendar, Limit
from tongxin.cases import handover, save, wording
from tongxin.cases.held import Held
from tongxin.cases.models import Case, Task, Timer
from tongxin.engine import Due, Node
from tongxin.events import SYSTEM, Happening
from tongxin.jobs import Job
from tongxin.words import _

_WORTH_A_NOTICE = timedelta(days=1)
_LOOKED_AT = 500  # cases whose limits are counted for a preview
_UNDER_WAY = timedelta(minutes=1)  # longer than a step takes
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


@dataclass(frozen=True, slots=True)
class Prospect:
    """What another calendar would do: how many cases are counted anew, and which tasks get another limit.

    Of very many cases only the first are looked at; `looked` says how many.
    """

    cases: int
    looked: int
    moved: list[Moved]


def would_move(session: Session, first: date, last: date, by: Calendar) -> Prospect:
    """Which limits would be others by another calendar; reads only."""
    cases = touched(session, first, last)
    looked = cases[:_LOOKED_AT]
    mine = (col(Task.case_id).in_(looked), col(Task.status) == "open")
    tasks = session.exec(select(Task).where(*mine).order_by(col(Task.due_at), col(Task.id))).all()
    return Prospect(len(cases), len(looked), [one for one in moved(tasks, by) if one.due != one.row.due_at])


def begin(session: Session, first: date, last: date) -> int:
    """Have every case with such a limit counted anew, each by a job of its own; how many these are.

    A step under way that has read the calendar before is not seen yet: a second look finds what it has counted.
    """
    cases = again(session, first, last)
    days = {"first": first.isoformat(), "last": last.isoformat()}
    jobs.defer_later(session, Job("recount_again", days), _UNDER_WAY)
    return len(cases)


def again(session: Session, first: date, last: date) -> list[int]:
    """The same without a second look; the cases."""
    cases = touched(session, first, last)
    jobs.defer(session, [Job("recount_case", {"case_id": one}) for one in cases])
    return cases


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
    """Count a locked case's limits anew; how many are others now. What is overdue thereby is overdue, nothing fails.

    Timers that read `due` follow their task. What stands still is counted anew when it goes on.
    """
    nodes, mine = held.definition.process.nodes, Task.case_id
    tasks = session.exec(select(Task).where(col(mine) == held.case.id, col(Task.status) == "open")).all()
    timers = session.exec(select(Timer).where(col(Timer.case_id) == held.case.id, col(Timer.paused_at).is_(None))).all()
    others = moved([*tasks, *(timer for timer in timers if not _reads_due(nodes[timer.node]))])
    happenings = []
    for one in others:
        before, row = one.row.due_at, one.row
        due = datetime.combine(one.due.date(), one.due.timetz())
        assert before is not None  # it was counted
        _write(session, row, Due(due, one.due.derivation))
        if before == due:
            continue
        happenings.append(_happening(row, nodes[row.node], before, due))
        if isinstance(row, Task):
            _tell(session, held, row, before, due, now)
    _follow(session, held, tasks, others, [timer for timer in timers if _reads_due(nodes[timer.node])], now)
    if happenings:
        save.record(session, held.case, happenings, SYSTEM, now)
    return len(others)


def _reads_due(node: Node) -> bool:
    timer = node.timer
    reads = timer is not None and timer.expression is not None and "due" in timer.expression.names
    return reads and node.attached_to is not None


def _follow(
    session: Session,
    held: Held,
    tasks: Iterable[Task],
    others: Iterable[Moved],
    timers: Iterable[Timer],
    now: datetime,
) -> None:
    """Timers on the edge of a task whose limit has moved, and what the engine keeps of them."""
    limits = {one.row.key: Due(one.due, one.due.derivation) for one in others if isinstance(one.row, Task)}
    around = {task.node for task in tasks if task.key in limits}
    following = {one.key: one for one in timers if held.definition.process.nodes[one.node].attached_to in around}
    if not following:
        return
    dues = {task.key: Due(task.due_at, task.derivation or {}) for task in tasks if task.due_at} | limits
    before = {key: Due(one.due_at, one.derivation) for key, one in following.items()}
    process, state = held.definition.process, held.case.state
    try:
        anew = engine.retimed(process, state, held.variables, dues, before, now, held.env)
    except engine.Failed:
        return  # the timer gives no time by the new limit: it keeps the old one
    for key, due in anew.timers.items():
        _write(session, following[key], due)
    if anew.state != state:
        session.execute(update(Case).where(col(Case.id) == held.case.id).values(state=anew.state))


def _write(session: Session, row: Task | Timer, due: Due) -> None:
    values: Mapping[str, Any] = {"due_at": due.at, "derivation": dict(due.derivation)}
    if isinstance(row, Task):
        session.execute(update(Task).where(col(Task.id) == row.id).values(values))
    else:
        which = (col(Timer.case_id) == row.case_id, col(Timer.key) == row.key)
        session.execute(update(Timer).where(*which).values(values))


def _happening(row: Task | Timer, node: Node, before: datetime, due: datetime) -> Happening:
    name = row.name if isinstance(row, Task) else node.name or ""
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
