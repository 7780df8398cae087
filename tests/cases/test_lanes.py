"""Who does a step and what it is called depends on the case: a lane's role and level, and a step's title, by FEEL."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.callers import Api, signed_in
from tests.cases.by_hand import do, migrate
from tests.cases.history import events, incidents, open_tasks
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import flow, package, publish
from tests.statements import watched
from tongxin import db
from tongxin.cases import handover
from tongxin.cases.models import Case, Task
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package

ROLE = "= if several > 3 then &quot;subdistrict_officer&quot; else &quot;community_clerk&quot;"
LEVEL = "= if several > 3 then &quot;township&quot; else &quot;community&quot;"
_STEPS = ("first", "second")


def by_condition(
    role: str = ROLE, level: str = LEVEL, title: str = "&quot;核实：&quot; + what", second: str = "后"
) -> Package:
    """Two steps in one lane whose role and level are worked out."""
    body = (
        f'<startEvent id="begin"/><userTask id="first" name="先" tx:form="work" tx:title="{title}"/>'
        f'<userTask id="second" name="{second}" tx:form="work"/><endEvent id="done"/>'
        + "".join(flow(*ends) for ends in [("begin", "first"), ("first", "second"), ("second", "done")])
    ).replace(" > ", " &gt; ")
    made = dict(package(body, {"somebody": list(_STEPS)}, forms={"work": ["note"]}))
    was = 'tx:role="somebody" tx:level="community"'
    assert was in made["process.bpmn"]
    made["process.bpmn"] = made["process.bpmn"].replace(was, f'tx:role="{role}" tx:level="{level}"')
    form = json.loads(made["forms/start.json"])
    form["properties"]["several"] = {"$ref": "../data.json#/properties/several"}
    return {**made, "forms/start.json": json.dumps(form)}


def opened(world: World, several: int) -> Order:
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure="trial", unit="YY102", values={"what": "灯坏了", "several": several})
    (task,) = open_tasks(world, Order(case["id"], case["code"], case["link"], "", ""))
    return Order(case["id"], case["code"], case["link"], str(task.id), task.name)


def test_all_possible_roles_may_see_the_procedure() -> None:
    assert compile_package(by_condition()).working_roles == {"subdistrict_officer", "community_clerk"}


@pytest.mark.parametrize(
    ("several", "role", "may", "may_not"),
    [(1, "community_clerk", "zhanglan", "zhouyu"), (9, "subdistrict_officer", "qianwei", "zhaoqm")],
)
def test_the_case_decides_who_does_it(world: World, several: int, role: str, may: str, may_not: str) -> None:
    publish(world, by_condition())
    order = opened(world, several)
    (task,) = open_tasks(world, order)
    assert (task.role, task.name) == (role, "核实：灯坏了")
    other = Api(world, world.token(may_not))
    assert other.send("POST", f"/tasks/{order.task}/claim").status_code == 404
    assert "核实：灯坏了" in signed_in(world, may).get("/tasks?scope=open").text
    Api(world, world.token(may)).post(f"/tasks/{order.task}/completion", values={"note": "好"})
    (second,) = open_tasks(world, order)
    assert (second.name, second.role, second.unit_id) == ("后", role, task.unit_id)
    (done,) = [one for one in events(world, order) if one.kind == "task_completed"]
    assert "核实：灯坏了" in json.dumps(done.details, ensure_ascii=False)


def test_who_has_the_case_in_hand_keeps_it(world: World) -> None:
    """A step of the role and level that were worked out for the one before asks nobody anew."""
    publish(world, by_condition())
    order, clerk = opened(world, 1), Api(world, world.token("zhanglan"))
    clerk.post(f"/tasks/{order.task}/claim")
    with watched(world) as seen:
        clerk.post(f"/tasks/{order.task}/completion", values={"note": "好"})
    assert [task.role for task in open_tasks(world, order)] == ["community_clerk"]
    assert not [one for one in seen.texts if "answering_unit" in one]


def test_the_pool_is_that_of_the_level_of_then(world: World) -> None:
    publish(world, by_condition())
    order, officer = opened(world, 9), Api(world, world.token("qianwei"))
    officer.post(f"/tasks/{order.task}/claim")
    (before,) = open_tasks(world, order)
    with db.transaction(world.engine) as session:
        session.execute(update(Case).where(col(Case.id) == int(order.id)).values(variables={"several": 1}))
    do(
        world,
        order,
        lambda session, held, by: handover.hand_over(
            session, replace(held, task=session.get_one(Task, before.id)), None, "下班", by
        ),
    )
    (after,) = open_tasks(world, order)
    assert (after.unit_id, after.assignee_id) == (before.unit_id, None)


def test_a_level_that_no_unit_has_is_an_incident(world: World) -> None:
    publish(world, by_condition(level="= if note = null then &quot;community&quot; else note"))
    order = opened(world, 1)
    done = Api(world, world.token("zhanglan")).post(f"/tasks/{order.task}/completion", values={"note": "没有这一级"})
    assert done["incident"]
    (stuck,) = incidents(world, order)
    assert "没有“没有这一级”这个层级" in stuck.cause
    assert [task.name for task in open_tasks(world, order)] == ["核实：灯坏了"]


def test_a_version_with_another_lane_asks_who_does_it_now(world: World) -> None:
    publish(world, by_condition())
    order = opened(world, 9)
    publish(world, by_condition(second="再"))
    migrate(world, order, 2, key="trial")
    assert [task.role for task in open_tasks(world, order)] == ["subdistrict_officer"]
    publish(world, by_condition(role="community_clerk", level="community"))
    migrate(world, order, 3, key="trial")
    assert [task.role for task in open_tasks(world, order)] == ["community_clerk"]


@pytest.mark.parametrize(
    ("change", "element", "word"),
    [
        ({"role": "=what"}, "lane_somebody", "看不出会是哪些角色"),
        ({"role": "= if severl > 3 then &quot;a&quot; else &quot;b&quot;"}, "lane_somebody", "severl"),
        ({"level": "= if several > 3 then &quot;county&quot; else &quot;towns&quot;"}, "lane_somebody", "towns"),
        ({"level": "towns"}, "lane_somebody", "towns"),
        ({"title": "whit"}, "first", "whit"),
    ],
)
def test_what_is_refused(change: dict[str, str], element: str, word: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_package(by_condition(**change))
    (wrong,) = [one for one in refused.value.findings if one.severity == "error"]
    assert wrong.element == element
    assert word in wrong.message


def test_a_title_does_not_tell_what_is_masked() -> None:
    made = by_condition()
    data = json.loads(made["data.json"])
    data["properties"]["what"]["x-sensitive"] = "contact"
    with pytest.raises(Refused, match="要遮盖的“what”"):
        compile_package({**made, "data.json": json.dumps(data)})
