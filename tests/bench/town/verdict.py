"""What people were answered, held to what the database says: nothing lost, nothing doubled, nothing stuck."""

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg
from sqlmodel import select

from tests.bench.town.memory import Memory
from tongxin import db, events
from tongxin.cases import queries
from tongxin.cases.models import Case

SETTLING = 90  # seconds for timers and jobs that were due, those of a killed worker too

OVERDUE = "SELECT count(*) FROM timer WHERE due_at < now() - interval '3 seconds'"
UNDONE_JOBS = """
    SELECT count(*) FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND coalesce(scheduled_at, now()) <= now()"""
DONE_TWICE = """
    SELECT task_id FROM event WHERE kind = 'task_completed' GROUP BY task_id HAVING count(*) > 1"""
HISTORY_AND_TASK = """
    SELECT t.id FROM task t LEFT JOIN event e ON e.task_id = t.id AND e.kind = 'task_completed'
    WHERE (t.status = 'completed') <> (e.id IS NOT NULL)"""
TWO_OF_A_STEP = """
    SELECT case_id, node FROM task WHERE status = 'open' GROUP BY case_id, node HAVING count(*) > 1"""
STRANDED = """
    SELECT c.code FROM cases c WHERE c.status = 'open'
    AND NOT EXISTS (SELECT FROM task t WHERE t.case_id = c.id AND t.status = 'open')
    AND NOT EXISTS (SELECT FROM subscription s WHERE s.case_id = c.id)"""
NOTICES_TWICE = """
    SELECT task_id, text FROM notice WHERE task_id IS NOT NULL GROUP BY task_id, account_id, text HAVING count(*) > 1"""


def settle(url: str) -> None:
    """Wait until what was due is done; longer than SETTLING is a finding of `judge`."""
    deadline = time.monotonic() + SETTLING
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < deadline and (_one(connection, OVERDUE) or _one(connection, UNDONE_JOBS)):
            time.sleep(1)


def judge(url: str, memory: Memory) -> list[str]:
    """What is wrong; nothing is what we hope for."""
    checks: tuple[Callable[[psycopg.Connection[Any], Memory], list[str]], ...] = (
        _reports,
        _submissions,
        _ends,
        _leftovers,
    )
    with psycopg.connect(url) as connection:
        found = [line for check in checks for line in check(connection, memory)]
    return [*found, *_chains(url)]


def _reports(connection: psycopg.Connection[Any], memory: Memory) -> list[str]:
    """Each report that got a code is one case, of that code; none is there twice or out of nowhere."""
    cases: dict[str, list[str]] = {}
    for code, what in connection.execute("SELECT code, variables->>'what' FROM cases"):
        cases.setdefault(what, []).append(code)
    found = [f"{one.code} is {cases.get(one.what)}" for one in memory.reports if cases.get(one.what) != [one.code]]
    found += [f"twice: {what} {codes}" for what, codes in cases.items() if len(codes) > 1]
    return found + [f"out of nowhere: {what}" for what in cases.keys() - memory.tried]


def _submissions(connection: psycopg.Connection[Any], memory: Memory) -> list[str]:
    """What was handed in and went on is in the history, in the task, and by the one who did it."""
    rows = connection.execute("""
        SELECT e.task_id, e.details->'values', t.result, t.status, coalesce(a.login, '') FROM event e
        JOIN task t ON t.id = e.task_id LEFT JOIN account a ON a.id = e.actor_id WHERE e.kind = 'task_completed'""")
    done = {row[0]: row[1:] for row in rows}
    found = []
    for one in memory.submissions:
        if one.task_id not in done:
            found.append(f"task {one.task_id} of {one.login or 'a resident'} is not in the history: {one.values}")
            continue
        history, result, status, login = done[one.task_id]
        if (status, login) != ("completed", one.login):
            found.append(f"task {one.task_id} is {status} by {login}, not completed by {one.login}")
        for name, value in one.values.items():
            if _text(history.get(name)) != value or _text(result.get(name)) != value:
                found.append(f"task {one.task_id}: {name} was {value}, is {history.get(name)} and {result.get(name)}")
    return found


def _ends(connection: psycopg.Connection[Any], _memory: Memory) -> list[str]:
    """Nothing is done twice or half, and every open case can go on."""
    checks = {
        "done twice": DONE_TWICE,
        "task and history disagree": HISTORY_AND_TASK,
        "the same step open twice": TWO_OF_A_STEP,
        "open, and nobody can go on": STRANDED,
        "the same notice twice": NOTICES_TWICE,
        "incident": "SELECT case_id, node, cause FROM incident",
    }
    return [f"{what}: {row}" for what, sql in checks.items() for row in connection.execute(sql)]


def _leftovers(connection: psycopg.Connection[Any], _memory: Memory) -> list[str]:
    checks = {
        "timers that were due and did not fire": OVERDUE,
        "timers held": "SELECT count(*) FROM timer WHERE held",
        "jobs not done": UNDONE_JOBS,
        "jobs given up": "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('failed', 'aborted')",
    }
    return [f"{count} {what}" for what, sql in checks.items() if (count := _one(connection, sql))]


def _chains(url: str) -> list[str]:
    """As `tongxin verify` does."""
    engine = db.connect(url, pool_size=1)
    with db.transaction(engine) as session:
        cases = session.exec(select(Case)).all()
        broken = [
            f"the history of {case.code} does not verify"
            for case in cases
            if events.first_broken(queries.events_of(session, case.id), case.chain_head) is not None
        ]
    engine.dispose()
    return broken


def counts(url: str) -> dict[str, Any]:
    """How much happened, and what it takes on disk."""
    with psycopg.connect(url) as connection:
        kinds = dict(connection.execute("SELECT kind, count(*) FROM event GROUP BY kind ORDER BY kind").fetchall())
        return {
            "cases": _one(connection, "SELECT count(*) FROM cases"),
            "closed": _one(connection, "SELECT count(*) FROM cases WHERE status = 'closed'"),
            "events": kinds,
            "photos": _one(connection, "SELECT count(*) FROM attachment"),
            "database_mb": round(_one(connection, "SELECT pg_database_size(current_database())") / 1e6, 1),
        }


def _one(connection: psycopg.Connection[Any], sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row
    return int(row[0])


def _text(value: object) -> str:
    """A value of the history as a form would send it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)
