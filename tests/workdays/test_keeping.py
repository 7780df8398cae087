"""The calendar in the database: seeded, published, corrected; every process counts by it; limits are counted anew."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from tests.callers import Api, signed_in
from tests.cases.history import case_of, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.orders import Order, open_order
from tests.procedures.packages import orders, publish
from tongxin import calendar, clock, config, db, migrate, workdays
from tongxin.calendar import Year
from tongxin.cases import opening, recounting
from tongxin.cases.models import Notice, Task, Timer
from tongxin.events import Actor
from tongxin.procedures import catalogue
from tongxin.worker.tasks import Tasks
from tongxin.worker.timers import sweep

ADMIN = 1
YEAR_END = datetime(2026, 12, 28, 9, 0, tzinfo=clock.LOCAL)
NEW_YEAR = Year(
    2027,
    {date(2027, 1, 1) + timedelta(days=offset): "元旦" for offset in range(3)},
    frozenset({date(2027, 1, 9)}),
)


@pytest.fixture(autouse=True)
def _own_calendar(still: Clock) -> Iterator[None]:
    yield
    calendar.use(None)


def change(world: World, year: Year) -> set[date]:
    with db.transaction(world.engine) as session:
        return workdays.publish(session, year, ADMIN, clock.now())


def recount(world: World, first: date, last: date) -> int:
    """Have it done by a worker, twice over."""
    with db.transaction(world.engine) as session:
        waiting = recounting.begin(session, first, last)
    work(world)
    work(world)
    return waiting


def limited(limit: str) -> dict[str, str]:
    """The orders with another limit on the first step."""
    package = orders()
    drawn = package["process.bpmn"]
    start = drawn.index('tx:limit="', drawn.index('<bpmn:userTask id="check"'))
    end = drawn.index('"', start + 10)
    return {**package, "process.bpmn": f'{drawn[:start]}tx:limit="{limit}{drawn[end:]}'}


def test_it_is_seeded_from_the_library_and_what_was_edited_stays(world: World, still: Clock) -> None:
    with db.transaction(world.engine) as session:
        seeded = {one.year: one for one in workdays.years(session)}
    assert seeded == {year: calendar.library_year(year) for year in calendar.library_years()}
    edited = Year(2026, {date(2026, 1, 1): "元旦"}, frozenset())
    change(world, edited)
    with db.transaction(world.engine) as session:
        session.execute(text("DELETE FROM calendar_year WHERE year = 2025"))
    owner = db.connect(world.database.owner_url, pool_size=1)
    with owner.begin() as connection:
        workdays.seed(connection, clock.now())
    owner.dispose()
    with db.transaction(world.engine) as session:
        after = {one.year: one for one in workdays.years(session)}
    assert after == {**seeded, 2026: edited}


def test_a_change_is_known_to_the_next_step_of_every_process(world: World, still: Clock) -> None:
    publish(world, limited("add working days(now(), 3)"))
    still.at = YEAR_END
    order = open_order(world)
    (task,) = open_tasks(world, order)
    assert task.due_at is not None
    assert task.due_at.astimezone(clock.LOCAL).date() == date(2026, 12, 31)
    with db.transaction(world.engine) as session:
        workdays.correct_day(session, date(2026, 12, 30), works=False, name="停电", by=ADMIN, now=clock.now())
    calendar.use(None)  # as in a process that was not told
    later = open_order(world)
    (task,) = open_tasks(world, later)
    assert task.due_at is not None
    assert task.due_at.astimezone(clock.LOCAL).date() == date(2027, 1, 1)
    assert task.derivation is not None
    assert (task.derivation["provisional"], task.derivation["holidays"][0]["name"]) == (True, "停电")


def test_a_provisional_limit_is_counted_anew_when_the_year_is_published(world: World, still: Clock) -> None:
    publish(world, limited("add working days(now(), 5)"))
    still.at = YEAR_END
    order, other = open_order(world), open_order(world, "派单")
    claim(world, order)
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 4)
    assert (task.derivation or {})["provisional"] is True
    assert "公布后重算" in signed_in(world, "zhanglan").get(f"/tasks/{task.id}").text
    change(world, NEW_YEAR)
    assert recount(world, date(2027, 1, 1), date(2027, 12, 31)) == 1
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 5)
    assert (task.derivation or {})["provisional"] is False
    assert kinds(world, order).count("limit_recounted") == 1
    assert "limit_recounted" not in kinds(world, other)
    page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert "“核实”的期限从2027年1月4日 23:59改为2027年1月5日 23:59" in page
    with Session(world.engine) as session:
        notice = session.exec(select(Notice.text).where(col(Notice.case_id) == int(order.id))).all()
    assert [one for one in notice if one.startswith("期限改为2027年1月5日 23:59：核实")] != []
    assert recount(world, date(2027, 1, 1), date(2027, 12, 31)) == 1
    assert kinds(world, order).count("limit_recounted") == 1


def test_a_timer_moves_with_its_task_and_one_in_the_past_is_only_overdue(world: World, still: Clock) -> None:
    drawn = limited("add working days(now(), 5)")
    boundary = """<bpmn:boundaryEvent id="late" attachedToRef="check" cancelActivity="false">
      <bpmn:timerEventDefinition id="late_timer"><bpmn:timeDate>due</bpmn:timeDate></bpmn:timerEventDefinition>
      </bpmn:boundaryEvent><bpmn:endEvent id="late_end"/>
      <bpmn:sequenceFlow id="late_flow" sourceRef="late" targetRef="late_end"/><bpmn:exclusiveGateway id="checked" """
    drawn["process.bpmn"] = drawn["process.bpmn"].replace('<bpmn:exclusiveGateway id="checked" ', boundary, 1)
    publish(world, drawn)
    still.at = YEAR_END
    order = open_order(world)
    change(world, NEW_YEAR)
    recount(world, date(2027, 1, 1), date(2027, 12, 31))
    (task,) = open_tasks(world, order)
    with Session(world.engine) as session:
        (timer,) = session.exec(
            select(Timer).where(col(Timer.case_id) == int(order.id), col(Timer.node) == "late")
        ).all()
    assert (timer.due_at, timer.derivation) == (task.due_at, task.derivation)
    still.at = datetime(2027, 1, 5, 12, 0, tzinfo=clock.LOCAL)
    change(world, Year(2027, {}, frozenset()))
    recount(world, date(2027, 1, 1), date(2027, 12, 31))
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 4)
    assert kinds(world, order)[-1] == "limit_recounted"
    assert case_of(world, order).status == "open"


def test_a_limit_that_is_a_day_tells_how_and_is_counted_anew(world: World, still: Clock) -> None:
    publish(world, limited("working days(date(now()), 5)"))
    still.at = YEAR_END
    order = open_order(world)
    claim(world, order)
    (task,) = open_tasks(world, order)
    assert task.due_at == datetime(2027, 1, 4, 23, 59, 59, tzinfo=clock.LOCAL)
    assert "2026-12-28 + 5 个工作日" in signed_in(world, "zhanglan").get(f"/tasks/{task.id}").text
    change(world, NEW_YEAR)
    assert recount(world, date(2027, 1, 1), date(2027, 12, 31)) == 1
    (task,) = open_tasks(world, order)
    assert task.due_at == datetime(2027, 1, 5, 23, 59, 59, tzinfo=clock.LOCAL)


def test_reminders_before_and_after_the_limit_move_with_it(world: World, still: Clock) -> None:
    drawn = limited("working days(now(), 5)")
    drawn["process.bpmn"] = drawn["process.bpmn"].replace(
        '<bpmn:exclusiveGateway id="checked" ',
        beside("before", "<bpmn:timeDate>due - duration(&quot;P1D&quot;)</bpmn:timeDate>")
        + beside("daily", "<bpmn:timeCycle>&quot;R/&quot; + string(due) + &quot;/P1D&quot;</bpmn:timeCycle>")
        + beside("later", "<bpmn:timeDuration>P9D</bpmn:timeDuration>")
        + '<bpmn:exclusiveGateway id="checked" ',
        1,
    )
    publish(world, drawn)
    still.at = YEAR_END
    order = open_order(world)
    was = timers(world, order)
    change(world, NEW_YEAR)
    recount(world, date(2027, 1, 1), date(2027, 12, 31))
    (task,) = open_tasks(world, order)
    now, a_day = timers(world, order), timedelta(days=1)
    assert task.due_at is not None
    assert now["before"] == task.due_at - a_day
    moved = {name: now[name] - was[name] for name in ("before", "daily", "later")}
    assert moved == {"before": a_day, "daily": a_day, "later": timedelta()}
    still.at = now["daily"] + timedelta(minutes=1)
    sweep(partial(db.transaction, world.engine))
    assert timers(world, order)["daily"] == now["daily"] + a_day  # the engine goes on from there


def test_a_step_under_way_while_the_calendar_changes_is_counted_anew(world: World, still: Clock) -> None:
    publish(world, limited("working days(now(), 5)"))
    still.at = YEAR_END
    with db.transaction(world.engine) as under_way:
        place = opening.place_by_code(under_way, "YY102")
        assert place is not None
        found = opening.at(under_way, catalogue.current(under_way, "orders"), place, {"what": "下水道堵塞"})
        opened = opening.open_case(under_way, found, Actor("person", int(world.account_id("zhanglan"))))
        with db.transaction(world.engine) as session:
            workdays.publish(session, NEW_YEAR, ADMIN, clock.now())
            assert recounting.begin(session, date(2027, 1, 1), date(2027, 12, 31)) == 0
    order = Order(str(opened.case_id), opened.code, "", "", "核实")
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 4)
    with Session(world.engine) as session:
        (row,) = session.connection().execute(
            text("SELECT args, scheduled_at > now() FROM procrastinate_jobs WHERE task_name = 'recount_again'")
        )
    assert row[1] is True  # when steps under way are over
    Tasks(partial(db.transaction, world.engine), config.settings()).recount_again(**row[0])
    work(world)
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 5)


def test_a_year_that_an_upgrade_brings_is_counted_by(
    world: World, still: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, limited("working days(now(), 5)"))
    still.at = YEAR_END
    order = open_order(world)
    known, years = calendar.library_year, calendar.library_years()
    monkeypatch.setattr(calendar, "library_years", lambda: range(years.start, 2028))
    monkeypatch.setattr(calendar, "library_year", lambda year: NEW_YEAR if year == 2027 else known(year))
    owner = db.connect(world.database.owner_url, pool_size=1)
    migrate.upgrade(owner)
    work(world)
    (task,) = open_tasks(world, order)
    assert due_of(task) == date(2027, 1, 5)
    migrate.upgrade(owner)  # brings nothing new
    owner.dispose()
    with Session(world.engine) as session:
        count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'recount_case'")
        assert session.connection().execute(count).scalar_one() == 1


def test_one_day_does_not_make_a_year_published(world: World) -> None:
    with db.transaction(world.engine) as session, pytest.raises(workdays.NotPublished):
        workdays.correct_day(session, date(2027, 3, 1), works=False, name="停电", by=ADMIN, now=clock.now())
    assert 2027 not in calendar.current().years


def test_office_hours_are_kept_and_counted_by(world: World, still: Clock) -> None:
    publish(world, limited("add business hours(now(), 6)"))
    still.at = datetime(2026, 2, 13, 16, 0, tzinfo=clock.LOCAL)  # a Friday; the Saturday after is worked
    with db.transaction(world.engine) as session:
        workdays.keep_hours(session, [(time(8, 30), time(12)), (time(14), time(18))], ADMIN, clock.now())
    (task,) = open_tasks(world, open_order(world))
    assert task.due_at == datetime(2026, 2, 14, 14, 30, tzinfo=clock.LOCAL)
    assert (task.derivation or {})["text"] == (
        "2026-02-13 16:00 + 6 小时（只数工作日 08:30–12:00、14:00–18:00；2月14日上班）→ 2026-02-14 14:30"
    )


def test_nothing_new_is_no_version_and_all_else_is_logged(world: World) -> None:
    change(world, NEW_YEAR)
    version = calendar.current().version
    assert change(world, NEW_YEAR) == set()
    assert calendar.current().version == version
    with db.transaction(world.engine) as session:
        day = date(2027, 3, 1)
        assert workdays.correct_day(session, day, works=False, name="停电", by=ADMIN, now=clock.now()) == {day}
        assert workdays.correct_day(session, day, works=None, name="", by=ADMIN, now=clock.now()) == {day}
        logged = [one.text for one in workdays.changes(session)]
    assert logged == ["更正 2027 年的节假日", "更正 2027 年的节假日", "公布 2027 年的节假日", ""]


def beside(name: str, timer: str) -> str:
    """A timer on the edge of the first step that does not interrupt."""
    return f"""<bpmn:boundaryEvent id="{name}" attachedToRef="check" cancelActivity="false">
      <bpmn:timerEventDefinition id="{name}_timer">{timer}</bpmn:timerEventDefinition></bpmn:boundaryEvent>
      <bpmn:endEvent id="{name}_end"/>
      <bpmn:sequenceFlow id="{name}_flow" sourceRef="{name}" targetRef="{name}_end"/>"""


def timers(world: World, order: Order) -> dict[str, datetime]:
    """When each timer of the case is due, by its node."""
    with Session(world.engine) as session:
        rows = session.exec(select(Timer).where(col(Timer.case_id) == int(order.id))).all()
    return {row.node: row.due_at for row in rows}


def work(world: World) -> None:
    """Do the jobs that count anew, each once."""
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    with Session(world.engine) as session:
        rows = session.connection().execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'recount_case'")
        )
        jobs = [args for (args,) in rows]
    for args in jobs:
        tasks.recount_case(**args)


def claim(world: World, order: Order) -> None:
    Api(world, world.token("zhanglan")).post(f"/tasks/{order.task}/claim")


def due_of(task: Task) -> date:
    assert task.due_at is not None
    return task.due_at.astimezone(clock.LOCAL).date()
