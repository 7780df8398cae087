"""An incident's page: what failed, with what, and letting it be tried again by whatever it was."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.callers import Api, signed_in
from tests.cases.history import case_of, events, incidents, kinds, open_tasks
from tests.cases.test_incident import set_way
from tests.fixtures import Clock, World
from tests.monitor.stuck import (
    call,
    end_posts,
    give_post,
    given_up,
    incident_of,
    not_handed_in,
    open_case,
    page_of,
    switch,
)
from tests.orders import open_order
from tests.procedures.packages import CALLING, FRAGILE, publish
from tests.worker.test_jobs import merge, run
from tongxin import db
from tongxin import events as chain
from tongxin.cases.models import Timer
from tongxin.worker import timers
from tongxin.worker.tasks import Stuck


def is_whole(world: World, order: object) -> bool:
    return chain.first_broken(events(world, order), case_of(world, order).chain_head) is None  # type: ignore[arg-type]


def test_a_call_that_was_given_up_is_made_again(world: World) -> None:
    order, admin = given_up(world), signed_in(world, "admin")
    page = admin.get(page_of(world, order)).text
    for said in ("告诉对方", "对方系统没有应答", "重新调用外部系统", "请来看看"):
        assert said in page
    assert "等外部系统办“告诉对方”" in admin.get(f"/cases/{order.id}").text
    switch(world, None)
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 303
    assert "已经让它重新执行" in admin.get(page_of(world, order)).text
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 409  # it is under way
    assert call(world) == 1
    assert [task.name for task in open_tasks(world, order)] == ["回看"]
    assert not incidents(world, order, unresolved=True)
    assert kinds(world, order)[-3:] == ["incident", "incident_retried", "effect_resolved"]
    assert "重试：告诉对方" in admin.get(f"/cases/{order.id}").text
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 409
    assert is_whole(world, order)


def test_a_call_that_fails_again_is_counted(world: World) -> None:
    order, admin = given_up(world), signed_in(world, "admin")
    admin.post(f"{page_of(world, order)}/retry")
    call(world)
    (again,) = incidents(world, order, unresolved=True)
    assert (again.times, again.retried_at) == (2, None)
    assert "一共 2 次" in admin.get(page_of(world, order)).text
    assert kinds(world, order).count("incident") == 1


def test_a_retry_of_which_nothing_is_heard_may_be_begun_anew(world: World, still: Clock) -> None:
    order, admin = given_up(world), signed_in(world, "admin")
    admin.post(f"{page_of(world, order)}/retry")
    assert "重新调用外部系统" not in admin.get(page_of(world, order)).text
    still.move(timedelta(minutes=20))
    switch(world, None)
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 303
    assert call(world) == 2  # the second answer finds nobody waiting
    assert [task.name for task in open_tasks(world, order)] == ["回看"]
    assert kinds(world, order).count("effect_resolved") == 1


def test_what_is_waited_for_cannot_be_settled_by_a_note(world: World) -> None:
    order, admin = given_up(world), signed_in(world, "admin")
    assert admin.post(f"{page_of(world, order)}/settlement", {"note": "不管了"}).status_code == 409
    assert incident_of(world, order).resolved_at is None


def test_what_was_handed_in_is_handed_in_again(world: World) -> None:
    order, admin = not_handed_in(world), signed_in(world, "admin")
    page = admin.get(page_of(world, order)).text
    for said in ("没有一个条件成立", "写完了", "张岚填的内容都留着", "照原样再提交"):
        assert said in page
    again = admin.post(f"{page_of(world, order)}/retry")
    assert again.status_code == 409
    assert "还是没有办成" in again.text
    assert incident_of(world, order).times == 2
    set_way(world)
    other = admin.post(f"{page_of(world, order)}/retry")  # now nobody holds the role: another cause
    assert "inspector" in other.text
    assert len(incidents(world, order, unresolved=True)) == 1
    give_post(world, "admin", "inspector", "YZ")
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 303
    assert [task.name for task in open_tasks(world, order)] == ["查看"]
    assert not incidents(world, order, unresolved=True)
    done = next(one for one in events(world, order) if one.kind == "task_completed")
    assert str(done.actor_id) == world.account_id("zhanglan")
    assert is_whole(world, order)


def test_nobody_speaks_for_somebody_who_has_left(world: World) -> None:
    order, admin = not_handed_in(world), signed_in(world, "admin")
    end_posts(world, "zhanglan")
    assert "张岚现在不能办这一步了" in admin.get(page_of(world, order)).text
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 409
    assert [str(task.id) for task in open_tasks(world, order)] == [order.task]


def test_settled_with_a_note(world: World) -> None:
    order, admin = not_handed_in(world), signed_in(world, "admin")
    empty = admin.post(f"{page_of(world, order)}/settlement", {"note": "  "})
    assert (empty.status_code, "请写明是怎么处理的" in empty.text) == (422, True)
    assert admin.post(f"{page_of(world, order)}/settlement", {"note": "改由电话办理"}).status_code == 303
    assert not incidents(world, order, unresolved=True)
    assert "改由电话办理" in admin.get("/monitor/incidents?resolved=1").text
    timeline = admin.get(f"/cases/{order.id}").text
    assert "了结故障：办理" in timeline
    assert admin.post(f"{page_of(world, order)}/settlement", {"note": "再来"}).status_code == 409
    assert is_whole(world, order)


def test_a_held_timer_goes_again(world: World, still: Clock) -> None:
    publish(world, FRAGILE)
    order, admin = open_case(world, "trial"), signed_in(world, "admin")
    still.move(timedelta(hours=2))
    timers.sweep(partial(db.transaction, world.engine))
    assert "已停住" in admin.get(f"/cases/{order.id}").text
    assert "重新执行计时" in admin.get(page_of(world, order)).text
    set_way(world)
    give_post(world, "admin", "inspector", "YZ")
    assert admin.post(f"{page_of(world, order)}/retry").status_code == 303
    with Session(world.engine) as session:
        assert session.exec(select(Timer.held)).one() is False
    assert timers.sweep(partial(db.transaction, world.engine)) == 1
    assert not incidents(world, order, unresolved=True)
    assert is_whole(world, order)


def test_a_message_between_cases_is_sent_again(world: World) -> None:
    original, duplicate = open_order(world), open_order(world)
    merge(world, duplicate, original)
    Api(world, original.link).post(f"/cases/{original.id}/withdrawal")
    end_posts(world, "zhanglan")
    with pytest.raises(Stuck):
        run(world, "deliver_message")
    admin = signed_in(world, "admin")
    assert "再送一次" in admin.get(page_of(world, duplicate)).text
    give_post(world, "zhouyu", "community_clerk", "YY")
    assert admin.post(f"{page_of(world, duplicate)}/retry").status_code == 303
    run(world, "deliver_message")  # the first one and the second: once
    assert [task.name for task in open_tasks(world, duplicate)] == ["核实"]
    assert kinds(world, duplicate).count("message_received") == 1
    assert not incidents(world, duplicate, unresolved=True)


@pytest.mark.parametrize("login", ["zhanglan", "qianwei", "heping"])
def test_a_stranger_sees_nothing(world: World, login: str) -> None:
    order, stranger = given_up(world), signed_in(world, login)
    page = page_of(world, order)
    for address in (page, "/monitor/incidents", "/monitor"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{page}/retry").status_code == 404
    assert stranger.post(f"{page}/settlement", {"note": "x"}).status_code == 404
    assert incident_of(world, order).retried_at is None


def test_an_administrator_of_another_community_neither(world: World) -> None:
    order = given_up(world)
    give_post(world, "wudi", "administrator", "NY")
    other, page = signed_in(world, "wudi"), page_of(world, order)
    assert other.get(page).status_code == 404
    assert other.post(f"{page}/retry").status_code == 404
    assert order.code not in other.get("/monitor/incidents").text
    assert other.get("/monitor/connectors").status_code == 404
    for unknown in ("0", "999999999", "x"):
        assert other.get(f"/monitor/incidents/{unknown}").status_code == 404


@pytest.mark.parametrize("about", ["task", "call"])
def test_sensitive_values_are_masked(world: World, about: str) -> None:
    phone, package = "13912345678", {"task": FRAGILE, "call": CALLING}[about]
    marked = package["data.json"].replace('"title": "说明"', '"title": "说明", "x-sensitive": "contact"')
    order = {"task": not_handed_in, "call": given_up}[about](world, phone, {**package, "data.json": marked})
    page = signed_in(world, "admin").get(page_of(world, order)).text
    assert "139****5678" in page or "***" in page
    assert phone not in page
