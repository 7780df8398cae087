"""How much residents may do at once: counted by the database, also when all come in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.callers import Browser
from tests.fixtures import Clock, World
from tests.orders import open_order
from tongxin import db
from tongxin.people.models import Allowance
from tongxin.portal import allowances
from tongxin.portal.allowances import Asked, MustWait
from tongxin.worker import upkeep

FEW = allowances.Allowance("few", "请等 {seconds} 秒", (3, timedelta(seconds=10)), (5, timedelta(seconds=10)))


def spend(world: World, asked: Asked, many: int = 1) -> int:
    """Seconds to wait; 0 when it was counted."""
    try:
        with db.transaction(world.engine) as session:
            allowances.spend(session, FEW, asked, many)
    except MustWait as wait:
        return wait.seconds
    return 0


def test_a_device_waits_and_its_neighbours_do_not(world: World, still: Clock) -> None:
    mine, other = Asked("10.0.0.1", "a"), Asked("10.0.0.1", "b")
    assert [spend(world, mine) for _ in range(4)] == [0, 0, 0, 10]
    assert [spend(world, other) for _ in range(3)] == [0, 0, 10]  # the address is used up
    assert spend(world, Asked("10.0.0.2", None)) == 0
    still.move(timedelta(seconds=9))
    assert spend(world, mine) == 1
    still.move(timedelta(seconds=1))
    assert (spend(world, mine), spend(world, mine)) == (0, 10)


def test_many_at_once_are_counted_each(world: World, still: Clock) -> None:
    with ThreadPoolExecutor(5) as pool:
        waits = list(pool.map(lambda _: spend(world, Asked("10.0.0.1", None)), range(20)))
    assert waits.count(0) == 5


def test_several_count_as_several_and_can_be_given_back(world: World, still: Clock) -> None:
    asked = Asked("10.0.0.1", None)
    assert (spend(world, asked, 4), spend(world, asked, 2), spend(world, asked, 1)) == (0, 10, 0)
    assert spend(world, asked) == 10
    with db.transaction(world.engine) as session:
        allowances.give_back(session, FEW, asked)
    assert spend(world, asked) == 0


def test_what_is_over_is_thrown_away(world: World, still: Clock) -> None:
    spend(world, Asked("10.0.0.1", None))
    for moved, left in ((timedelta(), 1), (timedelta(seconds=11), 0)):
        still.move(moved)
        with db.transaction(world.engine) as session:
            upkeep.tidy(session, still())
            assert len(session.exec(select(Allowance)).all()) == left


def test_right_codes_are_free_and_wrong_ones_wait(world: World, still: Clock) -> None:
    order, resident = open_order(world), Browser(world)
    room, _ = allowances.WRONG_CODES.of_an_address
    for _number in range(room + 5):
        assert resident.get(f"/follow/{order.code}").status_code == 200
    for _number in range(room):
        assert resident.post("/follow", {"code": "DD-YY"}).status_code == 422
    for answer in (resident.post("/follow", {"code": order.code}), resident.get(f"/follow/{order.code}")):
        assert answer.status_code == 429
        for said in ("秒再试", "社区电话"):
            assert said in answer.text
    still.move(timedelta(minutes=2))
    assert resident.post("/follow", {"code": order.code}).status_code == 303


def test_wrong_codes_all_at_once(world: World, still: Clock) -> None:
    room, _ = allowances.WRONG_CODES.of_an_address
    guess = partial(world.client.post, "/follow", data={"code": "DD-YY"})
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: guess().status_code, range(room + 20)))
    assert statuses.count(422) <= room
    assert statuses.count(429) >= 20


@pytest.mark.parametrize("host", ["", "x" * 300, "名"])
def test_whatever_an_address_looks_like_it_is_counted(world: World, host: str) -> None:
    assert spend(world, Asked(host[:60], None)) == 0
    with Session(world.engine) as session:
        assert len(session.exec(select(Allowance)).all()) == 1
