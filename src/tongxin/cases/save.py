"""Writes one step: the case's row and every row that follows from it, in as few statements as can be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable
from sqlmodel import Session

from tongxin import db, engine, events, jobs
from tongxin.cases import statements
from tongxin.cases.assign import Assignment
from tongxin.cases.held import Held
from tongxin.events import Actor, Happening
from tongxin.jobs import Job


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
    connection, case_id = session.connection(), held.case.id
    _close_tasks(connection, case_id, step, change, by, now)
    opened = _open_tasks(connection, case_id, step, assignments, now)
    _timers(connection, case_id, step)
    _subscriptions(connection, case_id, step)
    _ties(connection, case_id, change, now)
    head, length = _chain(connection, held, [*change.happenings, *_consequences(step)], by, now)
    values = _case_values(held, step, now)
    connection.execute(statements.UPDATE_CASE, {"case": case_id, **values, "chain_head": head, "chain_length": length})
    _notify(connection, held, step, assignments, opened, now)
    jobs.defer(session, change.jobs)
    return opened


def record(session: Session, held: Held, happenings: Iterable[Happening], by: Actor, now: datetime) -> None:
    """Add to a case's history without moving it."""
    connection = session.connection()
    head, length = _chain(connection, held, happenings, by, now)
    connection.execute(statements.UPDATE_CHAIN, {"case": held.case.id, "chain_head": head, "chain_length": length})


def _chain(
    connection: Connection, held: Held, happenings: Iterable[Happening], by: Actor, now: datetime
) -> tuple[bytes, int]:
    """Write events; the chain's new head and length."""
    case = held.case
    rows, head = events.chained(case.id, case.chain_head, case.chain_length, happenings, by, now)
    _insert(connection, statements.INSERT_EVENTS, rows)
    return head, case.chain_length + len(rows)


def _insert(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    """One statement however many rows; what it returns."""
    if not rows:
        return ()
    # a list of one would go the slower way of many
    return connection.execute(statement, rows[0] if len(rows) == 1 else list(rows)).fetchall()


def _case_values(held: Held, step: engine.Step, now: datetime) -> dict[str, Any]:
    """The columns of the case's row that a step decides."""
    definition, dictionary = held.definition, held.definition.dictionary
    scope = {**held.env, **step.variables}
    seen = dict.fromkeys(held.case.visited)
    seen.update((visit.id, None) for visit in step.trail)
    return {
        "state": step.state,
        "variables": dictionary.encode(step.variables),
        "ledger": {name: each.evaluate(scope, now) for name, each in definition.ledger.items()},
        "visited": list(seen),
        "urgent": definition.urgent.evaluate(scope, now) is True,
        "status": "closed" if step.ended else "open",
        "outcome": step.ended.node if step.ended else None,
        "closed_at": now if step.ended else None,
    }


def _close_tasks(
    connection: Connection, case_id: int, step: engine.Step, change: Change, by: Actor, now: datetime
) -> None:
    done = [closed.key for closed in step.closed if closed.how == "completed"]
    gone = [closed.key for closed in step.closed if closed.how == "cancelled"]
    if done:
        result = {"result": change.result, "now": now, "by": by.account_id}
        connection.execute(statements.COMPLETE_TASKS, {"case": case_id, "keys": done, **result})
    if gone:
        connection.execute(statements.CANCEL_TASKS, {"case": case_id, "keys": gone, "now": now})


def _open_tasks(
    connection: Connection,
    case_id: int,
    step: engine.Step,
    assignments: Mapping[int, Assignment],
    now: datetime,
) -> dict[int, int]:
    rows = [
        {
            "case_id": case_id,
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
    return {key: task_id for key, task_id in _insert(connection, statements.INSERT_TASKS, rows)}


def _timers(connection: Connection, case_id: int, step: engine.Step) -> None:
    if step.timers_cleared:
        connection.execute(statements.DELETE_TIMERS, {"case": case_id, "keys": list(step.timers_cleared)})
    rows = [
        {
            "case_id": case_id,
            "key": timer.key,
            "node": timer.node,
            "due_at": timer.due.at,
            "derivation": dict(timer.due.derivation),
            "held": False,
        }
        for timer in step.timers_set
    ]
    _insert(connection, statements.INSERT_TIMERS, rows)


def _subscriptions(connection: Connection, case_id: int, step: engine.Step) -> None:
    if step.waits_cleared:
        connection.execute(statements.DELETE_SUBSCRIPTIONS, {"case": case_id, "keys": list(step.waits_cleared)})
    rows = [
        {
            "case_id": case_id,
            "key": wait.key,
            "node": wait.node,
            "message": wait.message,
            "correlation": wait.correlation,
        }
        for wait in step.waits_set
    ]
    _insert(connection, statements.INSERT_SUBSCRIPTIONS, rows)


def _ties(connection: Connection, case_id: int, change: Change, now: datetime) -> None:
    if change.attachments:
        connection.execute(statements.TAKE_ATTACHMENTS, {"case": case_id, "ids": change.attachments})
    for other, kind in change.unlink:
        connection.execute(statements.DELETE_LINK, {"from": case_id, "to": other, "kind": kind})
    rows = [{"from_id": case_id, "to_id": other, "kind": kind, "created_at": now} for other, kind in change.links]
    _insert(connection, statements.INSERT_LINKS, rows)


def _consequences(step: engine.Step) -> list[Happening]:
    if step.ended is None:
        return []
    return [Happening("closed", {"node": step.ended.node, "name": step.ended.name})]


def _notify(
    connection: Connection,
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
            "text": f"{task.name}：{held.case.title}"[:300],
        }
        for task in step.opened
        if assignments[task.key].account_id is not None
    ]
    if rows:
        connection.execute(statements.INSERT_NOTICES, {"rows": db.to_json(rows), "now": now})
