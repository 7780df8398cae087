"""Reminders: any party asks that a case goes on; who has it is told, it is counted, and nothing in the case moves."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.callers import Api, Browser, signed_in
from tests.fixtures import Clock, World
from tests.orders import Order, open_order
from tests.worker.test_between_cases import case_of, kinds
from tests.worker.test_surroundings import notices
from tongxin import config, db, events
from tongxin.cases import queries
from tongxin.worker.tasks import Tasks


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


@pytest.fixture
def order(world: World) -> Order:
    """One that waits for 李春生 to accept it."""
    return open_order(world, "接单")


def work(world: World) -> None:
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    with Session(world.engine) as session:
        jobs = session.connection().execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'remind'"))
        found = [args for (args,) in jobs]
    for args in found:
        tasks.remind(**args)


def reminders(world: World) -> list[tuple[str, str]]:
    return [one for one in notices(world) if one[1].startswith("催办")]


def test_staff_remind_whoever_has_it(world: World, order: Order) -> None:
    before = case_of(world, order.id)
    clerk = signed_in(world, "zhanglan")
    assert "催一下" in clerk.get(f"/cases/{order.id}").text
    assert clerk.post(f"/cases/{order.id}/reminders", {"text": "  老人  等着 "}).status_code == 303
    assert reminders(world) == [("lichs", f"催办：{before.title}，老人 等着")]
    case = case_of(world, order.id)
    assert (case.reminders, case.state, case.variables) == (1, before.state, before.variables)
    assert kinds(world, int(order.id))[-1] == "reminded"
    page = clerk.get(f"/cases/{order.id}").text
    for said in ("催办", "老人 等着", "催过 1 次", "刚催过，3月5日 12:30 以后可以再催"):
        assert said in page
    assert "催过 1 次" in signed_in(world, "lichs").get("/tasks").text
    with Session(world.engine) as session:
        assert events.first_broken(queries.events_of(session, int(order.id)), case.chain_head) is None


def test_not_twice_within_four_hours_but_others_may(world: World, order: Order, _still: Clock) -> None:
    clerk, dispatcher = signed_in(world, "zhanglan"), signed_in(world, "zhaoqm")
    assert clerk.post(f"/cases/{order.id}/reminders").status_code == 303
    again = clerk.post(f"/cases/{order.id}/reminders")
    assert (again.status_code, "以后可以再催" in again.text) == (409, True)
    assert dispatcher.post(f"/cases/{order.id}/reminders").status_code == 303
    _still.move(timedelta(hours=4))
    assert clerk.post(f"/cases/{order.id}/reminders").status_code == 303
    assert case_of(world, order.id).reminders == 3


def test_whoever_has_it_alone_reminds_nobody(world: World, order: Order) -> None:
    member = signed_in(world, "lichs")
    assert "催一下" not in member.get(f"/cases/{order.id}").text
    assert member.post(f"/cases/{order.id}/reminders").status_code == 409
    assert case_of(world, order.id).reminders == 0


def test_strangers_and_long_words(world: World, order: Order) -> None:
    assert signed_in(world, "wudi").post(f"/cases/{order.id}/reminders").status_code == 404
    long = signed_in(world, "zhanglan").post(f"/cases/{order.id}/reminders", {"text": "快" * 101})
    assert (long.status_code, "最多 100 字" in long.text) == (422, True)


def test_a_resident_reminds_by_the_personal_link(world: World, order: Order) -> None:
    resident = Browser(world)
    page = resident.get(f"/r/{order.link}").text
    assert "催一下" in page
    answer = resident.post(f"/r/{order.link}/reminders")
    assert answer.status_code == 303
    assert "已经催了" in resident.get(answer.headers["location"]).text
    work(world)
    work(world)  # a job done twice
    assert [login for login, _text in reminders(world)] == ["lichs"]
    assert case_of(world, order.id).reminders == 1
    assert "催一下" not in resident.get(f"/r/{order.link}").text
    assert resident.post(f"/r/{order.link}/reminders").status_code == 409
    assert "居民" in signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert Browser(world).post("/r/1.nothing/reminders").status_code == 404


def test_by_the_api_once(world: World, order: Order) -> None:
    api = Api(world, world.token("zhanglan"))
    path, body = f"/cases/{order.id}/reminders", {"text": "请快些"}
    first, second = (api.send("POST", path, body, Idempotency_Key="once") for _time in range(2))
    assert (first.json(), second.json()) == ({"told": 1}, {"told": 1})
    assert case_of(world, order.id).reminders == 1
    assert api.send("POST", path, body).status_code == 409


def test_the_news_leads_to_the_task_and_gives_no_sight_beyond_it(world: World, order: Order) -> None:
    assert signed_in(world, "zhanglan").post(f"/cases/{order.id}/reminders").status_code == 303
    member = signed_in(world, "lichs")
    with Session(world.engine) as session:
        (task,) = [one for one in queries.tasks_of(session, int(order.id)) if one.status == "open"]
        assert not queries.was_told(session, int(order.id), int(world.account_id("lichs")))
    assert f'href="/tasks/{task.id}"' in member.get("/notices").text


def test_everybody_of_a_pool_is_told(world: World) -> None:
    order = open_order(world, "派单")
    assert signed_in(world, "zhanglan").post(f"/cases/{order.id}/reminders").status_code == 303
    assert [login for login, _text in reminders(world)] == ["zhaoqm"]
