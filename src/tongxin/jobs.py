"""Work for later: jobs deferred in the transaction that causes them, run by workers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from tongxin import db

_DEFER = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
    SELECT 'default', job->>'task', 0, job->'args' FROM jsonb_array_elements(CAST(:jobs AS jsonb)) AS job
""")
_DEFER_LATER = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at)
    VALUES ('default', :task, 0, CAST(:args AS jsonb), now() + make_interval(secs => :seconds))
""")


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do after this transaction; `task` is a name the worker knows."""

    task: str
    args: Mapping[str, Any]


def defer(session: Session, jobs: Iterable[Job]) -> None:
    """Hand jobs to the workers; they exist exactly when this transaction commits. One statement."""
    payload = [{"task": job.task, "args": dict(job.args)} for job in jobs]
    if payload:
        session.connection().execute(_DEFER, {"jobs": db.to_json(payload)})


def defer_later(session: Session, job: Job, after: timedelta) -> None:
    """Hand over one job that is not begun before that much time has passed."""
    given = {"task": job.task, "args": db.to_json(dict(job.args)), "seconds": after.total_seconds()}
    session.connection().execute(_DEFER_LATER, given)
