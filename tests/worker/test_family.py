"""Cases that start one another, list those that wait, send to one, and hear of one another's end."""

from collections.abc import Iterator
from functools import partial
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tests.callers import signed_in
from tests.fixtures import Clock, World
from tests.statements import watched
from tests.worker.test_between_cases import (
    END,
    START,
    WORK,
    case_of,
    cases_of,
    complete,
    kinds,
    line,
    open_case,
    package,
    publish,
)
from tongxin import clock, config, db
from tongxin.cases import held, lifecycle, save
from tongxin.cases.models import Case, CaseLink, Incident, Notice, Task
from tongxin.events import REPORTER, SYSTEM, Happening
from tongxin.people import directory
from tongxin.procedures.definition import Refused, compile_package
from tongxin.worker.tasks import Tasks

DATA = """{"type": "object", "properties": {
  "what": {"type": "string", "title": "什么事", "maxLength": 50},
  "got": {"type": "string", "title": "收到", "maxLength": 50},
  "waiting": {"type": "array", "title": "等着的", "items": {"type": "object"}},
  "child": {"type": "object", "title": "派生的"},
  "ended": {"type": "object", "title": "那一件的结果"}}}"""
MESSAGES = (
    '<message id="over" name="platform.case_ended" tx:key="child.case" tx:payload="ended"/>'
    '<message id="take" name="taken_up" tx:key="what"/><message id="gone" name="gone" tx:payload="ended"/><process '
)


def service(node: str, action: str, output: str = "", **inputs: str) -> str:
    given = "".join(f"<tx:input name='{name}' value='{value}'/>" for name, value in inputs.items())
    kept = f'<tx:output name="{output}" value="result"/>' if output else ""
    return (
        f'<serviceTask id="{node}" tx:do="platform.{action}"><extensionElements>{given}{kept}</extensionElements>'
        "</serviceTask>"
    )


def relative(key: str, *nodes: str, returns: str = "") -> dict[str, str]:
    made = dict(package(key, line(*nodes)))
    drawn = made["process.bpmn"].replace("<process ", MESSAGES, 1)
    head = made["procedure.toml"].replace("[start]", f"{returns}\n[start]")
    return {**made, "procedure.toml": head, "data.json": DATA, "process.bpmn": drawn}


NOW = clock.now()
BEGIN = service("begin", "start_case", "child", procedure='"helps"', what='what + "的事"')
AWAIT = '<receiveTask id="await" messageRef="over"/>'
HELPS = relative("helps", START, WORK, END, returns='returns = ["got"]')
ASKS = relative("asks", START, BEGIN, AWAIT, END)
TAKEN = '<receiveTask id="taken" messageRef="take"/>'


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[None]:
    yield


def settle(world: World) -> None:
    """Every job done once, then all of them again, as by workers that lost count."""
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    names = ("call_connector", "pass_on", "deliver_message", "open_case", "tell_end", "catch_up_end")
    done: dict[int, Any] = {}
    for again in (False, True):
        while waiting := [row for row in _jobs(world) if row[1] in names and row[0] not in done]:
            for number, name, args in waiting:
                done[number] = name, args
                _run(tasks, name, args)
        for name, args in [] if again else list(done.values()):
            _run(tasks, name, args)


def _run(tasks: Tasks, name: str, args: dict[str, Any]) -> None:
    if name == "call_connector":
        context: Any = SimpleNamespace(job=SimpleNamespace(attempts=0))
        tasks.call_connector(context, **args)
    else:
        getattr(tasks, name)(**args)


def _jobs(world: World) -> list[Any]:
    with Session(world.engine) as session:
        rows = session.connection().execute(text("SELECT id, task_name, args FROM procrastinate_jobs ORDER BY id"))
        return list(rows)


def test_a_case_starts_another_and_goes_on_when_that_ends(world: World) -> None:
    publish(world, HELPS, ASKS)
    asker = open_case(world, "asks", "漏水")
    told = case_of(world, asker).variables["child"]
    settle(world)
    (helper,) = cases_of(world, "helps")
    assert told == {"case": str(helper.id), "code": helper.code}
    assert (helper.variables["what"], helper.title, helper.unit_id) == (
        "漏水的事", "漏水的事", case_of(world, asker).unit_id
    )  # fmt: skip
    with Session(world.engine) as session:
        assert session.get(CaseLink, (helper.id, asker, "child")) is not None
    assert case_of(world, asker).status == "open"
    complete(world, helper.id, {"got": "修好了"})
    settle(world)
    done = case_of(world, asker)
    assert (done.status, done.variables["ended"]) == (
        "closed",
        {
            "case": str(helper.id),
            "code": helper.code,
            "status": "closed",
            "outcome": "e",
            "outcome_name": "e",
            "got": "修好了",
        },
    )
    assert kinds(world, asker) == ["opened", "case_started", "message_received", "closed"]


