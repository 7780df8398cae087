"""A council and a hundred topics: four workers carry what they say to one another while people withdraw and vote."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.fixtures import Clock, World
from tests.worker.test_between_cases import case_of, cases_of
from tests.worker.test_surroundings import incident
from tongxin import clock, config, db
from tongxin.cases import actions, held, lifecycle, opening
from tongxin.events import REPORTER, Actor
from tongxin.people import directory
from tongxin.procedures import catalogue, package
from tongxin.worker import schedules
from tongxin.worker.tasks import Stuck, Tasks

TOPICS, WORKERS = 100, 4
_NEXT = text("""
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
      SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(:names)
      ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, task_name, args""")


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


class Crew:
    """Workers that do every job twice, as those do that lost count, and keep what went wrong."""

    def __init__(self, world: World) -> None:
        self.world, self.stop, self.wrong = world, threading.Event(), list[str]()
        self._engine = db.connect(world.database.app_url, pool_size=WORKERS)
        self._tasks = Tasks(partial(db.transaction, self._engine), config.settings())
        self._known = ("deliver_message", "catch_up", "pass_on", "open_case", "tell_end", "catch_up_end")
        self._threads = [threading.Thread(target=self._work) for _number in range(WORKERS)]

    def __enter__(self) -> "Crew":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()
        self._engine.dispose()

    def _work(self) -> None:
        while True:
            stopping = self.stop.is_set()
            with db.transaction(self._engine) as session:
                job = session.connection().execute(_NEXT, {"names": list(self._known)}).one_or_none()
            if job is None:
                if stopping:
                    return
                self.stop.wait(0.01)
                continue
            for _time in range(2):
                self._do(job.task_name, job.args)

    def _do(self, name: str, args: dict[str, object]) -> None:
        try:
            getattr(self._tasks, name)(**args)
        except Stuck as stuck:
            with db.transaction(self._engine) as session:  # as procrastinate does: later again
                session.connection().execute(
                    text("UPDATE procrastinate_jobs SET status = 'todo' WHERE args = CAST(:args AS jsonb)"),
                    {"args": db.to_json(args)},
                )
            self.wrong += [str(stuck)] if "还没有开" not in str(stuck) else []
        except Exception as error:
            self.wrong.append(repr(error))


@pytest.fixture
def crew(world: World) -> Iterator[Crew]:
    with db.transaction(world.engine) as session:
        for name in ("topic", "council", "supervision"):
            catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / name))
    with Crew(world) as found:
        yield found


def do(world: World, case_id: int, node: str, login: str, **values: object) -> None:
    """Do an open step of a case, as whoever may."""
    with db.transaction(world.engine) as session:
        asked = text("SELECT id FROM task WHERE case_id = :case AND node = :node AND status = 'open' ORDER BY id")
        task = session.connection().execute(asked, {"case": case_id, "node": node}).scalars().first()
        assert task is not None, f"{node} is not open: {incident_of(world, case_id)}"
        found = held.by_task(session, task, clock.now())
        assert found is not None
        lifecycle.complete_task(session, found, values, Actor("person", int(world.account_id(login))))


def incident_of(world: World, case_id: int) -> str:
    with Session(world.engine) as session:
        known = session.connection().execute(text("SELECT count(*) FROM incident WHERE case_id = :c"), {"c": case_id})
        return incident(world, case_id) if known.scalar() else ""


def withdraw(world: World, case_id: int) -> bool:
    """The proposer takes a topic back, if it still waits for that."""
    with db.transaction(world.engine) as session:
        found = held.by_case(session, case_id, clock.now())
        assert found is not None
        offer = actions.offer(session, found, "reporter", "withdrawn")
        if offer is None:
            return False
        lifecycle.send_message(session, found, offer.subscription.key, "withdrawn", {}, REPORTER)
        return True


def open_one(world: World, key: str, by: Actor, **values: object) -> int:
    with db.transaction(world.engine) as session:
        place = directory.unit_by_code(session, "YY")
        asked = opening.at(session, catalogue.current(session, key), place, values)
        return opening.open_case(session, asked, by).case_id


def settled(world: World) -> bool:
    with Session(world.engine) as session:
        left = session.connection().execute(
            text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name <> 'post_notice'")
        )
        return left.scalar() == 0


def wait(world: World) -> None:
    for _time in range(3000):
        if settled(world):
            return
        threading.Event().wait(0.01)
    raise AssertionError("the workers do not come to an end")


def test_every_message_is_delivered_once_and_nothing_locks_up(world: World, crew: Crew) -> None:
    choose, secretary = random.Random(4), Actor("person", int(world.account_id("xuwen")))
    topics = [open_one(world, "topic", REPORTER, what=f"议题{n}", kind="停车出行") for n in range(TOPICS)]
    for topic in topics:
        do(world, topic, "review", "xuwen", decision="accept")
    council = open_one(world, "council", secretary, extra_reason="议题多")
    agenda = [str(topic) for topic in topics]
    do(world, council, "agenda_list", "xuwen", agenda=agenda, meeting_on="2026-03-12T15:00", meeting_place="二楼")
    withdrawn: set[int] = set()
    withdrawing = threading.Thread(target=_withdraw_some, args=(world, topics, choose, withdrawn))
    withdrawing.start()
    members = [world.account_id(login) for login in ("qingf", "luping", "tangxy", "fengjg", "dengxh")]
    do(world, council, "roll_call", "xuwen", present=members)
    passed: Counter[bool] = Counter()
    for number in range(TOPICS):
        adopted = number % 3 != 0
        do(world, council, "discuss", "xuwen", ballot_way="hand")
        do(world, council, "hand_count", "xuwen", votes_for=5 if adopted else 1, votes_against=0 if adopted else 4)
        if adopted:
            do(world, council, "resolution_text", "xuwen", resolution=f"第{number}项同意", items=[])
        else:
            do(world, council, "why_not", "xuwen", revise_note="再想想")
        passed[adopted] += 1
    withdrawing.join()
    do(world, council, "sign_minutes", "qingf")
    wait(world)
    assert crew.wrong == []
    assert case_of(world, council).status == "closed"
    with Session(world.engine) as session:
        connection = session.connection()
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar() == 0
        got = dict(
            connection.execute(
                text(
                    "SELECT case_id, array_agg(details->>'message' ORDER BY seq) FROM event "
                    "WHERE kind IN ('message_received', 'message_unclaimed') AND case_id = ANY(:topics) "
                    "GROUP BY case_id"
                ),
                {"topics": topics},
            ).all()
        )
    for number, topic in enumerate(topics):
        result = "adopted" if number % 3 != 0 else "revise"
        told = [one for one in got[topic] if one != "withdrawn"]
        assert sorted(told) == sorted(["taken_up", result]), (number, got[topic])  # each once, gone or not
        closed = case_of(world, topic)
        assert (closed.outcome == "withdrawn") == (topic in withdrawn)
    assert withdrawn


def _withdraw_some(world: World, topics: list[int], choose: random.Random, withdrawn: set[int]) -> None:
    for topic in choose.sample(topics, 30):
        if withdraw(world, topic):
            withdrawn.add(topic)


def test_a_council_missed_for_two_months_is_made_up_for_once(world: World, _still: Clock) -> None:
    with db.transaction(world.engine) as session:
        for name in ("topic", "council", "supervision"):
            catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / name))
    _still.move(timedelta(days=70))  # 1 April and 1 May went by, and it is 14 May
    assert schedules.sweep(partial(db.transaction, world.engine)) == 1  # one community has a secretary
    tasks = Tasks(partial(db.transaction, world.engine), config.settings())
    with Session(world.engine) as session:
        args = (
            session.connection()
            .execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'open_case'"))
            .scalar_one()
        )
    tasks.open_case(**args)
    tasks.open_case(**args)
    assert schedules.sweep(partial(db.transaction, world.engine)) == 0
    (made,) = cases_of(world, "council")
    assert made.title == "怡园社区议事会 2026年5月"
    _still.move(timedelta(days=19))
    assert schedules.sweep(partial(db.transaction, world.engine)) == 1
