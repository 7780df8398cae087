"""A running case goes over to another version: what is under way survives, and what has no place there is said."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Signal
from threading import Timer as Later

import pytest
from sqlmodel import Session, col, select

from tests.callers import Api, Browser, signed_in
from tests.cases.by_hand import migrate, move, version, with_step_renamed
from tests.cases.history import case_of, events, incidents, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.monitor.stuck import call, give_post, given_up, incident_of, not_handed_in, open_case, switch
from tests.orders import Order, advance, open_order
from tests.procedures.packages import CALLING, FRAGILE, flow, orders, publish
from tongxin import clock, db
from tongxin import events as chain
from tongxin.cases import by_hand, held, lifecycle, migrating
from tongxin.cases.models import Draft, Subscription, Task, Timer
from tongxin.procedures.package import Package
from tongxin.worker import timers

VERIFY = {"check": "verify"}


def preview(world: World, order: Order, number: int, mapping: dict[str, str] | None = None) -> migrating.Preview:
    with db.transaction(world.engine) as session:
        view = held.to_read(session, open_tasks(world, order)[0].id, clock.now())
        assert view is not None
        target = version(session, number, view.definition.key)
        return migrating.preview_migration(session, view, target, mapping or {})


def test_task_draft_and_claim_survive_a_renamed_step(world: World, still: Clock) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    clerk.post(f"{order.page}/draft", {"referral_note": "写了一半"})
    before = open_tasks(world, order)[0]
    publish(world, with_step_renamed())
    still.move(timedelta(minutes=5))
    migrate(world, order, 2, VERIFY)
    (task,) = open_tasks(world, order)
    assert (task.node, task.name, task.role) == ("verify", "核查", "community_clerk")
    for kept in ("id", "key", "assignee_id", "unit_id", "named", "due_at", "derivation", "form"):
        assert getattr(task, kept) == getattr(before, kept), kept
    case = case_of(world, order)
    with Session(world.engine) as session:
        assert case.definition_id == version(session, 2).id
        assert session.get(Draft, (task.id, int(world.account_id("zhanglan")))) is not None
        assert {one.node for one in session.exec(select(Subscription))} == {"withdrawn"}
    assert "verify" in case.visited
    assert "check" not in case.visited
    assert "写了一半" in clerk.get(order.page).text
    assert (
        clerk.post(f"{order.page}/completion", {"decision": "valid", "kind": "下水", "urgent": "false"}).status_code
        == 303
    )
    assert [one.name for one in open_tasks(world, order)] == ["派单"]
    advance(world, Order(order.id, order.code, order.link, str(open_tasks(world, order)[0].id), "派单"), "")
    assert chain.first_broken(events(world, order), case_of(world, order).chain_head) is None


def test_the_history_says_so_and_tells_each_event_by_its_own_version(world: World) -> None:
    order = open_order(world, "接单")
    move(world, order, ["接单"], "check")
    publish(world, with_step_renamed())
    migrate(world, order, 2, VERIFY)
    event = events(world, order)[-1]
    assert event.kind == "case_migrated"
    assert event.details is not None
    assert (event.details["from_version"], event.details["to_version"], event.details["text"]) == (1, 2, "新版改了名")
    page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert "从第 1 版换到第 2 版" in page
    assert "把“接单”移到“核实”" in page
    assert "diagram.bpmn?version=2" in page
    resident = Browser(world).get(f"/r/{order.link}").text
    assert "已收到" in resident
    assert "新版改了名" not in resident


def test_without_a_mapping_it_says_what_has_no_place(world: World) -> None:
    order = open_order(world)
    publish(world, with_step_renamed())
    stuck = [one for one in preview(world, order, 2).landings if one.fate == "stuck"]
    assert [one.node for one in stuck] == ["check"]
    with pytest.raises(by_hand.Refused, match="新版里没有这一步"):
        migrate(world, order, 2)
    looked = preview(world, order, 2, VERIFY)
    assert looked.prospect is not None
    assert [task.name for task, _whose in looked.changed] == ["核查"]
    assert case_of(world, order).chain_length == 2
    assert open_tasks(world, order)[0].node == "check"


@pytest.mark.parametrize("strange", [{"rate": "nowhere"}, {"nowhere": "rate"}])
def test_a_mapping_names_only_steps_there_are(world: World, strange: dict[str, str]) -> None:
    order = open_order(world)
    publish(world, with_step_renamed())
    with pytest.raises(by_hand.Refused, match="没有“nowhere”"):
        migrate(world, order, 2, {**VERIFY, **strange})
    assert preview(world, order, 2, {**VERIFY, **strange}).obstacles
    assert case_of(world, order).chain_length == 2


def test_a_timer_keeps_its_time_and_fires_under_its_new_name(world: World, still: Clock) -> None:
    order = open_order(world, "接单")
    with Session(world.engine) as session:
        before = session.exec(select(Timer)).one()
    publish(world, with_step_renamed("accept_timeout", "too_late", "没人接", "到时没接"))
    migrate(world, order, 2, {"accept_timeout": "too_late"})
    with Session(world.engine) as session:
        timer = session.exec(select(Timer)).one()
    assert (timer.node, timer.key, timer.due_at) == ("too_late", before.key, before.due_at)
    still.move(timedelta(hours=2))
    assert timers.sweep(lambda: db.transaction(world.engine)) == 1
    assert [one.name for one in open_tasks(world, order)] == ["派单"]


def test_a_timer_that_is_gone_and_one_that_is_new(world: World, still: Clock) -> None:
    publish(world, FRAGILE)
    order = open_case(world, "trial")
    edge, way = FRAGILE["process.bpmn"].index("<boundaryEvent"), flow("late", "way")
    end = FRAGILE["process.bpmn"].index("</boundaryEvent>") + len("</boundaryEvent>")
    bare = (FRAGILE["process.bpmn"][:edge] + FRAGILE["process.bpmn"][end:]).replace(way, "")
    bare = bare.replace("<flowNodeRef>late</flowNodeRef>", "")
    publish(world, {**FRAGILE, "process.bpmn": bare})
    migrate(world, order, 2, key="trial")
    with Session(world.engine) as session:
        assert session.exec(select(Timer)).all() == []
    still.move(timedelta(minutes=30))
    migrate(world, order, 1, key="trial")
    with Session(world.engine) as session:
        timer = session.exec(select(Timer)).one()
    assert (timer.node, timer.due_at) == ("late", still.at + timedelta(hours=1))
    assert open_tasks(world, order)[0].due_at is None


def with_data(package: Package, name: str, schema: dict[str, object] | None) -> Package:
    data = json.loads(package["data.json"])
    data["properties"].pop(name)
    forms = dict(package)
    if schema is not None:
        data["properties"][name] = schema
    else:
        for path, source in package.items():
            if path.startswith("forms/"):
                form = json.loads(source)
                form["properties"].pop(name, None)
                form["required"] = [one for one in form.get("required", ()) if one != name]
                forms[path] = json.dumps(form, ensure_ascii=False)
    return {**forms, "data.json": json.dumps(data, ensure_ascii=False)}


@pytest.mark.parametrize(
    ("schema", "said"),
    [(None, "新版没有“说明”"), ({"type": "integer", "title": "说明"}, "新版里“说明”换了类型")],
)
def test_no_variable_is_lost(world: World, schema: dict[str, object] | None, said: str) -> None:
    order = given_up(world)
    call_v2 = with_data(CALLING, "note", schema)
    call_v2["process.bpmn"] = call_v2["process.bpmn"].replace('value="note"', 'value="what"')
    publish(world, call_v2)
    with pytest.raises(by_hand.Refused, match=said):
        migrate(world, order, 2, key="calling")
    assert case_of(world, order).variables["note"] == "请来看看"


def test_a_call_under_way_comes_back_to_the_step_under_its_new_name(world: World) -> None:
    order = given_up(world)
    renamed = CALLING["process.bpmn"].replace('"call"', '"ring"').replace(">call<", ">ring<")
    publish(world, {**CALLING, "process.bpmn": renamed})
    switch(world, None)
    page = f"/monitor/incidents/{incident_of(world, order).id}"
    signed_in(world, "admin").post(f"{page}/retry")  # a call is in the queue, under the old name
    migrate(world, order, 2, {"call": "ring"}, key="calling")
    assert incident_of(world, order).node == "ring"
    assert call(world) == 1
    assert [one.name for one in open_tasks(world, order)] == ["回看"]
    assert incidents(world, order, unresolved=True) == []


def test_a_call_that_would_be_anothers_waits_for_its_answer_first(world: World) -> None:
    order = given_up(world)
    publish(world, {**CALLING, "process.bpmn": CALLING["process.bpmn"].replace('tx:do="demo"', 'tx:do="failing"')})
    with pytest.raises(by_hand.Refused, match="请等有了答复再换"):
        migrate(world, order, 2, key="calling")


def test_an_incident_of_a_task_follows_and_is_mended_there(world: World) -> None:
    order = not_handed_in(world)
    mended = FRAGILE["process.bpmn"].replace("parameters.way = &quot;inspect&quot;", "true").replace('"work"', '"toil"')
    mended = mended.replace(">work<", ">toil<").replace('tx:form="toil"', 'tx:form="work"')
    publish(world, {**FRAGILE, "process.bpmn": mended})
    migrate(world, order, 2, {"work": "toil"}, key="trial")
    assert incident_of(world, order).node == "toil"
    give_post(world, "admin", "inspector", "YZ")
    page = f"/monitor/incidents/{incident_of(world, order).id}"
    assert signed_in(world, "admin").post(f"{page}/retry").status_code == 303
    assert [one.name for one in open_tasks(world, order)] == ["查看"]
    assert incidents(world, order, unresolved=True) == []


def test_a_message_waited_for_under_another_name(world: World) -> None:
    order = open_order(world)
    changed = orders()
    changed["process.bpmn"] = changed["process.bpmn"].replace('name="withdrawn"', 'name="taken_back"')
    changed["procedure.toml"] = changed["procedure.toml"].replace('name = "withdrawn"', 'name = "taken_back"')
    assert changed != orders()
    publish(world, changed)
    migrate(world, order, 2)
    with Session(world.engine) as session:
        assert [one.message for one in session.exec(select(Subscription))] == ["taken_back"]
    Api(world, order.link).post(f"/cases/{order.id}/withdrawal")
    assert case_of(world, order).status == "closed"


def test_twice_a_closed_case_and_a_version_of_something_else_are_refused(world: World) -> None:
    order, closed = open_order(world), open_order(world)
    Api(world, closed.link).post(f"/cases/{closed.id}/withdrawal")
    publish(world, with_step_renamed())
    publish(world, CALLING)
    migrate(world, order, 2, VERIFY)
    with pytest.raises(lifecycle.NotReady, match="已经在第 2 版"):
        migrate(world, order, 2, VERIFY)
    with pytest.raises(lifecycle.NotReady, match="已经办结"):
        migrate(world, closed, 2, VERIFY)
    with pytest.raises(lifecycle.NotReady, match="同一个流程"):
        migrate(world, order, 1, key="calling")
    assert kinds(world, order).count("case_migrated") == 1
    migrate(world, order, 1, {"verify": "check"})
    assert open_tasks(world, order)[0].name == "核实"


def test_who_hands_in_while_it_goes_over_waits_and_is_taken_in_the_new_version(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    publish(world, with_step_renamed())
    moved, release = Signal(), Signal()

    def goes_over() -> None:
        with db.transaction(world.engine) as session:
            found = held.by_case(session, int(order.id), clock.now())
            assert found is not None
            migrating.migrate_case(session, found, version(session, 2), VERIFY, "x", chain.SYSTEM)
            moved.set()
            assert release.wait(10)

    def hands_in() -> int:
        assert moved.wait(10)
        values = {"decision": "valid", "kind": "下水", "urgent": "false"}
        Later(0.5, release.set).start()  # while it waits for the lock
        return clerk.post(f"{order.page}/completion", values).status_code

    with ThreadPoolExecutor(2) as pool:
        over, handed_in = pool.submit(goes_over), pool.submit(hands_in)
        over.result()
        assert handed_in.result() == 303
    assert kinds(world, order) == ["opened", "task_claimed", "case_migrated", "task_completed"]
    with Session(world.engine) as session:
        assert [one.node for one in session.exec(select(Task).order_by(col(Task.id)))] == ["verify", "dispatch"]
