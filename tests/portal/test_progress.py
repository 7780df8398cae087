"""What a resident sees: plain stages, the answer, and never who works on it."""

import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select

from tests.callers import Browser, signed_in
from tests.cases.history import case_of, kinds
from tests.fixtures import Clock, World
from tests.orders import STORY, advance, open_order
from tongxin import config, db
from tongxin.cases.models import Case
from tongxin.procedures import catalogue, package
from tongxin.worker import timers

NAMES = ("张岚", "赵启明", "李春生", "畅达疏通", "zhanglan")


def stage(page: str) -> str:
    """The stage the case is at."""
    return re.findall(r'aria-current="step".*?<strong>(\w+)', page, re.DOTALL)[0]


def test_the_stages_follow_the_story(world: World, still: Clock) -> None:
    order, resident, seen = open_order(world), Browser(world), []
    for name, _, _ in STORY:
        advance(world, order, name)
        page = resident.get(f"/r/{order.link}").text
        seen.append(stage(page))
        assert not [one for one in NAMES if one in page]
        by_code = resident.get(f"/follow/{order.code}").text
        assert stage(by_code) == seen[-1]
        assert not [one for one in (*NAMES, "下水道堵塞") if one in by_code]
    assert seen == ["已收到", "正在派人", "正在派人", "有人接单", "有人接单", "上门处置", "请您评价"]
    assert "已疏通" in resident.get(f"/r/{order.link}").text


def test_unrated_after_seven_days_it_ends_by_itself(world: World, still: Clock) -> None:
    order = open_order(world, "评单")
    still.move(timedelta(days=7))
    assert timers.sweep(partial(db.transaction, world.engine)) == 1
    page = Browser(world).get(f"/r/{order.link}").text
    assert "已办结" in page
    assert "completion" not in page


def test_danger_is_answered_first_with_whom_to_call(world: World) -> None:
    resident = Browser(world)
    form = resident.get("/report?place=YY102").text
    assert form.index("tel:119") < form.index("什么事")
    fields = {"procedure": "orders", "place": "YY102", "what": "有煤气味", "danger": "有燃气味"}
    done = resident.get(resident.post("/report", fields).headers["location"]).text
    assert "119" in done
    assert "开窗" in done


def test_the_same_form_sent_twice_is_one_report(world: World) -> None:
    resident = Browser(world)
    once = re.findall(r'name="once" value="([^"]+)"', resident.get("/report?place=YY102").text)[0]
    fields = {"procedure": "orders", "place": "YY102", "what": "灯", "once": once}
    answers = [resident.post("/report", fields).headers["location"] for _ in range(2)]
    assert answers[0] == answers[1]
    resident.post("/report", {**fields, "once": ""})
    with Session(world.engine) as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 2


def test_the_link_as_a_picture(world: World) -> None:
    order, resident = open_order(world), Browser(world)
    picture = resident.get(f"/r/{order.link}/link.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "private" in picture.headers["cache-control"]
    done = resident.get(f"/r/{order.link}/done").text
    assert f"http://tongxin.test/r/{order.link}" in done
    assert order.code in done


@pytest.mark.parametrize("path", ["", "/done", "/link.svg", "/attachments/1"])
def test_a_forged_link_opens_nothing(world: World, path: str) -> None:
    order = open_order(world)
    for token in (f"{order.link}x", order.link[:-1], f"{order.link.upper()}", "1.", f"2.{order.link[2:]}"):
        answer = Browser(world).get(f"/r/{token}{path}")
        assert answer.status_code == 404
        assert "Traceback" not in answer.text


def test_what_got_stuck_is_said_and_nothing_is_lost(world: World) -> None:
    """A rating whose next step nobody can take."""
    order = open_order(world, "评单")
    with db.transaction(world.engine) as session:
        session.execute(text("UPDATE post SET valid_to = '2020-01-02' WHERE role = 'subdistrict_officer'"))
        session.execute(text("UPDATE cases SET variables = variables || '{\"reworks\": 2}'"))
    fields = {"rating": "1", "comment": "又堵了"}
    answer = Browser(world).post(f"/r/{order.link}{order.page}/completion", fields)
    assert answer.status_code == 422
    for said in ("没有办成", "又堵了"):
        assert said in answer.text
    assert case_of(world, order).status == "open"
    assert kinds(world, order)[-1] == "incident"


def test_who_was_not_satisfied_is_told_that_it_goes_on(world: World, still: Clock) -> None:
    order, resident = open_order(world, "评单"), Browser(world)
    assert "您说的已经收到" not in resident.get(f"/r/{order.link}").text
    resident.post(f"/r/{order.link}{order.page}/completion", {"rating": "1"})
    page = resident.get(f"/r/{order.link}").text
    assert "您说的已经收到，我们接着办。正在派人。" in page
    assert "上次的办理结果" in page


def test_what_staff_alone_begin_nobody_follows(world: World) -> None:
    with db.transaction(world.engine) as session:
        folder = config.PROJECT / "processes" / "supervision"
        catalogue.publish_folder_package(session, package.read_folder(folder))
    given = {"place": "YY", "once": "a-token-of-its-own", "what": "清走旧家具", "grade": "key"}
    given |= {"duty": "community_clerk", "order_level": "township"}
    assert signed_in(world, "chengyuan").post("/cases/start/supervision", given).status_code == 303
    with Session(world.engine) as session:
        code = session.exec(select(Case.code)).one()
    answer = Browser(world).get(f"/follow/{code}")
    assert (answer.status_code, "没有这个编号" in answer.text, "督办" in answer.text) == (422, True, False)