def test_an_end_that_came_before_anybody_waited_is_heard_of(world: World) -> None:
    publish(world, HELPS, relative("asks", START, BEGIN, WORK, AWAIT, END))
    asker = open_case(world, "asks")
    settle(world)
    (helper,) = cases_of(world, "helps")
    complete(world, helper.id, {})
    settle(world)
    complete(world, asker, {})
    settle(world)
    assert case_of(world, asker).status == "closed"


def test_whoever_begins_to_wait_while_the_other_ends_hears_of_it(world: World) -> None:
    publish(world, HELPS, relative("asks", START, BEGIN, WORK, AWAIT, END))
    asker = open_case(world, "asks")
    settle(world)
    (helper,) = cases_of(world, "helps")
    with db.transaction(world.engine) as session:
        task = session.connection().execute(text("SELECT id FROM task WHERE case_id = :c"), {"c": helper.id})
        found = held.by_task(session, task.scalar_one(), clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, {}, lifecycle.SYSTEM)
        complete(world, asker, {})  # waits now, and could not be seen by the end that is under way
        settling = Thread(target=settle, args=(world,))
        settling.start()
        settling.join(0.3)
    settling.join()
    settle(world)
    assert case_of(world, asker).status == "closed"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"procedure": '"nothing"'}, "没有“nothing”这个流程"),
        ({"procedure": '"helps"', "unit": '"XX9"'}, "没有代码为“XX9”的单位"),
        ({"procedure": '"helps"', "strange": "1"}, "没有这些变量：strange"),
        ({"procedure": '"helps"', "tie": '"cousin"'}, "没有“cousin”这种关系"),
        ({"procedure": "null"}, "没有“”这个流程"),
    ],
)
def test_what_cannot_be_started_is_an_incident_and_nothing_is_begun(
    world: World, inputs: dict[str, Any], said: str
) -> None:
    publish(world, HELPS, relative("asks", START, WORK, service("begin", "start_case", "child", **inputs), END))
    asker = open_case(world, "asks")
    complete(world, asker, {})
    settle(world)
    with Session(world.engine) as session:
        (incident,) = session.exec(select(Incident).where(col(Incident.case_id) == asker)).all()
    assert said in incident.cause
    assert (cases_of(world, "helps"), case_of(world, asker).status) == ([], "open")


def test_who_waits_is_listed_the_oldest_first_and_taken_up(world: World) -> None:
    listing = service("list", "waiting_cases", "waiting", message='"taken_up"', procedure='"topics"')
    first = service("tell", "send", case="waiting[1].case", message='"taken_up"', got='"上会"')
    publish(world, relative("topics", START, TAKEN, END), relative("council", START, listing, first, END))
    older, younger = open_case(world, "topics", "甲"), open_case(world, "topics", "乙")
    council = open_case(world, "council")
    settle(world)
    listed = case_of(world, council).variables["waiting"]
    assert [(one["case"], one["title"], one["place"]) for one in listed] == [
        (str(older), "甲", "怡园小区2号楼"),
        (str(younger), "乙", "怡园小区2号楼"),
    ]
    assert (case_of(world, older).status, case_of(world, older).variables["got"]) == ("closed", "上会")
    assert case_of(world, younger).status == "open"


