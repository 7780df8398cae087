"""The timer starts of procedures: when one is due, a case at every unit that has the role."""

from sqlmodel import col, select

from tongxin import clock, db, jobs
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.procedures import catalogue, schedules
from tongxin.procedures.models import Schedule


def sweep(transactions: db.Transactions) -> int:
    """See to what is due; returns how many cases will be opened. One of any number of workers does each."""
    opened = 0
    while True:
        with transactions() as session:
            now = clock.now()
            row = session.exec(
                select(Schedule)
                .where(col(Schedule.due_at) <= now)
                .order_by(col(Schedule.due_at))
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return opened
            definition = catalogue.current(session, row.procedure)
            start = definition.file.start
            units = directory.units_with(session, start.each or "", start.level, now.date())
            once = f"timer {row.due_at.astimezone(clock.LOCAL).isoformat()}"
            args = {"procedure": row.procedure, "node": row.node, "payload": {}, "once": once}
            jobs.defer(session, [Job("open_case", {**args, "unit_id": unit}) for unit in units])
            schedules.move_on(session, row, definition, now)
            opened += len(units)
