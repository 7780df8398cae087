"""Connectors: how they did, and in a demo a twin in place of one."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.callers import Api, signed_in
from tests.cases.history import case_of, incidents, open_tasks
from tests.fixtures import World
from tests.monitor.stuck import call, given_up, open_case, switch
from tests.orders import open_order
from tests.procedures.packages import CALLING, publish
from tests.worker.test_jobs import run
from tongxin import config, db, engine, jobs
from tongxin.connectors import CallFailed, demo, office_webhook, registry


def test_switched_in_a_demo_and_back(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "近一天调用" in admin.get("/monitor/connectors").text
    answer = admin.post("/monitor/connectors/demo/twin", {"twin": "failing"})
    assert "已切换" in admin.get(answer.headers["location"]).text
    given_up(world)
    page = admin.get("/monitor/connectors").text
    for said in ("已换成从不应答的替身", "对方系统没有应答"):
        assert said in page
    admin.post("/monitor/connectors/demo/twin", {"twin": ""})
    assert "已换成从不应答的替身" not in admin.get("/monitor/connectors").text


@pytest.mark.parametrize(("name", "twin"), [("nothing", "demo"), ("demo", "nothing"), ("x" * 200, "")])
def test_what_does_not_exist_is_not_switched(world: World, name: str, twin: str) -> None:
    assert signed_in(world, "admin").post(f"/monitor/connectors/{name}/twin", {"twin": twin}).status_code == 422


def test_nobody_switches_outside_a_demo_nor_without_being_administrator_of_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, admin = signed_in(world, "zhanglan"), signed_in(world, "admin")
    assert clerk.post("/monitor/connectors/demo/twin", {"twin": "failing"}).status_code == 404
    real = SimpleNamespace(demo=False)
    monkeypatch.setattr("tongxin.monitor.routes.config", SimpleNamespace(settings=lambda: real))
    assert admin.post("/monitor/connectors/demo/twin", {"twin": "failing"}).status_code == 404


def test_a_twin_is_heeded_in_a_demo_only(settings: config.Settings) -> None:
    real: Any = SimpleNamespace(demo=False, office_webhook="https://office.example")
    assert registry.for_action("office_webhook", real, "failing") is office_webhook
    assert registry.for_action("office_webhook", settings) is demo  # not set up: its stand-in
    assert registry.for_action("nothing", settings) is None
    assert registry.for_notices(SimpleNamespace(demo=False, office_webhook=None)) is None  # type: ignore[arg-type]


def test_notices_go_by_the_twin(world: World) -> None:
    open_order(world, "接单")
    switch(world, "failing", "office_webhook")
    with pytest.raises(CallFailed):
        run(world, "post_notice")
    switch(world, None, "office_webhook")
    run(world, "post_notice")
    page = signed_in(world, "admin").get("/monitor/connectors").text
    assert "2 次" in page and "1 次" in page


def test_a_mistake_in_a_connector_is_tried_again_and_then_an_incident(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, CALLING)
    order = open_case(world, "calling")
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": "好"})

    def broken(settings: object, given: object, key: str) -> object:
        raise KeyError("text")

    monkeypatch.setattr(demo, "call", broken)
    with pytest.raises(CallFailed):
        call(world)
    assert not incidents(world, order)
    key = next(key for key, node in engine.live_nodes(case_of(world, order).state).items() if node == "call")
    args = {"case_id": int(order.id), "key": key, "node": "call", "action": "demo", "input": {"text": "好"}}
    with db.transaction(world.engine) as session:  # the queue's next try
        jobs.defer(session, [jobs.Job("call_connector", args)])
    call(world, attempts=4)
    (incident,) = incidents(world, order, unresolved=True)
    assert "调用出错" in incident.cause
    assert open_tasks(world, order) == []


def test_what_is_not_set_up_is_refused_at_once(world: World) -> None:
    publish(world, {**CALLING, "process.bpmn": CALLING["process.bpmn"].replace('tx:do="demo"', 'tx:do="nobody"')})
    order = open_case(world, "calling")
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": "好"})
    assert call(world) == 1
    (incident,) = incidents(world, order, unresolved=True)
    assert "没有“nobody”这个连接" in incident.cause


def test_a_call_made_several_times_at_once_comes_back_each_time(world: World) -> None:
    many = '</extensionElements><multiInstanceLoopCharacteristics tx:collection="[1,2,3]"/></serviceTask>'
    drawn = CALLING["process.bpmn"].replace("</extensionElements></serviceTask>", many)
    assert drawn != CALLING["process.bpmn"]
    publish(world, {**CALLING, "process.bpmn": drawn})
    order = open_case(world, "calling")
    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": "好"})
    shown = signed_in(world, "admin").get(f"/monitor/cases/{order.id}/move").text
    assert shown.count("正在调用外部系统") == 3
    assert "各份一起" in shown
    assert call(world) == 3
    assert [task.name for task in open_tasks(world, order)] == ["回看"]