def test_a_receiver_that_is_gone_answers(world: World) -> None:
    tell = service("tell", "send", case="child.case", message='"taken_up"', if_gone='"gone"')
    back = '<receiveTask id="back" messageRef="gone"/>'
    publish(world, HELPS, relative("asks", START, BEGIN, WORK, tell, back, END))
    asker = open_case(world, "asks")
    settle(world)
    (helper,) = cases_of(world, "helps")
    complete(world, helper.id, {"got": "撤了"})
    complete(world, asker, {})
    settle(world)
    done = case_of(world, asker)
    assert (done.status, done.variables["ended"]["status"], done.variables["ended"]["got"]) == (
        "closed", "closed", "撤了"
    )  # fmt: skip
    assert "message_unclaimed" in kinds(world, helper.id)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('name="platform.case_ended" tx:key="child.case"', 'name="platform.case_ended"', "没有写等哪一件办完"),
        ('name="platform.case_ended"', 'name="platform.other"', "平台不收发消息“platform.other”"),
        ('returns = ["got"]', 'returns = ["nothing"]', "returns 里的“nothing”不是变量"),
    ],
)
def test_what_is_refused_when_it_is_published(was: str, now: str, said: str) -> None:
    made = relative("asks", START, BEGIN, AWAIT, END, returns='returns = ["got"]')
    changed = {name: content.replace(was, now) for name, content in made.items()}
    assert changed != made
    with pytest.raises(Refused, match=said):
        compile_package(changed)


def test_the_family_stands_on_the_page_and_tells_strangers_little(world: World) -> None:
    publish(world, HELPS, relative("asks", START, BEGIN, WORK, END))
    asker = open_case(world, "asks", "漏水")
    settle(world)
    (helper,) = cases_of(world, "helps")
    page = signed_in(world, "zhanglan").get(f"/cases/{asker}").text
    assert f'<a href="/cases/{helper.id}">派生的：漏水的事' in page
    with db.transaction(world.engine) as session:  # over to a community of others
        elsewhere = directory.unit_by_code(session, "NY")
        session.execute(update(Case).where(col(Case.id) == helper.id).values(unit_id=elsewhere.id))
        session.execute(update(Task).where(col(Task.case_id) == helper.id).values(unit_id=elsewhere.id))
    page = signed_in(world, "zhanglan").get(f"/cases/{asker}").text
    assert f"/cases/{helper.id}" in page  # whose step began it, has opened it
    with db.transaction(world.engine) as session:
        session.execute(update(Case).where(col(Case.id) == helper.id).values(opened_by=None))
    page = signed_in(world, "zhanglan").get(f"/cases/{asker}").text
    assert (f"/cases/{helper.id}" in page, "漏水的事" in page) == (False, False)
    assert "派生的：helps" in page
    assert helper.code in page
    with db.transaction(world.engine) as session:
        mine = int(world.account_id("zhanglan"))
        session.add(Notice(account_id=mine, case_id=helper.id, text="请看", created_at=clock.now()))
    assert f"/cases/{helper.id}" in signed_in(world, "zhanglan").get(f"/cases/{asker}").text  # the case told her itself


def test_a_resident_s_step_leaves_it_to_the_workers(world: World) -> None:
    publish(world, HELPS, relative("asks", START, WORK, BEGIN, AWAIT, END))
    asker = open_case(world, "asks", "漏水")
    with db.transaction(world.engine) as session:
        task = session.exec(select(Task.id).where(col(Task.case_id) == asker)).one()
        found = held.by_task(session, task, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, {}, REPORTER)
    assert "child" not in case_of(world, asker).variables
    settle(world)
    (helper,) = cases_of(world, "helps")
    assert case_of(world, asker).variables["child"]["code"] == helper.code
    with db.transaction(world.engine) as session:
        task = session.exec(select(Task.id).where(col(Task.case_id) == helper.id)).one()
        found = held.by_task(session, task, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, {"got": "好了"}, REPORTER)  # an end in a resident's step is told, too
    settle(world)
    assert case_of(world, asker).status == "closed"


def test_a_large_family_and_a_long_history_cost_a_page_no_more(world: World) -> None:
    publish(world, HELPS, relative("asks", START, BEGIN, WORK, END))
    browser = signed_in(world, "zhanglan")

    def statements(case_id: int) -> int:
        browser.get(f"/cases/{case_id}")  # whatever is looked up once a process
        with watched(world) as seen:
            assert browser.get(f"/cases/{case_id}").status_code == 200
        return len(seen)

    asker = open_case(world, "asks", "漏水")
    settle(world)
    few = statements(asker)
    with db.transaction(world.engine) as session:
        found = held.by_case(session, asker, clock.now())
        assert found is not None
        save.record(session, found.case, [Happening("task_completed", {"values": {"got": "一"}})] * 30, SYSTEM, NOW)
        for number in range(30):
            other = session.get_one(Case, open_case(world, "helps", f"第{number}件"))
            session.add(CaseLink(from_id=other.id, to_id=asker, kind="child", created_at=NOW))
    assert statements(asker) == few
