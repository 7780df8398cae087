"""The town's verdict: content with what is right, and finds each kind of wrong."""

import psycopg
import pytest

from tests.bench.town import verdict
from tests.bench.town.memory import Memory, Reported, Submitted
from tests.fixtures import World
from tests.orders import Order, open_order

WHAT = "下水道堵塞（第1件）"


@pytest.fixture
def order(world: World) -> Order:
    return open_order(world, until="派单", what=WHAT)


def remembered(world: World, order: Order) -> Memory:
    """What a resident and the clerk were answered."""
    with psycopg.connect(world.database.url) as connection:
        (task,) = connection.execute("SELECT id FROM task WHERE node = 'check'").fetchone() or ()
    done = Submitted(task, "zhanglan", {"decision": "valid", "kind": "下水", "urgent": "yes"})
    return Memory(reports=[Reported(order.code, WHAT)], tried={WHAT}, submissions=[done])


def test_content_when_nothing_is_wrong(world: World, order: Order) -> None:
    assert verdict.judge(world.database.url, remembered(world, order)) == []


@pytest.mark.parametrize(
    ("sabotage", "finding"),
    [
        ("UPDATE cases SET variables = '{}'", "DD-YY"),
        ("UPDATE cases SET code = 'other'", "other"),
        ('UPDATE task SET result = \'{"decision": "valid", "kind": "供水", "urgent": true}\'', "kind was 下水"),
        ("UPDATE task SET status = 'open' WHERE status = 'completed'", "task and history disagree"),
        ("DELETE FROM event WHERE kind = 'task_completed'", "is not in the history"),
        ("UPDATE event SET kind = 'erased' WHERE kind = 'task_completed'", "does not verify"),
        ("UPDATE task SET status = 'cancelled' WHERE status = 'open'; DELETE FROM subscription", "nobody can go on"),
        ("UPDATE timer SET due_at = now() - interval '1 minute'", "timers that were due and did not fire"),
        ("UPDATE timer SET held = true", "timers held"),
        (
            "INSERT INTO incident (case_id, node, cause, input, at) SELECT id, 'check', 'why', '{}', now() FROM cases",
            "incident",
        ),
        (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'failed')",
            "jobs given up",
        ),
    ],
)
def test_finds_what_is_wrong(world: World, order: Order, sabotage: str, finding: str) -> None:
    memory = remembered(world, order)
    with psycopg.connect(world.database.url) as connection:
        if "timer" in sabotage:
            connection.execute(
                "INSERT INTO timer (case_id, key, node, due_at, derivation)"
                " SELECT id, 999, 'check', now() + interval '1 day', '{}' FROM cases"
            )
        connection.execute(sabotage)
    found = verdict.judge(world.database.url, memory)
    assert any(finding in line for line in found), found
