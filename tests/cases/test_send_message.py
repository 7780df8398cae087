"""Withdrawing and giving back: by those who may, while one may."""

import pytest

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of, kinds, open_tasks
from tests.fixtures import World
from tests.orders import advance, open_order


def test_the_resident_withdraws_by_the_link(world: World) -> None:
    order, resident = open_order(world, "接单"), Browser(world)
    assert "撤单" in resident.get(f"/r/{order.link}").text
    answer = resident.post(f"/r/{order.link}/messages/withdrawn", {"withdrawal_reason": "已经好了"})
    assert "已经收到" in resident.get(answer.headers["location"]).text
    case = case_of(world, order)
    assert (case.status, case.outcome, case.variables["withdrawal_reason"]) == ("closed", "order_withdrawn", "已经好了")
    assert open_tasks(world, order) == []
    assert resident.post(f"/r/{order.link}/messages/withdrawn").status_code == 409


def test_staff_withdraw_for_a_resident(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    wrong = clerk.post(f"/cases/{order.id}/withdrawal", {"withdrawal_reason": "没有这个原因"})
    assert wrong.status_code == 422
    assert "请从列表里选择" in wrong.text
    assert clerk.post(f"/cases/{order.id}/withdrawal").headers["location"] == f"/cases/{order.id}"
    assert case_of(world, order).status == "closed"
    assert clerk.post(f"/cases/{order.id}/withdrawal").status_code == 409


def test_not_after_somebody_is_on_site_nor_by_others(world: World) -> None:
    order = open_order(world, "接单")
    for login in ("lichs", "wudi"):
        assert signed_in(world, login).post(f"/cases/{order.id}/withdrawal").status_code == 404
        assert Api(world, world.token(login)).send("POST", f"/cases/{order.id}/withdrawal", {}).status_code == 404
    advance(world, order, "处置")
    answer = Api(world, order.link).send("POST", f"/cases/{order.id}/withdrawal", {})
    assert (answer.status_code, case_of(world, order).status) == (409, "open")
    assert "撤单" not in Browser(world).get(f"/r/{order.link}").text


def test_giving_back_leads_to_the_dispatcher(world: World) -> None:
    order, member = open_order(world, "到场"), signed_in(world, "lichs")
    missing = member.post(f"{order.page}/messages/given_back")
    assert missing.status_code == 422
    assert "请填写为什么退回" in missing.text
    assert member.post(f"{order.page}/messages/given_back", {"given_back_reason": "车坏了"}).status_code == 303
    variables = case_of(world, order).variables
    assert (variables["attempts"], variables["returned_because"]) == (1, "车坏了")
    assert [task.name for task in open_tasks(world, order)] == ["派单"]


@pytest.mark.parametrize("name", ["withdrawn", "original_closed", "no such", "%00"])
def test_only_the_messages_of_ones_own_buttons(world: World, name: str) -> None:
    order = open_order(world, "到场")
    assert signed_in(world, "lichs").post(f"{order.page}/messages/{name}").status_code == 409
    assert Browser(world).post(f"/r/{order.link}/messages/given_back").status_code == 409


def test_a_task_once_done_speaks_for_nobody(world: World) -> None:
    order, before = open_order(world, "到场"), signed_in(world, "lichs")
    old = order.page
    before.post(f"{old}/messages/given_back", {"given_back_reason": "车坏了"})
    order.task, order.task_name = str(open_tasks(world, order)[0].id), "派单"
    advance(world, order, "到场", member="zhouyu")
    assert before.post(f"{old}/messages/given_back", {"given_back_reason": "又一次"}).status_code == 409
    assert kinds(world, order).count("message_received") == 1
