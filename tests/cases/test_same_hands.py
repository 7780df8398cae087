"""A step like the one just done stays with the same post, as long as whoever acts is known to hold it still."""

import pytest
from sqlalchemy import text

from tests.callers import Api
from tests.cases.history import incidents, open_tasks
from tests.fixtures import World
from tests.orders import Order, advance, open_order
from tests.procedures.packages import flow, package, publish
from tests.statements import watched
from tongxin import db

TWICE = package(
    '<startEvent id="begin"/><userTask id="first" name="先" tx:form="work"/>'
    '<userTask id="second" name="后" tx:form="work"/><endEvent id="done"/>'
    + flow("begin", "first")
    + flow("first", "second")
    + flow("second", "done"),
    {"community_clerk": ["begin", "first", "second", "done"]},
    forms={"work": ["note"]},
)


def end_post(world: World, role: str) -> None:
    """Yesterday was the last day."""
    with db.transaction(world.engine) as session:
        session.execute(text("UPDATE post SET valid_to = current_date - 1 WHERE role = :role"), {"role": role})


@pytest.mark.parametrize("ended", [False, True])
def test_a_step_of_the_same_role(world: World, ended: bool) -> None:
    """Somebody took the first step; meanwhile their post, the only one, may have ended."""
    publish(world, TWICE)
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure="trial", unit="YY102", values={"what": "灯"})
    order = Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "先")
    clerk.post(f"/tasks/{order.task}/claim")
    if ended:
        end_post(world, "community_clerk")
    done = clerk.post(f"/tasks/{order.task}/completion", values={"note": "好"})
    assert bool(done["incident"]) is ended
    assert [task.name for task in open_tasks(world, order)] == ["先" if ended else "后"]
    assert ["community_clerk" in one.cause or "社区工作人员" in one.cause for one in incidents(world, order)] == [
        True
    ] * ended


@pytest.mark.parametrize("ended", [False, True])
def test_a_step_of_the_same_named_person(world: World, ended: bool) -> None:
    order = open_order(world, "接单")
    if ended:
        end_post(world, "party_member")
    done = Api(world, world.token("lichs")).post(f"/tasks/{order.task}/completion", values={"answer": "accept"})
    assert bool(done["incident"]) is ended
    assert [task.name for task in open_tasks(world, order)] == ["接单" if ended else "联系"]


def test_it_asks_nothing_more(world: World) -> None:
    advance(world, open_order(world), "评单")
    order, member = open_order(world, "接单"), Api(world, world.token("lichs"))
    with watched(world) as seen:
        member.post(f"/tasks/{order.task}/completion", values={"answer": "accept"})
    assert len(seen) == 2
