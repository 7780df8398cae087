"""Writes one step: the case's row and every row that follows from it, in a single statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from tongxin import db, engine, events, live
from tongxin.cases import messages, releasing, statements
from tongxin.cases.assign import Assignment
from tongxin.cases.held import Held
from tongxin.cases.models import Case
from tongxin.cases.pausing import Clocks
from tongxin.events import SYSTEM, Actor, Happening
from tongxin.jobs import Job
from tongxin.procedures.package import CASE_ENDED, COLOURS

Row = dict[str, Any]


@dataclass(slots=True)
class Change:
    """Everything one verb changes, collected before the first write."""

    node: str = ""  # what the step was about
    by: Actor = SYSTEM
    happenings: list[Happening] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)  # (other case, kind)
    unlink: list[tuple[int, str]] = field(default_factory=list)
    attachments: list[int] = field(default_factory=list)
    clocks: Clocks = field(default_factory=Clocks)
    notices: list[tuple[int, str]] = field(default_factory=list)  # (account, what it is told)
    level: str | None = None  # the level the case is at from now on, if it was handed over
    release: str | None = None  # put on the public board
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
    case = held.case
    clocks = change.clocks
    happenings = [*change.happenings, *clocks.happenings, *_consequences(step)]
    history, head = events.chained(case.id, case.chain_head, case.chain_length, happenings, by, now)
    rows = {
        "settled": [closed.key for closed in step.closed],
        "completed": [closed.key for closed in step.closed if closed.how == "completed"],
        "cancelled": [closed.key for closed in step.closed if closed.how == "cancelled"],
        "opened": [
            {**_task(held, task, assignments[task.key], by), **clocks.task(task.key, task.due, now)}
            for task in step.opened
        ],
        "tasks_timed": clocks.tasks,
        "timers_cleared": step.timers_cleared,
        "timers_set": [
            {"key": timer.key, "node": timer.node, **clocks.timer(timer.key, timer.due, now)}
            for timer in step.timers_set
        ],
        "timers_timed": clocks.timers,
        "waits_cleared": step.waits_cleared,
        "waits_set": [_wait(wait) for wait in step.waits_set],
        "stored": held.definition.dictionary.encode(step.stored),
        "events": history,
        "attachments": change.attachments,
        "links": change.links,
        "told": [{"account": account, "text": text[:300]} for account, text in change.notices],
        "unlink": change.unlink,
        "jobs": [{"task": job.task, "args": dict(job.args)} for job in (*change.jobs, *_deferred(held, step, by))],
    }
    parameters = {
        "case": case.id,
        "now": now,
        "by": by.account_id,
        "node": change.node,
        "result": None if change.result is None else db.to_json(change.result),
        "rows": db.to_json({name: some for name, some in rows.items() if some}),
        "state": step.state,
        "procedure": held.definition.key,
        "chain_head": head,
        "chain_length": case.chain_length + len(history),
        **_case_values(held, step, change, now),
    }
    parts = {"mended", *(name for name, some in rows.items() if some)}
    if any(assignment.account_id not in (None, by.account_id) for assignment in assignments.values()):
        parts |= {"noticed", "posted"}
    if change.notices:
        parts |= {"told_posted"}
    if change.level is not None:
        parts |= {"level"}
        parameters["level"] = change.level
    if step.ended and by.kind != "reporter":
        parts |= {"ended"}
    statement = statements.save_step(frozenset(parts))
    live.changed(session, *(live.of_account(account) for account, _text in change.notices))
    live.changed(session, live.of_case(case.id), *(_whom(task, assignments[task.key]) for task in step.opened))
    opened = {key: task_id for key, task_id in session.connection().execute(statement, parameters)}
    if change.release is not None:
        releasing.write(session, case.id, change.release, by, now)
    return opened


def _deferred(held: Held, step: engine.Step, by: Actor) -> list[Job]:
    """What other cases are told by jobs. Whether one waits for the end, a resident's step cannot see."""
    case_id = held.case.id
    found = messages.jobs_of(held, step)
    found += [
        Job("catch_up_end", {"case_id": case_id, "key": wait.key, "other": wait.correlation})
        for wait in step.waits_set
        if wait.message == CASE_ENDED
    ]
    return [*found, Job("tell_end", {"case_id": case_id})] if step.ended and by.kind == "reporter" else found


