"""A fault between any two statements of a completion: the case is wholly as before or wholly after."""

import json
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.callers import Api
from tests.cases.history import case_of, events
from tests.fixtures import World
from tests.orders import Order, open_order
from tests.statements import watched
from tongxin.events import first_broken

TABLES = (
    "cases", "task", "event", "timer", "subscription", "notice", "case_link", "attachment", "draft", "incident",
    "reply", "procrastinate_jobs",
)  # fmt: skip


class Fault(Exception):
    """Power fails."""


def everything(world: World) -> dict[str, Any]:
    """Every row of every table a step may write."""
    with Session(world.engine) as session:
        connection = session.connection()
        rows = {
            table: connection.execute(text(f"SELECT to_jsonb(t) FROM {table} t")).scalars().all() for table in TABLES
        }
    return {table: sorted(json.dumps(row, sort_keys=True, default=str) for row in some) for table, some in rows.items()}


def prepared(world: World) -> tuple[Order, dict[str, Any]]:
    order = open_order(world, "派单")
    return order, {"member": world.account_id("lichs"), "urgent": True}


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "k"}], ids=["plain", "with a key"])
def test_never_between(world: World, headers: dict[str, str]) -> None:
    order, values = prepared(world)
    dispatcher = Api(world, world.token("zhaoqm"))
    before, number, done = everything(world), 0, False
    while not done:
        number += 1

        def fail(now: int, at: int = number) -> None:
            if now == at:
                raise Fault(at)

        with watched(world, fail) as seen:
            try:
                answer = dispatcher.send("POST", f"{order.page}/completion", {"values": values}, **headers)
                done = answer.status_code == 200
            except Fault:
                assert seen.commits == 0
        if not done:
            assert everything(world) == before, f"statement {number} of {len(seen)}"
    assert number > 4  # the last try, without a fault, had one statement fewer
    after = everything(world)
    changed = {table for table in TABLES if after[table] != before[table]}
    assert changed >= {"cases", "task", "event", "timer", "notice", "procrastinate_jobs"}
    assert first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_a_commit_that_fails_is_not_answered_as_done(world: World) -> None:
    order, values = prepared(world)
    before = everything(world)
    with psycopg.connect(world.database.owner_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more room'; END $$"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON cases DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    dispatcher = Api(world, world.token("zhaoqm"))
    with pytest.raises(Exception, match="no more room"):
        dispatcher.send("POST", f"{order.page}/completion", {"values": values})
    assert everything(world) == before
