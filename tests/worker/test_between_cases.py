"""Cases that speak to each other, begin by themselves, share data, and call other processes."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from tests.fixtures import Clock, World
from tongxin import clock, config, db
from tongxin.cases import codes, held, lifecycle, mending, opening
from tongxin.cases.models import Case, CaseLink, Incident, Task
from tongxin.events import Actor, Event
from tongxin.people import directory
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package
from tongxin.worker import schedules
from tongxin.worker.tasks import Tasks

CLERK = Actor("person", 1)
DATA = """{"type": "object", "properties": {
  "what": {"type": "string", "title": "什么事", "maxLength": 50},
  "got": {"type": "string", "title": "收到", "maxLength": 50},
  "total": {"type": "number", "title": "累计"}}}"""
FORM = """{"title": "表", "type": "object", "properties": {
  "what": {"$ref": "../data.json#/properties/what"}, "got": {"$ref": "../data.json#/properties/got"}}}"""


def package(
    key: str, body: str, *, start: str = 'by = ["community_clerk"]', more: dict[str, str] | None = None
) -> Package:
    """A procedure around `body`; every task stands in the clerks' lane. Messages and signals have one name each."""
    diagram = f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1" id="d"
      targetNamespace="urn:test">
      <message id="m" name="answer" tx:key="what"/><message id="p" name="please"/><signal id="flood" name="flood"/>
      <process id="{key}" isExecutable="true"><laneSet id="lanes"><lane id="lane" tx:role="community_clerk"
      tx:level="community"><flowNodeRef>work</flowNodeRef><flowNodeRef>call</flowNodeRef></lane></laneSet>{body}
      </process></definitions>"""
    head = f'format = 1\nkey = "{key}"\ntitle = "{key}"\ncode = "CS"\n[start]\n{start}\nlevel = "community"\n'
    return {
        "procedure.toml": head + "title = 'if what = null then \"无\" else what'\n",
        "data.json": DATA,
        "process.bpmn": diagram,
        "forms/start.json": FORM,
        "forms/work.json": FORM,
        **(more or {}),
    }


def line(*nodes: str) -> str:
    """The elements joined to a line."""
    ids = [node.split('id="')[1].split('"')[0] for node in nodes]
    flows = [f'<sequenceFlow id="{one}_{two}" sourceRef="{one}" targetRef="{two}"/>' for one, two in pairwise(ids)]
    return "".join((*nodes, *flows))


def kept_last(script: str, kept: str) -> str:
    """A line with a script, and a data store beside it."""
    return kept + line(*filter(None, (START, script, WORK, END)))


START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
WORK = '<userTask id="work" name="办理" tx:form="work"/>'
RECEIVE = '<receiveTask id="wait" messageRef="m"/>'
SEND = (
    '<sendTask id="tell" messageRef="m"><extensionElements><tx:input name="got" value="what + &quot;!&quot;"/>'
    "</extensionElements></sendTask>"
)
ASK = (
    '<intermediateThrowEvent id="ask"><extensionElements><tx:input name="what" value="what"/></extensionElements>'
    '<messageEventDefinition messageRef="p"/></intermediateThrowEvent>'
)
ASKED = '<startEvent id="asked" name="有人请求"><messageEventDefinition messageRef="p"/></startEvent>'
CRY = '<intermediateThrowEvent id="cry"><signalEventDefinition signalRef="flood"/></intermediateThrowEvent>'
HEAR = '<intermediateCatchEvent id="hear"><signalEventDefinition signalRef="flood"/></intermediateCatchEvent>'
HEARD = '<startEvent id="heard"><signalEventDefinition signalRef="flood"/></startEvent>'
WEEKLY = (
    '<startEvent id="tick"><timerEventDefinition><timeCycle>0 9 * * 1</timeCycle></timerEventDefinition></startEvent>'
)


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[None]:
    yield


def publish(world: World, *packages: Package) -> None:
    with db.transaction(world.engine) as session:
        for one in packages:
            catalogue.publish(session, one, by=1, note="")


def open_case(world: World, key: str, what: str = "甲") -> int:
    with db.transaction(world.engine) as session:
        place = directory.unit_by_code(session, "YY102")
        asked = opening.at(session, catalogue.current(session, key), place, {"what": what})
        return opening.open_case(session, asked, CLERK).case_id


def case_of(world: World, case_id: int) -> Case:
    with Session(world.engine) as session:
        return session.get_one(Case, case_id)


def cases_of(world: World, key: str) -> list[Case]:
    with Session(world.engine) as session:
        statement = (
            "SELECT c.id FROM cases c JOIN definition d ON d.id = c.definition_id WHERE d.key = :key ORDER BY c.id"
        )
        ids = session.connection().execute(text(statement), {"key": key}).scalars().all()
        return [session.get_one(Case, one) for one in ids]


def kinds(world: World, case_id: int) -> list[str]:
    with Session(world.engine) as session:
        rows = session.exec(select(Event.kind).where(col(Event.case_id) == case_id).order_by(col(Event.seq)))
        return list(rows.all())


def work(world: World) -> None:
    """Run every job ever deferred, twice over, as workers that lost count would."""
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    known: list[tuple[str, dict[str, Any]]] = []
    while True:
        with Session(world.engine) as session:
            rows = session.connection().execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
            jobs = [(name, args) for name, args in rows if name in ("pass_on", "deliver_message", "open_case")]
        for name, args in [*jobs, *known]:
            getattr(tasks, name)(**args)
        if len(jobs) == len(known):
            return
        known = jobs


def complete(world: World, case_id: int, values: dict[str, Any]) -> None:
    with db.transaction(world.engine) as session:
        task = session.exec(
            select(Task.id).where(col(Task.case_id) == case_id, col(Task.status) == "open").order_by(col(Task.id))
        ).first()
        found = held.by_task(session, task or 0, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, values, CLERK)


def test_a_message_goes_to_the_case_with_its_key_once(world: World) -> None:
    publish(world, package("asks", line(START, RECEIVE, WORK, END)), package("tells", line(START, SEND, END)))
    other, mine = open_case(world, "asks", "乙"), open_case(world, "asks", "甲")
    teller = open_case(world, "tells", "甲")
    work(world)
    assert case_of(world, mine).variables["got"] == "甲!"
    assert "got" not in case_of(world, other).variables
    assert kinds(world, mine).count("message_received") == 1
    assert "sent" in kinds(world, teller)
    assert "message_unanswered" not in kinds(world, teller)


def test_a_message_nobody_waits_for_stands_in_the_senders_history(world: World) -> None:
    publish(world, package("tells", line(START, SEND, END)))
    teller = open_case(world, "tells")
    work(world)
    assert "message_unanswered" in kinds(world, teller)
    assert case_of(world, teller).status == "closed"


def test_a_message_begins_a_case_of_another_procedure(world: World) -> None:
    publish(
        world,
        package("asks", line(START, ASK, END)),
        package("helps", line(ASKED, WORK, END), start="by = []"),
    )
    asker = open_case(world, "asks", "漏水")
    work(world)
    (helper,) = cases_of(world, "helps")
    assert (helper.title, helper.variables["what"]) == ("漏水", "漏水")
    with Session(world.engine) as session:
        assert session.get(CaseLink, (helper.id, asker, "child")) is not None


def test_a_signal_wakes_all_who_wait_and_begins_what_begins_with_it(world: World) -> None:
    publish(
        world,
        package("hears", line(START, HEAR, END)),
        package("cries", line(START, CRY, END)),
        package("begins", line(HEARD, WORK, END), start="by = []"),
    )
    waiting = [open_case(world, "hears") for _ in range(2)]
    open_case(world, "cries")
    work(world)
    assert [case_of(world, one).status for one in waiting] == ["closed", "closed"]
    assert len(cases_of(world, "begins")) == 1


def test_a_timer_start_opens_one_case_a_unit_and_makes_up_for_one_at_most(world: World, still: Clock) -> None:
    start = 'by = []\neach = "community_clerk"'
    publish(world, package("weekly", line(WEEKLY, WORK, END), start=start))
    transactions = partial(db.transaction, world.engine)
    assert schedules.sweep(transactions) == 0
    still.move(timedelta(days=5))  # Tuesday
    units = schedules.sweep(transactions)
    assert units >= 1
    assert schedules.sweep(transactions) == 0
    work(world)
    assert len(cases_of(world, "weekly")) == units
    still.move(timedelta(days=60))  # nobody was at work for two months
    schedules.sweep(transactions)
    schedules.sweep(transactions)
    work(world)
    opened = cases_of(world, "weekly")
    assert len(opened) == 2 * units
    assert len({(one.unit_id, one.opened_at) for one in opened}) == 2 * units


def test_publishing_again_keeps_the_rhythm(world: World, still: Clock) -> None:
    start = 'by = []\neach = "community_clerk"'
    text_of = (
        '<startEvent id="tick"><timerEventDefinition><timeCycle>{}</timeCycle></timerEventDefinition></startEvent>'
    )
    publish(world, package("on", line(text_of.format("R/P7D"), WORK, END), start=start))

    def due() -> Any:
        with Session(world.engine) as session:
            return session.connection().execute(text("SELECT due_at FROM schedule")).scalars().all()

    before = due()
    still.move(timedelta(days=3))
    publish(
        world,
        package(
            "on", line(text_of.format("R/P7D"), WORK, "<endEvent id='e' name='完'/>".replace("'", '"')), start=start
        ),
    )
    assert due() == before
    publish(world, package("on", line(text_of.format("R/P2D"), WORK, END), start=start))
    assert due() == [clock.now() + timedelta(days=2)]


def test_a_data_store_is_shared_by_all_cases_of_a_procedure(world: World) -> None:
    add = '<scriptTask id="add"><script>total = (if total = null then 0 else total) + 1</script></scriptTask>'
    kept = '<dataStoreReference id="kept" name="total"/>'
    publish(world, package("counts", kept + line(START, add, WORK, END)))
    for _ in range(3):
        open_case(world, "counts")
    with Session(world.engine) as session:
        assert session.connection().execute(text("SELECT procedure, name, value FROM store")).all() == [
            ("counts", "total", 3)
        ]
    assert all("total" not in one.variables for one in cases_of(world, "counts"))


def test_a_called_process_has_variables_of_its_own(world: World) -> None:
    call = (
        '<callActivity id="call" calledElement="sub"><extensionElements>'
        '<tx:input name="what" value="what + &quot;?&quot;"/>'
        '<tx:output name="got" value="got"/></extensionElements></callActivity>'
    )
    inner = package("sub", line(START, WORK, END))["process.bpmn"]
    publish(world, package("calls", line(START, call, END), more={"sub.bpmn": inner}))
    caller = open_case(world, "calls", "谁")
    with Session(world.engine) as session:
        task = session.exec(select(Task).where(col(Task.case_id) == caller)).one()
        assert task.node == "call/work"
        found = held.to_read(session, task.id, clock.now())
        assert found is not None
        assert found.seen(found.task)["what"] == "谁?"
    complete(world, caller, {"what": "改了", "got": "答"})
    case = case_of(world, caller)
    assert case.status == "closed"
    assert case.variables == {"what": "谁", "got": "答"}


def test_what_keeps_a_case_from_being_opened_is_the_senders_incident(world: World) -> None:
    helps = dict(package("helps", line(ASKED, WORK, END), start="by = []"))
    helps["process.bpmn"] = helps["process.bpmn"].replace('tx:role="community_clerk"', 'tx:role="nobody"')
    publish(world, package("asks", line(START, ASK, WORK, END)), helps)
    asker = open_case(world, "asks", "漏水")
    work(world)
    assert cases_of(world, "helps") == []
    with Session(world.engine) as session:
        incident = session.exec(select(Incident).where(col(Incident.case_id) == asker)).one()
    assert incident.kind == "start"
    assert "没有人可以办" in incident.cause
    publish(world, package("helps", line(ASKED, WORK, END), start="by = []"))
    with db.transaction(world.engine) as session:  # as an administrator would, by the button
        view = held.by_case(session, asker, clock.now())
        assert view is not None
        mending.retry(session, view, session.get_one(Incident, incident.id), CLERK)
    work(world)
    assert len(cases_of(world, "helps")) == 1
    with Session(world.engine) as session:
        assert session.get_one(Incident, incident.id).resolved_at is not None


def test_a_receiver_that_is_gone_leaves_the_message_to_the_next(world: World) -> None:
    publish(world, package("asks", line(START, RECEIVE, WORK, END)), package("tells", line(START, SEND, END)))
    first, second = open_case(world, "asks"), open_case(world, "asks")
    for _ in range(2):  # both are found for the first, before either is delivered
        open_case(world, "tells")
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    with Session(world.engine) as session:
        rows = session.connection().execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'pass_on'"))
        sent = list(rows.scalars())
    for args in sent:
        tasks.pass_on(**args)
    work(world)
    assert [case_of(world, one).variables.get("got") for one in (first, second)] == ["甲!", "甲!"]


def test_two_that_write_a_store_for_the_first_time_wait_for_one_another(world: World) -> None:
    add = '<scriptTask id="add"><script>total = (if total = null then 0 else total) + 1</script></scriptTask>'
    kept = '<dataStoreReference id="kept" name="total"/>'
    publish(world, package("counts", kept_last(add, kept)))
    threads = [Thread(target=open_case, args=(world, "counts")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(world.engine) as session:
        assert session.connection().execute(text("SELECT value FROM store")).scalars().all() == [4]


def test_a_start_that_has_no_next_time_does_not_stop_the_others(world: World, still: Clock) -> None:
    start = 'by = []\neach = "community_clerk"'
    odd = WEEKLY.replace(
        "0 9 * * 1", "if now() &lt; date and time(&quot;2026-03-08T00:00:00&quot;) then &quot;R/P1D&quot; else null"
    )
    publish(
        world,
        package("odd", line(odd, WORK, END), start=start),
        package("weekly", line(WEEKLY, WORK, END), start=start),
    )
    still.move(timedelta(days=5))
    transactions = partial(db.transaction, world.engine)
    assert schedules.sweep(transactions) >= 1
    with Session(world.engine) as session:
        rows = session.connection().execute(
            text("SELECT procedure, due_at IS NULL, problem IS NULL FROM schedule ORDER BY 1")
        )
        assert rows.all() == [("odd", True, False), ("weekly", False, True)]


def test_no_form_can_take_the_place_of_a_planned_case(world: World) -> None:
    start = opening.Start("weekly", "tick", 1, {}, "timer 2026-03-09T09:00:00+08:00")
    assert start.occasion.startswith("=")
    assert start.occasion != codes.once_hash(start.occasion)


def test_residents_take_no_part_where_data_are_shared() -> None:
    shared = package("open", kept_last("", '<dataStoreReference id="kept" name="total"/>'), start='by = ["reporter"]')
    with pytest.raises(Refused, match="数据存储"):
        compile_package(shared)


@pytest.mark.parametrize(
    ("body", "start", "word"),
    [
        (line(WEEKLY, WORK, END), "by = []", "start.each"),
        (line(START, WORK, END), 'by = []\neach = "community_clerk"', "定时开始"),
        (line(ASKED, WORK, END), 'by = ["community_clerk"]', "普通的开始"),
    ],
)
def test_starts_that_cannot_be_are_refused(body: str, start: str, word: str) -> None:
    with pytest.raises(Refused, match=word):
        compile_package(package("odd", body, start=start))