def record(session: Session, case: Case, happenings: Iterable[Happening], by: Actor, now: datetime) -> None:
    """Add to a locked case's history without moving it."""
    history, head = events.chained(case.id, case.chain_head, case.chain_length, happenings, by, now)
    parameters = {
        "case": case.id,
        "rows": db.to_json({"events": history}),
        "chain_head": head,
        "chain_length": case.chain_length + len(history),
    }
    session.connection().execute(statements.RECORD, parameters)
    live.changed(session, live.of_case(case.id))


def rewrite(
    session: Session,
    held: Held,
    variables: Mapping[str, Any],
    happenings: Iterable[Happening],
    by: Actor,
    now: datetime,
) -> None:
    """Correct what a locked case knows without moving it, and what follows from it; its history says so."""
    values = _known(held, held.env, variables, now)
    session.connection().execute(statements.REWRITE, {"case": held.case.id, **values})
    record(session, held.case, happenings, by, now)


def _case_values(held: Held, step: engine.Step, change: Change, now: datetime) -> Row:
    """The columns of the case's row that a step decides, JSON as text."""
    seen = dict.fromkeys(held.case.visited)
    seen.update((visit.id, None) for visit in step.trail)
    return {
        **_known(held, held.env_at(change.level), step.variables, now, step.stored),
        "visited": db.to_json(list(seen)),
        "status": "closed" if step.ended else "open",
        "outcome": step.ended.node if step.ended else None,
        "closed_at": now if step.ended else None,
    }


def _known(
    held: Held,
    env: Mapping[str, Any],
    variables: Mapping[str, Any],
    now: datetime,
    stored: Mapping[str, Any] = MappingProxyType({}),
) -> Row:
    """The variables, and what is made of them; `stored`: what the step wrote for all cases."""
    definition = held.definition
    scope = {**env, **stored, **variables}
    colour = definition.colour.evaluate(scope, now)
    ledger = {name: each.evaluate(scope, now) for name, each in definition.ledger.items()}
    return {
        "variables": db.to_json(definition.dictionary.encode(variables)),
        "ledger": db.to_json(definition.dictionary.encode(ledger)),
        "urgent": definition.urgent.evaluate(scope, now) is True,
        "colour": colour if colour in COLOURS else None,
    }


def _task(held: Held, task: engine.OpenTask, assignment: Assignment, by: Actor) -> Row:
    given = assignment.account_id is not None
    is_news = given and assignment.account_id != by.account_id  # who goes on with their own case knows
    return {
        "key": task.key,
        "node": task.node,
        "name": task.name,
        "role": task.role,
        "unit_id": assignment.unit_id,
        "assignee_id": assignment.account_id,
        "named": given,
        "form": task.form,
        "local": held.definition.dictionary.encode(task.local),
        "notice": f"{task.name}：{held.case.title}"[:300] if is_news else None,
    }


def _whom(task: engine.OpenTask, assignment: Assignment) -> str:
    """Whose inbox the task comes into."""
    if assignment.account_id is None:
        return live.of_pool(assignment.unit_id, task.role)
    return live.of_account(assignment.account_id)


def _wait(wait: engine.Wait) -> Row:
    correlation = wait.correlation and wait.correlation[:200]
    return {
        "key": wait.key, "node": wait.node, "message": wait.message, "correlation": correlation, "kind": wait.kind
    }  # fmt: skip


def _consequences(step: engine.Step) -> list[Happening]:
    found = [Happening("sent", {"kind": one.kind, "message": one.name, "node": one.node}) for one in step.sent]
    found += [
        Happening("decided", {"node": one.node, "decision": one.decision, "explanation": one.explanation})
        for one in step.decided
    ]
    if step.ended is not None:
        found.append(Happening("closed", {"node": step.ended.node, "name": step.ended.name}))
    return found
