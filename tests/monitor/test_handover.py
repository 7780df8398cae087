"""Handing a task over: to another holder of its role, or back to the pool; with a reason, an event and a notice."""

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from tests.callers import Api, signed_in
from tests.cases.history import case_of, events, kinds, open_tasks
from tests.fixtures import World
from tests.monitor.stuck import end_posts, give_post
from tests.orders import Order, open_order
from tongxin import db
from tongxin import events as chain
from tongxin.cases.models import Notice
from tongxin.people.models import Account


def page_of(order: Order) -> str:
    return f"/monitor/tasks/{order.task}/handover"


def test_a_task_of_somebody_who_has_left_goes_to_another_member(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    assert order.code not in admin.get("/monitor/handovers").text
    end_posts(world, "lichs")
    listed = admin.get("/monitor/handovers").text
    assert order.code in listed and "李春生" in listed
    page = admin.get(page_of(order)).text
    assert "周雨（怡园社区第二网格）" in page
    assert "李春生（" not in page
    assert "放回去让同岗位的人领" not in page  # it was given by name
    fields = {"to": world.account_id("zhouyu"), "reason": "李春生已调走"}
    assert admin.post(page_of(order), fields).headers["location"] == f"/cases/{order.id}"
    (task,) = open_tasks(world, order)
    assert str(task.assignee_id) == world.account_id("zhouyu")
    assert kinds(world, order)[-1] == "task_handed_over"
    told = admin.get(f"/cases/{order.id}").text
    assert "把“接单”移交给周雨" in told and "李春生已调走" in told
    receiver = signed_in(world, "zhouyu")
    assert "移交给您：接单" in receiver.get("/notices").text
    assert order.code not in admin.get("/monitor/handovers").text
    assert chain.first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_the_steps_that_follow_come_to_the_new_person_too(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    end_posts(world, "lichs")
    admin.post(page_of(order), {"to": world.account_id("zhouyu"), "reason": "调走"})
    assert case_of(world, order).variables["member"] == world.account_id("zhouyu")
    assert case_of(world, order).ledger["派给"] == world.account_id("zhouyu")
    member = Api(world, world.token("zhouyu"))
    (contact,) = member.post(f"/tasks/{order.task}/completion", values={"answer": "accept"})["tasks"]
    assert contact["name"] == "联系"
    assert str(open_tasks(world, order)[0].assignee_id) == world.account_id("zhouyu")


def test_a_claimed_task_goes_back_to_the_pool(world: World) -> None:
    order, admin = open_order(world), signed_in(world, "admin")
    signed_in(world, "zhanglan").post(f"{order.page}/claim")
    give_post(world, "zhouyu", "community_clerk", "YY")
    with db.transaction(world.engine) as session:  # the account is closed: its claims stay
        session.execute(update(Account).where(col(Account.login) == "zhanglan").values(active=False))
    assert order.code in admin.get("/monitor/handovers").text
    assert "不指定，放回去让同岗位的人领" in admin.get(page_of(order)).text
    assert admin.post(page_of(order), {"to": "pool", "reason": "离职"}).status_code == 303
    (task,) = open_tasks(world, order)
    assert task.assignee_id is None
    assert signed_in(world, "zhouyu").post(f"{order.page}/claim").status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "", "reason": "x"}, "请选择移交给谁"),
        ({"to": "zhouyu", "reason": " "}, "请写明为什么移交"),
        ({"to": "qianwei", "reason": "x"}, "没有这个岗位"),  # holds another role
        ({"to": "zhengjie", "reason": "x"}, "没有这个岗位"),  # holds it in another community
        ({"to": "pool", "reason": "x"}, "没有这个岗位"),  # was given by name
        ({"to": "9" * 30, "reason": "x"}, "请选择移交给谁"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World, fields: dict[str, str], said: str) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    given = {
        **fields,
        "to": world.account_id(fields["to"]) if fields["to"].isalpha() and fields["to"] != "pool" else fields["to"],
    }
    answer = admin.post(page_of(order), given)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert fields["reason"].strip() in answer.text
    assert str(open_tasks(world, order)[0].assignee_id) == world.account_id("lichs")
    with Session(world.engine) as session:
        assert not [one for one in session.exec(select(Notice)) if "移交" in one.text]


@pytest.mark.parametrize("login", ["zhanglan", "zhaoqm", "lichs"])
def test_a_stranger_cannot(world: World, login: str) -> None:
    order, stranger = open_order(world, "接单"), signed_in(world, login)
    assert stranger.get(page_of(order)).status_code == 404
    assert stranger.get("/monitor/handovers").status_code == 404
    assert stranger.post(page_of(order), {"to": world.account_id("zhouyu"), "reason": "x"}).status_code == 404


def test_an_administrator_of_another_community_cannot(world: World) -> None:
    order = open_order(world, "接单")
    give_post(world, "wudi", "administrator", "NY")
    other = signed_in(world, "wudi")
    assert other.get(page_of(order)).status_code == 404
    assert other.post(page_of(order), {"to": world.account_id("zhouyu"), "reason": "x"}).status_code == 404


def test_a_task_that_is_done_or_a_residents_cannot_be_handed_over(world: World) -> None:
    order, admin = open_order(world, "接单"), signed_in(world, "admin")
    Api(world, world.token("lichs")).post(f"/tasks/{order.task}/completion", values={"answer": "accept"})
    assert admin.get(page_of(order)).headers["location"] == f"/cases/{order.id}"
    assert admin.post(page_of(order), {"to": world.account_id("zhouyu"), "reason": "x"}).status_code == 409
    rating = open_order(world, "评单")
    assert admin.post(page_of(rating), {"to": world.account_id("zhouyu"), "reason": "x"}).status_code == 409
