"""Opening a case: by a resident, by staff for one, and where one may not."""

import pytest
from sqlmodel import Session, col, func, select

from tests.callers import Api, Browser, signed_in
from tests.fixtures import Clock, World
from tests.orders import open_order
from tongxin.cases.models import Case, Task

REPORT = {"procedure": "orders", "place": "YY102", "what": "楼道灯坏了"}


def only_case(world: World) -> Case:
    with Session(world.engine) as session:
        return session.exec(select(Case)).one()


def test_a_resident_reports_from_the_plate(world: World, still: Clock) -> None:
    resident = Browser(world)
    plate = resident.get("/q/YY102")
    assert "怡园小区2号楼" in resident.get(plate.headers["location"]).text
    answer = resident.post("/report", REPORT)
    assert answer.status_code == 303
    done, case = resident.get(answer.headers["location"]), only_case(world)
    assert case.code in done.text
    assert case.code.startswith("DD-YY-260305-")
    assert (case.title, case.opened_by) == ("楼道灯坏了", None)


def test_staff_open_one_for_a_resident_and_see_the_case(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    assert "居民点单" in clerk.get("/cases/start").text
    answer = clerk.post("/cases/start/orders", {**REPORT, "source": "电话代录", "phone": "13912345678"})
    page = clerk.get(answer.headers["location"])
    assert page.status_code == 200
    assert "楼道灯坏了" in page.text
    assert str(only_case(world).opened_by) == world.account_id("zhanglan")


def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World) -> None:
    resident = Browser(world)
    answer = resident.post("/report", {"procedure": "orders", "what": "灯", "door": "2 单元 301"})
    assert answer.status_code == 422
    assert "请选择在哪里" in answer.text
    assert "2 单元 301" in answer.text
    answer = resident.post("/report", {"procedure": "orders", "place": "YY102", "phone": "12", "door": "2 单元 301"})
    assert answer.status_code == 422
    for said in ("请填写什么事", "电话应为", "2 单元 301"):
        assert said in answer.text
    with Session(world.engine) as session:
        assert session.exec(select(func.count()).select_from(Case)).one() == 0


@pytest.mark.parametrize("unit", ["NY101", "BH", "", "nowhere", "\0", "\ud800", "怡园"])
def test_a_place_that_is_not_ones_own_is_refused(world: World, unit: str) -> None:
    clerk = Api(world, world.token("zhanglan"))
    answer = clerk.send("POST", "/cases", {"procedure": "orders", "unit": unit, "values": {"what": "灯"}})
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_who_has_no_post_for_it_finds_no_procedure(world: World) -> None:
    member = signed_in(world, "lichs")
    assert member.get("/cases/start/orders").status_code == 404
    assert member.post("/cases/start/orders", REPORT).status_code == 404
    assert Browser(world).get("/cases/start").headers["location"] == "/sign-in?next=/cases/start"


def test_the_first_task_goes_to_the_community_with_its_limit(world: World, still: Clock) -> None:
    order = open_order(world)
    with Session(world.engine) as session:
        task = session.exec(select(Task).where(col(Task.id) == int(order.task))).one()
    assert task.due_at is not None
    assert (task.role, task.assignee_id, (task.due_at - still.at).total_seconds()) == ("community_clerk", None, 1800)
