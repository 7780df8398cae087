"""A step the procedure cannot take: the case stays, somebody is told, and after mending the same step works."""

from datetime import timedelta

import structlog
from sqlmodel import Session, col, select

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of, incidents, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.orders import Order
from tests.procedures.packages import FRAGILE, flow, publish
from tongxin import clock, db
from tongxin.cases.models import Case, Timer
from tongxin.people import accounts, directory
from tongxin.people.models import Account
from tongxin.procedures.models import Setting
from tongxin.worker import timers


def open_fragile(world: World) -> Order:
    publish(world, FRAGILE)
    clerk = Api(world, world.token("zhanglan"))
    case = clerk.post("/cases", procedure="trial", unit="YY102", values={"what": "试一试"})
    return Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "办理")


def set_way(world: World, way: str = "inspect") -> None:
    with db.transaction(world.engine) as session:
        city = directory.unit_by_code(session, "YZ")
        row = Setting(procedure="trial", parameter="way", unit_id=city.id, value=way, valid_from=clock.now())
        session.add(row)


def give_post(world: World, login: str, role: str, unit: str) -> None:
    with db.transaction(world.engine) as session:
        account = session.exec(select(Account).where(col(Account.login) == login)).one()
        accounts.give_post(session, account, directory.unit_by_code(session, unit), role, clock.now().date())


def test_the_page_says_so_keeps_what_was_typed_and_the_step_works_after_mending(world: World, still: Clock) -> None:
    order, clerk = open_fragile(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    clerk.post(f"{order.page}/draft", {"note": "写了一半"})
    before = case_of(world, order)
    answer = clerk.post(f"{order.page}/completion", {"note": "写完了"})
    assert answer.status_code == 422
    for said in ("没有办成", "没有一个条件成立", "写完了"):
        assert said in answer.text
    after = case_of(world, order)
    assert (after.state, after.variables, after.status) == (before.state, before.variables, "open")
    assert kinds(world, order) == ["opened", "task_claimed", "incident"]
    assert "写了一半" in clerk.get(order.page).text
    assert "停在原处" in clerk.get(f"/cases/{order.id}").text
    set_way(world)
    give_post(world, "admin", "inspector", "YZ")
    assert clerk.post(f"{order.page}/completion", {"note": "写完了"}).status_code == 303
    assert [task.name for task in open_tasks(world, order)] == ["查看"]
    assert not incidents(world, order, unresolved=True)
    assert "停在原处" not in clerk.get(f"/cases/{order.id}").text


def test_nobody_holds_the_role(world: World) -> None:
    order, clerk = open_fragile(world), Api(world, world.token("zhanglan"))
    set_way(world)
    answer = clerk.post(f"{order.page}/completion", values={"note": "好"})
    assert "inspector" in answer["incident"]
    assert answer["tasks"] == []
    (incident,) = incidents(world, order)
    assert (incident.task_id, incident.input) == (int(order.task), {"note": "好"})
    assert [str(task.id) for task in open_tasks(world, order)] == [order.task]
    give_post(world, "admin", "inspector", "YZ")
    assert clerk.post(f"{order.page}/completion", values={"note": "好"})["tasks"][0]["name"] == "查看"


def test_a_timer_that_fails_is_held_until_the_step_goes_another_way(world: World, still: Clock) -> None:
    order = open_fragile(world)
    still.move(timedelta(hours=2))
    assert timers.sweep(lambda: db.transaction(world.engine)) == 1
    assert timers.sweep(lambda: db.transaction(world.engine)) == 0
    assert kinds(world, order) == ["opened", "incident"]
    with Session(world.engine) as session:
        assert session.exec(select(Timer.held)).one() is True
    set_way(world)
    give_post(world, "admin", "inspector", "YZ")
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": "好"})
    with Session(world.engine) as session:
        assert session.exec(select(Timer)).all() == []


def test_the_cause_is_kept_in_one_language_and_told_in_the_readers(world: World) -> None:
    """Else two readers who try again would make two incidents of one cause."""
    order, clerk = open_fragile(world), Api(world, world.token("zhanglan"))
    answers = [
        clerk.send("POST", f"{order.page}/completion", {"values": {"note": "好"}}, Accept_Language=language).json()
        for language in ("en", "zh")
    ]
    assert "no condition is met, and there is no default flow" in answers[0]["incident"]
    assert "没有一个条件成立，也没有默认线" in answers[1]["incident"]
    (incident,) = incidents(world, order)
    assert "没有一个条件成立，也没有默认线" in incident.cause
    reader = signed_in(world, "zhanglan")
    page = reader.get(f"/cases/{order.id}", {"Cookie": f"{reader.cookie}; language=en"}).text
    assert page.count("no condition is met, and there is no default flow") == 2  # on top, and in the history


def test_a_case_that_cannot_begin_is_not_opened(world: World) -> None:
    broken = dict(FRAGILE)
    to_way, back = flow("begin", "way"), flow("way", "work", "parameters.way = &quot;back&quot;")
    broken["process.bpmn"] = FRAGILE["process.bpmn"].replace(flow("begin", "work"), to_way + back)
    publish(world, broken)
    body = {"procedure": "trial", "unit": "YY102", "values": {"what": "试一试"}}
    answer = Api(world, world.token("zhanglan")).send("POST", "/cases", body)
    assert (answer.status_code, answer.json()["title"]) == (409, "没有办成")
    with structlog.testing.capture_logs() as logged:
        page = Browser(world).post("/report", {"procedure": "trial", "place": "YY102", "what": "试一试"})
    assert page.status_code == 409
    assert "网上暂时收不下，请打社区电话；您填的内容还在" in page.text
    assert "试一试" in page.text
    assert [(one["event"], one["log_level"]) for one in logged] == [("case_not_opened", "error")]
    assert "没有一个条件成立" in logged[0]["cause"]
    page = signed_in(world, "zhanglan").post("/cases/start/trial", {"place": "YY102", "what": "试一试"})
    assert page.status_code == 409
    assert "没有一个条件成立" in page.text
    assert "试一试" in page.text
    with Session(world.engine) as session:
        assert session.exec(select(Case)).all() == []
