"""The chain: a changed, removed or reordered event is found; erasing what was said leaves it verifiable."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.cases.history import case_of
from tests.cases.history import events as events_of
from tests.fixtures import Clock, World
from tests.orders import Order, open_order
from tongxin import db, events
from tongxin.events import Event, Happening


def broken(world: World, order: Order) -> int | None:
    return events.first_broken(events_of(world, order), case_of(world, order).chain_head)


def test_an_untouched_history_is_whole(world: World) -> None:
    order = open_order(world, "评单")
    assert len(events_of(world, order)) == 10
    assert broken(world, order) is None


@pytest.mark.parametrize(
    ("tampering", "at"),
    [
        ("UPDATE event SET details = jsonb_set(details, '{name}', '\"x\"') WHERE seq = 2", 2),
        ("UPDATE event SET at = at + interval '1 second' WHERE seq = 3", 3),
        ("UPDATE event SET actor_id = NULL WHERE seq = 2", 2),
        ("UPDATE event SET kind = 'task_claimed' WHERE seq = 4", 4),
        ("UPDATE event SET task_id = task_id + 1 WHERE seq = 5", 5),
        ("UPDATE event SET salt = NULL WHERE seq = 3", 3),
        ("DELETE FROM event WHERE seq = 3", 3),
        ("DELETE FROM event WHERE seq = 4", 4),
        ("UPDATE event SET seq = 9 - seq WHERE seq IN (3, 4)", 3),
        ("DELETE FROM event", 1),
        ("UPDATE cases SET chain_head = (SELECT hash FROM event WHERE seq = 3)", 7),
    ],
)
def test_tampering_is_found(world: World, tampering: str, at: int) -> None:
    order = open_order(world, "联系")
    owner = db.connect(world.database.owner_url, pool_size=1)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE event DROP CONSTRAINT event_case_id_seq_key"))
        connection.execute(text(tampering.replace("9 - seq", "7 - seq")))
    owner.dispose()
    assert broken(world, order) == at


def test_the_application_itself_cannot_change_history(world: World) -> None:
    open_order(world)
    for statement in ("UPDATE event SET kind = 'x'", "DELETE FROM event", "DELETE FROM definition"):
        with pytest.raises(Exception, match="permission denied"), world.engine.begin() as connection:
            connection.execute(text(statement))


def test_erasing_details_and_salt_leaves_it_whole(world: World) -> None:
    order = open_order(world, "联系")
    owner = db.connect(world.database.owner_url, pool_size=1)
    with owner.begin() as connection:
        connection.execute(text("UPDATE event SET details = NULL, salt = NULL WHERE seq = 2"))
    owner.dispose()
    assert broken(world, order) is None


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.50"),
        Decimal("1E+2"),
        Decimal("1E-7"),
        Decimal("-0.00"),
        12345678901234567890123,
        0.1,
        "\u2028“引号” 😀",
        {"b": 1, "a": [None, True, {"z": "", "y": []}]},
        timedelta(hours=1).total_seconds(),
    ],
    ids=str,
)
def test_what_comes_back_from_the_database_hashes_the_same(world: World, still: Clock, value: Any) -> None:
    order = open_order(world)
    case = case_of(world, order)
    happenings = [Happening("noted", {"value": value, "at": still.at})]
    rows, head = events.chained(case.id, case.chain_head, case.chain_length, happenings, events.SYSTEM, still.at)
    insert: Callable[..., Event] = Event
    with db.transaction(world.engine) as session:
        session.add(insert(**rows[0]))
    with Session(world.engine) as session:
        assert session.get_one(type(case), case.id).chain_length == case.chain_length
    assert events.first_broken(events_of(world, order), head) is None
