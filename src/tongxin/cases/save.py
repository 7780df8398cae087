"""Writes one step: the case's row and every row that follows from it, in as few statements as can be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, text, tuple_, update
from sqlmodel import Session, col

from tongxin import db, engine, events, jobs
from tongxin.cases.assign import Assignment
from tongxin.cases.held import Held
from tongxin.cases.models import Attachment, Case, CaseLink, Subscription, Task, Timer
from tongxin.events import Actor, Event, Happening
from tongxin.jobs import Job

_NOTICES = text("""
    WITH written AS (
      INSERT INTO notice (account_id, case_id, task_id, text, created_at)
      SELECT account_id, case_id, task_id, text, :now
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row(account_id bigint, case_id bigint, task_id bigint, text text)
      RETURNING id
    )
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW('default', 'post_notice', 0, NULL, NULL,
      jsonb_build_object('notice_id', id), NULL)::procrastinate_job_to_defer_v1)) FROM written
""")


@dataclass(slots=True)
class Change:
    """Everything one verb changes, collected before the first write."""

    happenings: list[Happening] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)  # (other case, kind)
    unlink: list[tuple[int, str]] = field(default_factory=list)
    attachments: list[int] = field(default_factory=list)
    result: Mapping[str, Any] | None = None  # what the completed task's form gave, ready for JSON


def save(
    session: Session,
    held: Held,
    step: engine.Step,
    change: Change,
    assignments: Mapping[int, Assignment],
    by: Actor,
    now: datetime,
) -> dict[int, int]:
    """Write the step and return the ids of the tasks it opened, by engine key."""
    _close_tasks(session, held, step, change, by, now)
    opened = _open_tasks(session, held, step, assignments, now)
    _timers(session, held.case.id, step)
    _subscriptions(session, held.case.id, step)
    _ties(session, held.case.id, change, now)
    happenings = [*change.happenings, *_consequences(step)]
    rows, head = events.chained(held.case.id, held.case.chain_head, held.case.chain_length, happenings, by, now)
    session.execute(insert(Event), rows)
    _update_case(session, held, step, head, len(rows), now)
    _notify(session, held, step, assignments, opened, now)
    jobs.defer(session, change.jobs)
    return opened


def record(session: Session, held: Held, happenings: Iterable[Happening], by: Actor, now: datetime) -> None:
    """Add to a case's history without moving it."""
    rows, head = events.chained(held.case.id, held.case.chain_head, held.case.chain_length, happenings, by, now)
    session.execute(insert(Event), rows)
    session.execute(
        update(Case)
        .where(col(Case.id) == held.case.id)
        .values(chain_head=head, chain_length=held.case.chain_length + len(rows))
    )


def case_values(held: Held, step: engine.Step, now: datetime) -> dict[str, Any]:
    """The columns of the case's row that a step decides."""
    definition, dictionary = held.definition, held.definition.dictionary
    scope = {**held.env, **step.variables}
    ledger = {name: each.evaluate(scope, now) for name, each in definition.ledger.items()}
    seen = dict.fromkeys(held.case.visited)
    seen.update((visit.id, None) for visit in step.trail)
    return {
        "state": step.state,
        "variables": dictionary.encode(step.variables),
        "ledger": ledger,
        "visited": list(seen),
        "urgent": definition.urgent.evaluate(scope, now) is True,
        "status": "closed" if step.ended else "open",
        "outcome": step.ended.node if step.ended else None,
        "closed_at": now if step.ended else None,
    }


def _update_case(session: Session, held: Held, step: engine.Step, head: bytes, added: int, now: datetime) -> None:
    values = case_values(held, step, now)
    length = held.case.chain_length + added
    statement = update(Case).where(col(Case.id) == held.case.id)
    session.execute(statement.values(**values, chain_head=head, chain_length=length))


