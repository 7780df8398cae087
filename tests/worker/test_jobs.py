"""Jobs: messages between cases and notices. Each may run twice and has effect once."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tests.callers import Api, signed_in
from tests.cases.history import case_of, incidents, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.orders import Order, advance, open_order
from tongxin import config, db
from tongxin.cases.models import Notice
from tongxin.connectors import CallFailed, registry
from tongxin.people.models import Post
from tongxin.worker.tasks import Stuck, Tasks


def waiting_jobs(world: World, *names: str) -> list[tuple[str, dict[str, Any]]]:
    """Jobs of these names that wait, oldest first."""
    with Session(world.engine) as session:
        rows = session.connection().execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
        return [(name, args) for name, args in rows if name in names]


def run(world: World, *names: str) -> int:
    """Run every job of these names that was ever deferred, as a worker that lost count would."""
    tasks, done = Tasks(partial(db.transaction, world.engine), config.settings()), 0
    for name, args in waiting_jobs(world, *names):
        getattr(tasks, name)(**args)
        done += 1
    return done


def merge(world: World, order: Order, into: Order) -> None:
    values = {"decision": "duplicate", "merged_into": into.id}
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values=values)


def test_the_duplicate_keeps_its_code_gets_the_result_and_rates(world: World) -> None:
    original, duplicate = open_order(world), open_order(world)
    merge(world, duplicate, original)
    assert open_tasks(world, duplicate) == []
    assert original.code in signed_in(world, "zhanglan").get(f"/cases/{duplicate.id}").text
    advance(world, original, "评单")
    for _ in range(2):  # the second time nothing is left to do
        run(world, "deliver_message", "catch_up")
    (rating,) = open_tasks(world, duplicate)
    assert rating.name == "评单"
    assert case_of(world, duplicate).variables["result"] == "已疏通"
    assert case_of(world, duplicate).code == duplicate.code
    assert kinds(world, duplicate).count("message_received") == 1
    Api(world, duplicate.link).post(f"/tasks/{rating.id}/completion", values={"rating": 4})
    assert case_of(world, duplicate).status == "closed"
    assert case_of(world, original).status == "open"


def test_answered_while_being_merged_still_arrives(world: World) -> None:
    """The original looks for duplicates, then the duplicate is tied to it: `catch_up` brings the answer."""
    original, duplicate = open_order(world, "处置"), open_order(world)
    advance(world, original, "评单")
    assert waiting_jobs(world, "deliver_message") == []
    merge(world, duplicate, original)
    assert run(world, "catch_up") == 1
    assert run(world, "deliver_message") == 1
    run(world, "catch_up")
    run(world, "deliver_message")
    assert [task.name for task in open_tasks(world, duplicate)] == ["评单"]
    assert kinds(world, duplicate).count("message_received") == 1


def test_the_original_withdrawn_brings_the_duplicate_back_to_be_checked(world: World) -> None:
    original, duplicate = open_order(world), open_order(world)
    merge(world, duplicate, original)
    Api(world, original.link).post(f"/cases/{original.id}/withdrawal")
    run(world, "deliver_message")
    (check,) = open_tasks(world, duplicate)
    assert check.name == "核实"
    third = open_order(world)
    duplicate.task = str(check.id)
    merge(world, duplicate, third)
    assert third.code in signed_in(world, "zhanglan").get(f"/cases/{duplicate.id}").text


def test_a_message_nobody_waits_for_any_more_stays_in_the_history(world: World) -> None:
    original, duplicate = open_order(world), open_order(world)
    merge(world, duplicate, original)
    Api(world, duplicate.link).post(f"/cases/{duplicate.id}/withdrawal")
    advance(world, original, "评单")
    run(world, "deliver_message")
    assert kinds(world, duplicate)[-1] == "message_unclaimed"
    assert case_of(world, duplicate).status == "closed"


@pytest.mark.parametrize("into", ["itself", "elsewhere", "closed", "999999", "merged", "abc"])
def test_only_an_open_order_of_the_same_place_can_take_it(world: World, into: str) -> None:
    order = open_order(world)
    targets = {"itself": order.id}
    if into == "elsewhere":
        other = Api(world, world.token("wudi"))
        targets[into] = other.post("/cases", procedure="orders", unit="NY101", values={"what": "灯"})["id"]
    elif into == "closed":
        closed = open_order(world)
        Api(world, closed.link).post(f"/cases/{closed.id}/withdrawal")
        targets[into] = closed.id
    elif into == "merged":
        first, second = open_order(world), open_order(world)
        merge(world, second, first)
        targets[into] = second.id
    values = {"decision": "duplicate", "merged_into": targets.get(into, into)}
    answer = Api(world, world.token("zhanglan")).send("POST", f"{order.page}/completion", {"values": values})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/values/merged_into"


def test_a_notice_goes_out_once_and_its_sender_sees_how_far_it_got(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = open_order(world, "接单")

    def state() -> str:
        with Session(world.engine) as session:
            notice = session.exec(select(Notice)).one()
        return "seen" if notice.seen_at else "sent" if notice.sent_at else "failed" if notice.failed else "not sent"

    assert state() == "not sent"
    monkeypatch.setattr(registry, "for_notices", lambda settings, twin: registry.BY_NAME["failing"])
    with pytest.raises(CallFailed):
        run(world, "post_notice")
    assert state() == "failed"
    monkeypatch.undo()
    run(world, "post_notice")
    assert state() == "sent"
    member = signed_in(world, "lichs")
    assert "接单" in member.get("/notices").text
    member.get(order.page)
    assert state() == "seen"


def test_a_message_that_gets_stuck_is_delivered_when_its_cause_is_mended(world: World, still: Clock) -> None:
    original, duplicate = open_order(world), open_order(world)
    merge(world, duplicate, original)
    Api(world, original.link).post(f"/cases/{original.id}/withdrawal")
    with db.transaction(world.engine) as session:
        session.execute(update(Post).where(col(Post.role) == "community_clerk").values(valid_to=date(2020, 1, 2)))
    for _ in range(2):
        with pytest.raises(Stuck):
            run(world, "deliver_message")
    assert kinds(world, duplicate).count("incident") == 1
    with db.transaction(world.engine) as session:
        session.execute(update(Post).values(valid_to=None))
    run(world, "deliver_message")
    assert [task.name for task in open_tasks(world, duplicate)] == ["核实"]
    assert incidents(world, duplicate, unresolved=True) == []
