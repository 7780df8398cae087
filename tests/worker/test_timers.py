"""Timers: fire when due by our clock, once, on any number of machines; one that fails does not stop the others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.callers import Api
from tests.cases.history import case_of, incidents, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.orders import advance, open_order
from tongxin import db
from tongxin.cases import lifecycle
from tongxin.cases.models import Timer
from tongxin.worker import timers


def sweep(world: World) -> int:
    return timers.sweep(partial(db.transaction, world.engine))


def test_fires_when_due_and_not_before(world: World, still: Clock) -> None:
    order = open_order(world, "接单")
    still.move(timedelta(minutes=14))
    assert sweep(world) == 0
    still.move(timedelta(minutes=1))
    assert sweep(world) == 1
    assert case_of(world, order).variables["returned_because"] == "规定时间内没有接单"
    assert [task.name for task in open_tasks(world, order)] == ["派单"]
    assert kinds(world, order)[-1] == "timer_fired"
    late = Api(world, world.token("lichs")).send("POST", f"{order.page}/completion", {"values": {"answer": "accept"}})
    assert late.status_code == 409


def test_a_step_done_in_time_takes_its_timer_away(world: World, still: Clock) -> None:
    order = advance(world, open_order(world, "接单"), "联系")
    still.move(timedelta(days=1))
    assert sweep(world) == 0
    assert [task.name for task in open_tasks(world, order)] == ["联系"]


def test_two_sweepers_at_once_fire_once(world: World, still: Clock) -> None:
    orders = [open_order(world, "接单") for _ in range(3)]
    still.move(timedelta(hours=1))
    with ThreadPoolExecutor(2) as pool:
        fired = sum(pool.map(lambda _: sweep(world), range(2)))
    fired += sweep(world)
    assert fired == 3
    assert all(kinds(world, order).count("timer_fired") == 1 for order in orders)


def test_one_that_raises_does_not_stop_the_others(world: World, still: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = open_order(world, "接单"), open_order(world, "接单")
    still.move(timedelta(hours=1))
    genuine = lifecycle.fire_timer

    def fragile(session: Session, held: object) -> object:
        if held.case.id == int(first.id):  # type: ignore[attr-defined]
            raise RuntimeError("a mistake of ours")
        return genuine(session, held)  # type: ignore[arg-type]

    monkeypatch.setattr(lifecycle, "fire_timer", fragile)
    assert sweep(world) == 1
    assert kinds(world, second)[-1] == "timer_fired"
    (incident,) = incidents(world, first)
    assert "a mistake of ours" in incident.cause
    monkeypatch.undo()
    assert sweep(world) == 0
    with Session(world.engine) as session:
        assert session.exec(select(Timer.held)).all() == [True]
