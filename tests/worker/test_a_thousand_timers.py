"""A thousand timers due at once, two workers and two web servers: each has effect once."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from tests.fixtures import World
from tests.orders import Order, open_order
from tests.web.servers import process, servers
from tongxin import db

TIMERS, BESIDES = 1000, 40
LONGEST_SECONDS = 60
COPIED = {  # table → what of a row is another in the copy with number n
    "cases": "'id', t.id + n * 1000000, 'code', t.code || n, 'once', null",
    "task": "'id', t.id + n * 1000000, 'case_id', t.case_id + n * 1000000",
    "event": "'id', t.id + n * 1000000, 'case_id', t.case_id + n * 1000000",
    "timer": "'case_id', t.case_id + n * 1000000",
    "subscription": "'case_id', t.case_id + n * 1000000",
}


def copy(world: World, order: Order, times: int) -> None:
    """As many more cases that stand where this one stands."""
    owner = db.connect(world.database.owner_url, pool_size=1)
    with owner.begin() as connection:
        for table, other in COPIED.items():
            mine = "t.id" if table == "cases" else "t.case_id"
            connection.execute(
                text(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({other}))).* "
                    f"FROM {table} t, generate_series(1, :times) n WHERE {mine} = :case"
                ),
                {"times": times, "case": int(order.id)},
            )
        connection.execute(text("UPDATE timer SET due_at = now() - interval '1 minute'"))
    owner.dispose()


def scalar(world: World, statement: str) -> Any:
    with world.engine.connect() as connection:
        return connection.execute(text(statement)).scalar()


def both(first: str, second: str, orders: list[Order], token: str) -> list[int]:
    """Meanwhile every order is completed on both servers."""
    body, headers = {"values": {"decision": "not_ours"}}, {"Authorization": f"Bearer {token}"}
    addresses = [f"{base}/api/v1{order.page}/completion" for order in orders for base in (first, second)]
    with httpx2.Client(timeout=60, trust_env=False, headers=headers) as client, ThreadPoolExecutor(4) as pool:
        return [answer.status_code for answer in pool.map(lambda address: client.post(address, json=body), addresses)]


def test_each_has_effect_once(world: World, tmp_path: Path) -> None:
    besides = [open_order(world) for _ in range(BESIDES)]
    copy(world, open_order(world, "接单"), TIMERS - 1)
    with (
        servers(world, tmp_path, 2) as (first, second),
        process(world, tmp_path / "worker 1", "worker"),
        process(world, tmp_path / "worker 2", "worker"),
    ):
        answers = both(first, second, besides, world.token("zhanglan"))
        deadline = time.monotonic() + LONGEST_SECONDS
        while scalar(world, "SELECT count(*) FROM timer") and time.monotonic() < deadline:
            time.sleep(0.2)
    assert sorted(answers) == [200] * BESIDES + [409] * BESIDES
    assert scalar(world, "SELECT count(*) FROM timer") == 0
    fired = "SELECT count(%s) FROM event WHERE kind = 'timer_fired'"
    assert (scalar(world, fired % "*"), scalar(world, fired % "DISTINCT case_id")) == (TIMERS, TIMERS)
    once = "SELECT count(*) FROM cases WHERE variables->>'attempts' = '1' AND status = 'open'"
    assert scalar(world, once) == TIMERS
    assert scalar(world, "SELECT count(*) FROM task WHERE node = 'dispatch' AND status = 'open'") == TIMERS
    lengths = "SELECT count(*) FROM cases c WHERE chain_length <> (SELECT count(*) FROM event WHERE case_id = c.id)"
    assert scalar(world, lengths) == 0
    assert scalar(world, "SELECT count(*) FROM incident") == 0
