"""The timer starts of procedures: when one is due, a case at every unit that has the role."""

import structlog
from sqlmodel import Session, col, select

from tongxin import clock, db, engine, jobs
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.procedures import catalogue, schedules
from tongxin.procedures.definition import Refused
from tongxin.procedures.models import Schedule
from tongxin.procedures.package import Unreadable

log = structlog.get_logger()


def sweep(transactions: db.Transactions) -> int:
    """See to what is due; returns how many cases will be opened. One of any number of workers does each."""
    opened = 0
    while True:
        with transactions() as session:
            row = session.exec(
                select(Schedule)
                .where(col(Schedule.due_at) <= clock.now())
                .order_by(col(Schedule.due_at))
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return opened
            opened += _see_to(session, row)


def _see_to(session: Session, row: Schedule) -> int:
    """One start: a job for every unit. What has no next time stops, and says why; it must not stop the others."""
    now, due = clock.now(), row.due_at
    assert due is not None  # it was found by it
    try:
        definition = catalogue.current(session, row.procedure)
        start = definition.file.start
        units = directory.units_with(session, start.each or "", start.level, now.date())
        schedules.move_on(session, row, definition, now)
    except (engine.Failed, Refused, Unreadable) as problem:
        log.error("schedule_stopped", procedure=row.procedure, node=row.node, cause=str(problem))
        row.due_at, row.problem = None, str(problem)[:500]
        session.add(row)
        return 0
    args = {"procedure": row.procedure, "node": row.node, "payload": {}}
    args["once"] = f"timer {due.astimezone(clock.LOCAL).isoformat()}"
    jobs.defer(session, [Job("open_case", {**args, "unit_id": unit}) for unit in units])
    return len(units)