def _close_tasks(session: Session, held: Held, step: engine.Step, change: Change, by: Actor, now: datetime) -> None:
    done = [closed.key for closed in step.closed if closed.how == "completed"]
    gone = [closed.key for closed in step.closed if closed.how == "cancelled"]
    here = col(Task.case_id) == held.case.id
    if done:
        session.execute(
            update(Task)
            .where(here, col(Task.key).in_(done))
            .values(status="completed", result=change.result, closed_at=now, closed_by=by.account_id)
        )
    if gone:
        session.execute(update(Task).where(here, col(Task.key).in_(gone)).values(status="cancelled", closed_at=now))


def _open_tasks(
    session: Session, held: Held, step: engine.Step, assignments: Mapping[int, Assignment], now: datetime
) -> dict[int, int]:
    if not step.opened:
        return {}
    rows = [
        {
            "case_id": held.case.id,
            "key": task.key,
            "node": task.node,
            "name": task.name,
            "role": task.role,
            "unit_id": assignments[task.key].unit_id,
            "assignee_id": assignments[task.key].account_id,
            "named": assignments[task.key].account_id is not None,
            "status": "open",
            "form": task.form,
            "local": dict(task.local),
            "opened_at": now,
            "due_at": task.due.at if task.due else None,
            "derivation": dict(task.due.derivation) if task.due else None,
        }
        for task in step.opened
    ]
    written = session.execute(insert(Task).returning(col(Task.key), col(Task.id)), rows)
    return {key: task_id for key, task_id in written}


def _timers(session: Session, case_id: int, step: engine.Step) -> None:
    if step.timers_cleared:
        session.execute(delete(Timer).where(col(Timer.case_id) == case_id, col(Timer.key).in_(step.timers_cleared)))
    if step.timers_set:
        session.execute(
            insert(Timer),
            [
                {
                    "case_id": case_id,
                    "key": timer.key,
                    "node": timer.node,
                    "due_at": timer.due.at,
                    "derivation": dict(timer.due.derivation),
                    "held": False,
                }
                for timer in step.timers_set
            ],
        )


def _subscriptions(session: Session, case_id: int, step: engine.Step) -> None:
    if step.waits_cleared:
        session.execute(
            delete(Subscription).where(
                col(Subscription.case_id) == case_id, col(Subscription.key).in_(step.waits_cleared)
            )
        )
    if step.waits_set:
        session.execute(
            insert(Subscription),
            [
                {
                    "case_id": case_id,
                    "key": wait.key,
                    "node": wait.node,
                    "message": wait.message,
                    "correlation": wait.correlation,
                }
                for wait in step.waits_set
            ],
        )


def _ties(session: Session, case_id: int, change: Change, now: datetime) -> None:
    if change.attachments:
        session.execute(update(Attachment).where(col(Attachment.id).in_(change.attachments)).values(case_id=case_id))
    if change.unlink:
        session.execute(
            delete(CaseLink).where(
                col(CaseLink.from_id) == case_id, tuple_(col(CaseLink.to_id), col(CaseLink.kind)).in_(change.unlink)
            )
        )
    if change.links:
        session.execute(
            insert(CaseLink),
            [{"from_id": case_id, "to_id": other, "kind": kind, "created_at": now} for other, kind in change.links],
        )


def _consequences(step: engine.Step) -> list[Happening]:
    if step.ended is None:
        return []
    return [Happening("closed", {"node": step.ended.node, "name": step.ended.name})]


def _notify(
    session: Session,
    held: Held,
    step: engine.Step,
    assignments: Mapping[int, Assignment],
    opened: Mapping[int, int],
    now: datetime,
) -> None:
    rows = [
        {
            "account_id": assignments[task.key].account_id,
            "case_id": held.case.id,
            "task_id": opened[task.key],
            "text": f"{task.name}:{held.case.title}"[:300],
        }
        for task in step.opened
        if assignments[task.key].account_id is not None
    ]
    if rows:
        session.connection().execute(_NOTICES, {"rows": db.to_json(rows), "now": now})
