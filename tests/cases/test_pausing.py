"""Limits stand still while a case waits where the diagram says so, and go on with what was left."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from tests.callers import Api, Browser, signed_in
from tests.cases.by_hand import do, migrate, move
from tests.cases.history import case_of, events, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.monitor.stuck import open_case
from tests.orders import Order
from tests.procedures.packages import PAUSING, publish
from tests.statements import watched
from tests.web.servers import portal
from tongxin import calendar, clock, db
from tongxin import events as chain
from tongxin.cases import by_hand, lifecycle, stopping
from tongxin.cases.models import Task, Timer
from tongxin.procedures.package import Package
from tongxin.worker import timers


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)


def without_pause() -> Package:
    changed = dict(PAUSING)
    changed["process.bpmn"] = changed["process.bpmn"].replace(' tx:pauses="handle"', "")
    return changed


def opened(world: World, still: Clock, published: Package = PAUSING, start: str = "2026-02-13 10:00") -> Order:
    still.at = at(start)
    publish(world, published)
    return open_case(world, "pausing")


def task(world: World, order: Order, name: str) -> Task:
    return next(one for one in open_tasks(world, order) if one.name == name)


def complete(world: World, order: Order, name: str, by: str = "zhanglan") -> Any:
    token = order.link if by == "reporter" else world.token(by)
    address = f"/tasks/{task(world, order, name).id}/completion"
    return Api(world, token).post(address, values={"note": "好"})


def timer(world: World, order: Order) -> Timer:
    with Session(world.engine) as session:
        return session.exec(select(Timer).where(col(Timer.case_id) == int(order.id))).one()


def seen(world: World, order: Order, name: str) -> dict[str, Any]:
    """A task as the API shows it."""
    found = Api(world, world.token("zhanglan")).get(f"/cases/{order.id}")["tasks"]
    return next(one for one in found if one["name"] == name)  # type: ignore[no-any-return]


def sweep(world: World) -> int:
    return timers.sweep(partial(db.transaction, world.engine))


def stop(world: World, order: Order, reason: str = "发了洪水") -> None:
    do(world, order, lambda session, held, by: stopping.stop_clocks(session, held, reason, by))


def start(world: World, order: Order, reason: str = "水退了") -> None:
    do(world, order, lambda session, held, by: stopping.start_clocks(session, held, reason, by))


def test_what_is_missing_does_not_count_into_the_limit(world: World, still: Clock) -> None:
    order = opened(world, still)
    assert seen(world, order, "审批")["due_at"] == "2026-03-05T23:59:59+08:00"
    still.at = at("2026-03-02 11:00")
    complete(world, order, "看材料")
    shown = seen(world, order, "审批")
    assert (shown["due_at"], shown["paused_since"]) == (None, "2026-03-02T11:00:00+08:00")
    assert kinds(world, order)[-2:] == ["task_completed", "clock_paused"]
    assert events(world, order)[-1].details == {"steps": ["审批"], "by": ["补正"]}
    still.at = at("2026-03-07 09:00")  # when it would have been overdue
    assert sweep(world) == 0
    still.at = at("2026-03-05 09:00")
    complete(world, order, "补正", "reporter")
    shown = seen(world, order, "审批")
    assert (shown["due_at"], shown["paused_since"]) == ("2026-03-10T23:59:59+08:00", None)
    waiting = timer(world, order)
    assert (waiting.due_at, waiting.paused_at) == (at("2026-03-10 23:59:59"), None)
    assert waiting.derivation == task(world, order, "审批").derivation
    assert events(world, order)[-1].details == {"limits": [{"name": "审批", "due_at": "2026-03-10T23:59:59+08:00"}]}
    still.at = at("2026-03-10 23:59:58")
    assert sweep(world) == 0
    still.at = at("2026-03-11 00:00")
    assert sweep(world) == 1
    assert chain.first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_pages_say_since_when_and_because_of_what(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    complete(world, order, "看材料")
    still.at = at("2026-03-20 09:00")
    clerk = signed_in(world, "zhanglan")
    page = clerk.get(f"/tasks/{task(world, order, '审批').id}").text
    assert "停表中，3月2日起" in page
    assert "3月2日 11:00 起停表（补正），恢复后接着算剩下的时间。2026-02-13 + 10 个工作日" in page
    assert "超期" not in page
    case = clerk.get(f"/cases/{order.id}").text
    assert "停表中，3月2日起" in case
    assert "停表：审批（补正）" in case
    inbox = clerk.get("/tasks?scope=open").text
    assert "停表中，3月2日起" in inbox
    assert '<b data-count="overdue">0</b>' in inbox
    complete(world, order, "补正", "reporter")
    page = clerk.get(f"/tasks/{task(world, order, '审批').id}").text
    assert "→ 2026-03-05，停表 3月2–20日（补正）→ 2026-03-25" in page
    assert "恢复计时：审批，到 3月25日 23:59" in clerk.get(f"/cases/{order.id}").text


def test_residents_read_that_the_limit_stands_still(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    assert "预计" in Browser(world).get(f"/follow/{order.code}").text
    stop(world, order)
    page = Browser(world).get(f"/follow/{order.code}").text
    assert "办理期限现在停着，恢复后接着算" in page
    assert "预计" not in page
    assert "发了洪水" not in page


def test_what_was_overdue_stays_overdue(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-06 09:00")
    complete(world, order, "看材料")
    shown = seen(world, order, "审批")
    assert (shown["due_at"], shown["paused_since"]) == ("2026-03-05T23:59:59+08:00", None)
    assert "clock_paused" not in kinds(world, order)
    assert sweep(world) == 1
    still.at = at("2026-03-09 09:00")
    complete(world, order, "补正", "reporter")
    assert seen(world, order, "审批")["due_at"] == "2026-03-05T23:59:59+08:00"


def test_a_paused_step_can_be_done(world: World, still: Clock) -> None:
    order = opened(world, still)
    complete(world, order, "看材料")
    complete(world, order, "审批")
    assert [one.name for one in open_tasks(world, order)] == ["补正"]
    still.at = at("2026-03-09 09:00")
    assert complete(world, order, "补正", "reporter")["case"]["status"] == "closed"
    assert "clock_resumed" not in kinds(world, order)


def test_a_step_moved_away_by_hand_lets_the_limit_go_on(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    complete(world, order, "看材料")
    still.at = at("2026-03-05 09:00")
    move(world, order, ["补正"], "check")
    assert seen(world, order, "审批")["due_at"] == "2026-03-10T23:59:59+08:00"
    complete(world, order, "看材料")
    assert seen(world, order, "审批")["paused_since"] == "2026-03-05T09:00:00+08:00"


def test_another_version_may_stop_or_let_go_on(world: World, still: Clock) -> None:
    order = opened(world, still)
    publish(world, without_pause())
    publish(world, {**PAUSING, "texts/more.txt": "另一版"})
    still.at = at("2026-03-02 11:00")
    complete(world, order, "看材料")
    still.at = at("2026-03-05 09:00")
    migrate(world, order, 2, key="pausing")
    assert seen(world, order, "审批")["due_at"] == "2026-03-10T23:59:59+08:00"
    assert timer(world, order).due_at == at("2026-03-10 23:59:59")
    migrate(world, order, 3, key="pausing")
    assert seen(world, order, "审批")["paused_since"] == "2026-03-05T09:00:00+08:00"
    assert timer(world, order).paused_at == at("2026-03-05 09:00")
    still.at = at("2026-03-09 09:00")  # two working days later: Friday and Monday
    complete(world, order, "补正", "reporter")
    assert seen(world, order, "审批")["due_at"] == "2026-03-12T23:59:59+08:00"


def test_a_limit_that_begins_while_it_stands_still_loses_nothing(world: World, still: Clock) -> None:
    order = opened(world, still)
    complete(world, order, "看材料")
    move(world, order, ["审批"], "handle")  # begun anew
    shown = seen(world, order, "审批")
    assert (shown["due_at"], shown["paused_since"]) == (None, "2026-02-13T10:00:00+08:00")
    assert timer(world, order).paused_at == at("2026-02-13 10:00")
    still.at = at("2026-03-02 09:00")
    complete(world, order, "补正", "reporter")  # ten days after 2 March
    assert seen(world, order, "审批")["due_at"] == "2026-03-16T23:59:59+08:00"
    assert timer(world, order).due_at == at("2026-03-16 23:59:59")


def test_residents_pages_in_front_of_the_intranet_let_limits_go_on(world: World, tmp_path: Path) -> None:
    publish(world, PAUSING)
    order = open_case(world, "pausing")
    complete(world, order, "看材料")
    assert seen(world, order, "审批")["paused_since"]
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        page = f"/r/{order.link}/tasks/{task(world, order, '补正').id}/completion"
        assert site.post(page, data={"note": "补齐了"}).status_code == 303
    shown = seen(world, order, "审批")
    assert shown["due_at"] == timer(world, order).due_at.astimezone(clock.LOCAL).isoformat()
    assert [one["because"] for one in (task(world, order, "审批").derivation or {})["pauses"]] == [["补正"]]


def test_an_administrator_stops_all_clocks_and_starts_them_again(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    stop(world, order)
    assert seen(world, order, "审批")["paused_since"] == "2026-03-02T11:00:00+08:00"
    assert seen(world, order, "看材料")["paused_since"] is None  # it has no limit
    assert events(world, order)[-1].kind == "clocks_stopped"
    assert events(world, order)[-1].details == {"text": "发了洪水"}
    assert str(events(world, order)[-1].actor_id) == world.account_id("admin")
    still.at = at("2026-03-07 09:00")
    assert sweep(world) == 0
    page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert "管理员从 3月2日 11:00 起停了表" in page
    assert "停表：所有时限都不走了" in page
    assert "发了洪水" in page
    still.at = at("2026-03-05 09:00")
    start(world, order)
    assert seen(world, order, "审批")["due_at"] == "2026-03-10T23:59:59+08:00"
    assert timer(world, order).due_at == at("2026-03-10 23:59:59")
    page = signed_in(world, "zhanglan").get(f"/tasks/{task(world, order, '审批').id}").text
    assert "停表 3月2–5日（管理员停表）→ 2026-03-10" in page
    assert kinds(world, order)[-1] == "clocks_started"
    assert chain.first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_who_starts_the_clocks_does_not_start_those_a_step_stops(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    stop(world, order)
    still.at = at("2026-03-03 09:00")
    complete(world, order, "看材料")
    start(world, order)
    shown = seen(world, order, "审批")
    assert (shown["due_at"], shown["paused_since"]) == (None, "2026-03-02T11:00:00+08:00")
    still.at = at("2026-03-05 09:00")
    complete(world, order, "补正", "reporter")
    assert seen(world, order, "审批")["due_at"] == "2026-03-10T23:59:59+08:00"
    (pause,) = (task(world, order, "审批").derivation or {})["pauses"]
    assert pause["because"] == [None, "补正"]


def test_what_begins_while_all_clocks_are_stopped_stands_still(world: World, still: Clock) -> None:
    order = opened(world, still)
    stop(world, order)
    move(world, order, ["审批"], "handle")
    assert seen(world, order, "审批")["paused_since"] == "2026-02-13T10:00:00+08:00"
    assert timer(world, order).paused_at is not None


def test_twice_without_reason_or_when_it_is_over(world: World, still: Clock) -> None:
    order = opened(world, still)
    with pytest.raises(by_hand.ReasonMissing):
        stop(world, order, " ")
    with pytest.raises(lifecycle.NotReady):
        start(world, order)
    stop(world, order)
    with pytest.raises(lifecycle.NotReady):
        stop(world, order)
    complete(world, order, "看材料")
    complete(world, order, "审批")
    complete(world, order, "补正", "reporter")
    with pytest.raises(lifecycle.NotReady):
        start(world, order)
    assert "停了表" not in signed_in(world, "zhanglan").get(f"/cases/{order.id}").text


def test_a_step_that_stops_nothing_asks_no_more_of_the_database(world: World, still: Clock) -> None:
    plain = opened(world, still, without_pause())
    still.at = at("2026-03-02 11:00")
    asked: dict[str, list[int]] = {}
    for published in (None, PAUSING):
        order = plain if published is None else opened(world, still, published, "2026-03-02 11:00")
        move(world, order, ["看材料"], "check")  # plans are made
        for name, by in (("看材料", "zhanglan"), ("补正", "reporter"), ("审批", "zhanglan")):
            caller = Api(world, order.link if by == "reporter" else world.token(by))
            address = f"/tasks/{task(world, order, name).id}/completion"
            with watched(world) as statements:
                caller.post(address, values={"note": "好"})
            asked.setdefault(name, []).append(len(statements))
    assert asked["审批"][0] == asked["审批"][1]
    assert [one[1] - one[0] for one in (asked["看材料"], asked["补正"])] == [1, 1]  # its clocks are looked up


def test_a_day_off_declared_meanwhile_counts_as_one(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-02 11:00")
    complete(world, order, "看材料")
    day = {"day": "2026-02-27", "works": "off", "name": "停电", "do": "save"}
    assert signed_in(world, "admin").post("/monitor/calendar/2026/day", day).status_code == 303
    try:
        still.at = at("2026-03-05 09:00")
        complete(world, order, "补正", "reporter")  # six of ten were used: 14 24 25 26 28 February, 2 March
        assert seen(world, order, "审批")["due_at"] == "2026-03-11T23:59:59+08:00"
        assert timer(world, order).due_at == at("2026-03-11 23:59:59")
        told = signed_in(world, "zhanglan").get(f"/tasks/{task(world, order, '审批').id}").text
        assert "停电放假" in told
    finally:
        calendar.use(None)


def test_a_timer_that_failed_and_is_held_is_let_go_by_the_administrator_alone(world: World, still: Clock) -> None:
    order = opened(world, still)
    still.at = at("2026-03-06 09:00")  # overdue; its timer has failed
    with db.transaction(world.engine) as session:
        session.exec(update(Timer).where(col(Timer.case_id) == int(order.id)).values(held=True))
    complete(world, order, "看材料")
    still.at = at("2026-03-09 09:00")
    complete(world, order, "补正", "reporter")
    waiting = timer(world, order)
    assert (waiting.held, waiting.paused_at, waiting.due_at) == (True, None, at("2026-03-05 23:59:59"))
    assert sweep(world) == 0
