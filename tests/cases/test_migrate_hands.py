"""Who gets an open task when its role or its named person is another in the version a case goes over to."""

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from tests.callers import signed_in
from tests.cases.by_hand import do, migrate
from tests.cases.history import kinds, open_tasks
from tests.fixtures import World
from tests.monitor.stuck import end_posts, give_post
from tests.orders import open_order
from tests.procedures.packages import orders, publish
from tongxin.cases import by_hand
from tongxin.cases.held import Held
from tongxin.cases.models import Notice


def test_a_step_of_another_role_goes_to_those_who_hold_it(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    changed = orders()
    ref = "<bpmn:flowNodeRef>check</bpmn:flowNodeRef>"
    drawn = changed["process.bpmn"].replace(ref, "", 1)
    lane = "<bpmn:flowNodeRef>dispatch</bpmn:flowNodeRef>"
    publish(world, {**changed, "process.bpmn": drawn.replace(lane, ref + lane, 1)})
    shown = signed_in(world, "admin").get(f"/monitor/cases/{order.id}/version").text
    assert "怡园社区的党支部派单人可以领取" in shown
    migrate(world, order, 2)
    (task,) = open_tasks(world, order)
    assert (str(task.id), task.role, task.assignee_id) == (order.task, "dispatcher", None)
    assert clerk.get(order.page).status_code == 404
    assert order.page in signed_in(world, "zhaoqm").get("/tasks?scope=open").text


def test_a_step_given_to_another_person_tells_them(world: World) -> None:
    order = open_order(world, "接单")
    do(world, order, lambda session, one, by: _set(session, one, "helper", world.account_id("zhouyu")))
    changed = orders()
    was = 'id="accept" name="接单" tx:form="accept" tx:assignee="member"'
    assert was in changed["process.bpmn"]
    publish(world, {**changed, "process.bpmn": changed["process.bpmn"].replace(was, was.replace("member", "helper"))})
    migrate(world, order, 2)
    (task,) = open_tasks(world, order)
    assert str(task.assignee_id) == world.account_id("zhouyu")
    with Session(world.engine) as session:
        (notice,) = [one for one in session.exec(select(Notice)) if one.account_id == task.assignee_id]
        assert notice.text.startswith("现在由您办：接单")
    assert open_tasks(world, order)[0].due_at is not None


def _set(session: Session, one: Held, name: str, value: str) -> None:
    variables = {**one.case.variables, name: value}
    session.execute(update(type(one.case)).where(col(type(one.case).id) == one.case.id).values(variables=variables))


def test_nobody_holds_the_new_role_and_nothing_changes(world: World) -> None:
    order = open_order(world)
    changed = orders()
    ref, lane = "<bpmn:flowNodeRef>check</bpmn:flowNodeRef>", "<bpmn:flowNodeRef>dispatch</bpmn:flowNodeRef>"
    drawn = changed["process.bpmn"].replace(ref, "", 1).replace(lane, ref + lane, 1)
    publish(world, {**changed, "process.bpmn": drawn})
    end_posts(world, "zhaoqm")
    shown = signed_in(world, "admin").get(f"/monitor/cases/{order.id}/version").text
    assert "没有人可以办" in shown
    assert "这样还换不过去" in shown
    with pytest.raises(by_hand.Refused, match="没有人可以办"):
        migrate(world, order, 2)
    assert open_tasks(world, order)[0].role == "community_clerk"
    assert kinds(world, order) == ["opened"]
    give_post(world, "zhaoqm", "dispatcher", "YY")
    migrate(world, order, 2)
