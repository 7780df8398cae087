"""An administrator moves what waits: it goes on elsewhere, the history says who and why, or nothing changes at all."""

import pytest
from sqlmodel import Session, col, select

from tests.callers import Api, Browser, signed_in
from tests.cases.by_hand import do, key_of, move
from tests.cases.history import case_of, events, kinds, open_tasks
from tests.fixtures import World
from tests.monitor.stuck import end_posts, open_case
from tests.orders import open_order
from tests.procedures.packages import FRAGILE, PARALLEL, flow, package, publish
from tongxin import clock, db
from tongxin import events as chain
from tongxin.cases import by_hand, held, lifecycle, moving
from tongxin.cases.models import Case, Task, Timer

BRANCHES = package(
    '<startEvent id="begin"/><parallelGateway id="split"/><userTask id="one" name="甲" tx:form="work"/>'
    '<userTask id="two" name="乙" tx:form="work"/><parallelGateway id="join" name="都办完"/>'
    '<userTask id="after" name="收尾"/><endEvent id="done"/>'
    + flow("begin", "split")
    + flow("split", "one")
    + flow("split", "two")
    + flow("one", "join")
    + flow("two", "join")
    + flow("join", "after")
    + flow("after", "done"),
    {"community_clerk": ["begin", "split", "one", "two", "join", "after", "done"]},
    key="branches",
    forms={"work": ["note"]},
)


def test_a_step_goes_back_to_another_and_the_history_says_so(world: World) -> None:
    order = open_order(world, "接单")
    before = open_tasks(world, order)[0]
    outcome = move(world, order, ["接单"], "dispatch", "派错了人")
    assert [name for _id, name in outcome.opened] == ["派单"]
    (task,) = open_tasks(world, order)
    assert (task.name, task.role, task.assignee_id) == ("派单", "dispatcher", None)
    with Session(world.engine) as session:
        old = session.get_one(Task, before.id)
        assert (old.status, old.closed_by) == ("cancelled", None)
        assert not session.exec(select(Timer).where(col(Timer.key) == before.key + 1)).all()
    event = events(world, order)[-1]
    assert event.kind == "case_moved"
    assert event.details == {"steps": ["接单"], "to": "派单", "node": "dispatch", "text": "派错了人"}
    assert str(event.actor_id) == world.account_id("admin")
    page = signed_in(world, "zhaoqm").get(f"/cases/{order.id}").text
    assert "把“接单”移到“派单”" in page
    assert "派错了人" in page
    assert chain.first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_residents_see_that_it_goes_on_and_nothing_else(world: World) -> None:
    order = open_order(world, "接单")
    move(world, order, ["接单"], "dispatch", "派错了人")
    page = Browser(world).get(f"/r/{order.link}").text
    assert "正在派人" in page
    assert "派错了人" not in page
    events = Api(world, order.link).get(f"/cases/{order.id}/events")["items"]
    assert events[-1]["details"] is None


def test_a_preview_changes_nothing(world: World) -> None:
    order = open_order(world, "接单")
    key, before = key_of(world, order, "接单"), case_of(world, order)
    with db.transaction(world.engine) as session:
        view = held.to_read(session, int(order.task), clock.now())
        assert view is not None
        preview = moving.preview_move(session, view, [key], "dispatch")
        assert [one.node for one in preview.ends] == ["accept"]
        assert [one.node for one in preview.stays] == ["handling"]
        assert [one.node for one in preview.begins] == ["dispatch"]
    after = case_of(world, order)
    assert (after.state, after.chain_length) == (before.state, before.chain_length)
    assert [task.name for task in open_tasks(world, order)] == ["接单"]


def test_a_join_left_waiting_in_vain_is_asked_about(world: World) -> None:
    publish(world, BRANCHES)
    order = open_case(world, "branches")
    move(world, order, ["甲"], "two")  # two tokens on one branch: the join waits for the other
    assert kinds(world, order)[-1] == "case_moved"
    order = open_case(world, "branches")
    first = key_of(world, order, "甲")
    task = next(one for one in open_tasks(world, order) if one.key == first)
    Api(world, world.token("zhanglan")).post(f"/tasks/{task.id}/completion", values={"note": "好"})
    with pytest.raises(moving.SecondLook) as asked:
        move(world, order, ["乙"], "after")
    assert asked.value.joins == ("都办完",)
    assert [one.name for one in open_tasks(world, order)] == ["乙"]
    move(world, order, ["乙"], "after", in_vain=True)
    assert [one.name for one in open_tasks(world, order)] == ["收尾"]


def test_several_branches_become_one(world: World) -> None:
    publish(world, PARALLEL)
    order = open_case(world, "parallel")
    outcome = move(world, order, [task.name for task in open_tasks(world, order)], "done")
    assert outcome.status == "closed"
    assert kinds(world, order) == ["opened", "case_moved", "closed"]
    with pytest.raises(lifecycle.NotReady):
        do(world, order, lambda session, one, by: moving.move_case(session, one, [1], "part_1", "再来", by))


@pytest.mark.parametrize(
    ("to", "reason", "refusal"),
    [
        ("dispatch", "  ", by_hand.ReasonMissing),
        ("received", "x", by_hand.Refused),  # a start event
        ("nowhere", "x", by_hand.Refused),
        ("accept_timeout", "x", by_hand.Refused),
    ],
)
def test_what_cannot_be_is_refused(world: World, to: str, reason: str, refusal: type[Exception]) -> None:
    order = open_order(world, "接单")
    with pytest.raises(refusal):
        move(world, order, ["接单"], to, reason)
    assert [task.name for task in open_tasks(world, order)] == ["接单"]
    assert kinds(world, order)[-1] == "task_completed"


def test_nobody_answers_and_the_case_is_as_it_was(world: World) -> None:
    order = open_order(world, "接单")
    end_posts(world, "zhaoqm")
    with pytest.raises(by_hand.Refused, match="没有人可以办"):
        move(world, order, ["接单"], "dispatch")
    assert [task.name for task in open_tasks(world, order)] == ["接单"]
    with Session(world.engine) as session:
        assert session.get_one(Case, int(order.id)).chain_length == len(events(world, order))


def test_an_expression_that_fails_is_told_with_the_name_of_its_step(world: World) -> None:
    publish(world, {**FRAGILE, "process.bpmn": FRAGILE["process.bpmn"].replace('id="way"', 'id="way" name="往哪走"')})
    order = open_case(world, "trial")
    with pytest.raises(by_hand.Refused, match="往哪走：没有一个条件成立"):
        move(world, order, ["办理"], "way")
    assert kinds(world, order) == ["opened"]


def test_twice_is_refused(world: World) -> None:
    order = open_order(world, "接单")
    key = key_of(world, order, "接单")
    do(world, order, lambda session, one, by: moving.move_case(session, one, [key], "dispatch", "x", by))
    with pytest.raises(lifecycle.NotReady):
        do(world, order, lambda session, one, by: moving.move_case(session, one, [key], "dispatch", "x", by))
    assert kinds(world, order).count("case_moved") == 1
