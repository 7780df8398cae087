"""The operator's commands about units, posts, passwords, areas' own limits, and the genuineness of histories."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from tests.callers import Browser
from tests.cases.history import incidents, kinds, open_tasks
from tests.cases.test_deviations import minutes_to_accept
from tests.commands import Command
from tests.fixtures import Clock, World
from tests.orders import open_order
from tests.procedures.packages import FRAGILE, publish
from tongxin import db, demo
from tongxin.procedures.models import Setting
from tongxin.worker import timers


def signed_in(world: World, login: str, password: str = demo.PASSWORD) -> Browser:
    browser = Browser(world)
    browser.sign_in(login, password)
    return browser


def test_a_unit_is_added_and_given_people(world: World, tongxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    url = world.database.app_url
    status, said = tongxin(url, "unit", "add", "XY", "新苑社区", "community", "--under", "BH")
    assert (status, said) == (0, "已加新苑社区（XY）。\n")
    monkeypatch.setenv("TONGXIN_PASSWORD", "long enough")
    assert tongxin(url, "account", "add", "chen", "--name", "陈", "--post", "community_clerk@XY")[0] == 0
    assert signed_in(world, "chen", "long enough").get("/tasks").status_code == 200


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("unit", "add", "X-1", "某处", "grid", "--under", "YY"), "字母和数字"),
        (("unit", "add", "X1", "某处", "planet", "--under", "YY"), "层级"),
        (("unit", "add", "X1", "某处", "grid", "--under", "nowhere"), "没有这个地点或单位"),
        (("setting", "orders", "nothing", "PT5M", "--unit", "YY"), "没有“nothing”这个参数"),
        (("setting", "nothing", "accept", "PT5M", "--unit", "YY"), "没有这个流程"),
        (("setting", "orders", "accept", "5 minutes", "--unit", "YY"), "PT15M"),
        (("setting", "--unit", "YY", "--", "orders", "accept", "-PT5M"), "PT15M"),
        (("setting", "orders", "accept", "5", "--unit", "YY"), "PT15M"),
        (("setting", "orders", "opens", "8:00", "--unit", "YY"), "08:00"),
        (("setting", "orders", "opens", "24:00", "--unit", "YY"), "08:00"),
        (("setting", "orders", "max_reworks", "two", "--unit", "YY"), "整数"),
        (("setting", "orders", "max_reworks", "1.5", "--unit", "YY"), "整数"),
        (("setting", "orders", "max_reworks", "PT5M", "--unit", "YY"), "整数"),
        (("account", "post", "lichs", "party_menber@YY"), "party_member  党员"),
        (("account", "post", "lichs", "reporter@YY"), "岗位@单位代码"),
        (("account", "post", "lichs", "party_member"), "岗位@单位代码"),
        (("account", "add", "x", "--name", "甲", "--post", "clerk@YY"), "community_clerk  社区工作人员"),
        (("account", "password", "nobody"), "没有“nobody”这个账号"),
        (("account", "post", "lichs", "dispatcher@YY", "--end"), "没有“dispatcher”这个岗位"),
        (("verify", "DD-YY-1"), "没有编号是"),
    ],
)
def test_mistakes_are_told(
    world: World, tongxin: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv("TONGXIN_PASSWORD", "long enough")
    status, said = tongxin(world.database.app_url, *words)
    assert status == 1
    assert told in said


def test_an_area_sets_its_own_limit(world: World, still: Clock, tongxin: Command) -> None:
    status, said = tongxin(world.database.app_url, "setting", "orders", "accept_urgent", "PT5M", "--unit", "YY")
    assert (status, "接单时限：紧急单" in said) == (0, True), said
    assert minutes_to_accept(world, still) == 5


@pytest.mark.parametrize(("parameter", "value"), [("opens", "07:30"), ("max_reworks", "1"), ("accept", "P1DT2H")])
def test_a_value_of_each_kind_is_taken(world: World, tongxin: Command, parameter: str, value: str) -> None:
    assert tongxin(world.database.app_url, "setting", "orders", parameter, value, "--unit", "YY")[0] == 0
    with Session(world.engine) as session:
        kept = session.exec(select(Setting.value)).one()
    assert kept == (1 if value == "1" else value)


def test_a_role_of_a_published_procedure_is_known(world: World, tongxin: Command) -> None:
    words = ("account", "post", "lichs", "inspector@YY")
    assert tongxin(world.database.app_url, *words)[0] == 1
    publish(world, FRAGILE)
    assert tongxin(world.database.app_url, *words)[0] == 0


def test_a_post_of_a_forgotten_role_can_still_end(world: World, tongxin: Command) -> None:
    with db.transaction(world.engine) as session:
        session.execute(text("UPDATE post SET role = 'old_role' WHERE role = 'dispatcher'"))
    assert tongxin(world.database.app_url, "account", "post", "zhaoqm", "old_role@YY", "--end")[0] == 0


def test_a_reset_password_signs_out_everywhere(world: World, tongxin: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(world, "lichs")
    monkeypatch.setenv("TONGXIN_PASSWORD", "a new password")
    assert tongxin(world.database.app_url, "account", "password", "lichs")[0] == 0
    assert browser.get("/tasks").status_code == 303
    assert signed_in(world, "lichs", "a new password").get("/tasks").status_code == 200


def test_a_post_ends(world: World, tongxin: Command) -> None:
    assert tongxin(world.database.app_url, "account", "post", "lichs", "party_member@YY1", "--end")[0] == 0
    status, said = tongxin(world.database.app_url, "account", "post", "lichs", "party_member@YY1", "--end")
    assert status == 1, said


def test_a_changed_history_is_found(world: World, tongxin: Command) -> None:
    order = open_order(world, "派单")
    assert tongxin(world.database.app_url, "verify", order.code) == (0, "查了 1 件，经过都完整。\n")
    owner = db.connect(world.database.owner_url, pool_size=1)
    with db.transaction(owner) as session:
        session.connection().execute(text("UPDATE event SET kind = 'claimed' WHERE seq = 2"))
    owner.dispose()
    status, said = tongxin(world.database.app_url, "verify")
    assert (status, "第 2 条" in said) == (1, True)


def test_what_somebody_claimed_for_a_post_goes_back_when_it_ends(world: World, tongxin: Command) -> None:
    order = open_order(world)
    signed_in(world, "zhanglan").post(f"{order.page}/claim")
    assert tongxin(world.database.app_url, "account", "post", "zhanglan", "community_clerk@YY", "--end")[0] == 0
    assert [(task.assignee_id, task.status) for task in open_tasks(world, order)] == [(None, "open")]
    assert kinds(world, order)[-1] == "task_released"


def test_a_held_timer_tries_again(world: World, still: Clock, tongxin: Command) -> None:
    order = open_order(world, "接单")
    give = ("account", "post", "zhaoqm", "dispatcher@YY")
    assert tongxin(world.database.app_url, *give, "--end")[0] == 0
    still.move(timedelta(days=1))  # the post ended yesterday: the late order can go to nobody
    timers.sweep(partial(db.transaction, world.engine))
    assert kinds(world, order)[-1] == "incident"
    status, said = tongxin(world.database.app_url, "retry", order.code)
    assert (status, "1 个计时" in said) == (0, True)
    timers.sweep(partial(db.transaction, world.engine))  # still nobody: no second incident for the same cause
    assert kinds(world, order).count("incident") == 1
    assert tongxin(world.database.app_url, *give)[0] == 0
    assert tongxin(world.database.app_url, "retry", order.code)[0] == 0
    timers.sweep(partial(db.transaction, world.engine))
    assert [task.name for task in open_tasks(world, order)] == ["派单"]
    assert incidents(world, order, unresolved=True) == []
    assert tongxin(world.database.app_url, "retry", order.code)[0] == 1


def test_a_code_that_is_taken_is_told(world: World, tongxin: Command) -> None:
    status, said = tongxin(world.database.app_url, "unit", "add", "YY", "又一个", "community", "--under", "BH")
    assert (status, "已被使用" in said) == (1, True)


def test_a_telephone_for_the_plates(world: World, tongxin: Command) -> None:
    url = world.database.app_url
    assert tongxin(url, "phone", "YY", "010-1234 5678") == (0, "怡园社区的电话：010-1234 5678\n")
    for unfit in ("call me", "1" * 40, "12"):
        status, said = tongxin(url, "phone", "YY", unfit)
        assert (status, "不像电话号码" in said) == (1, True)
    assert tongxin(url, "phone", "NOWHERE", "110")[0] == 1
    assert tongxin(url, "phone", "YY", "-") == (0, "怡园社区的电话：没有\n")
