"""The order of the source, through the API: from the report to the rating."""

from typing import Any

from tests.fixtures import Clock, World


def call(world: World, method: str, path: str, token: str, **body: Any) -> Any:
    answer = world.client.request(
        method, f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, json=body or None
    )
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_the_order_runs_through_the_api(world: World, still: Clock) -> None:
    clerk, dispatcher, member = (world.token(login) for login in ("zhanglan", "zhaoqm", "lichs"))
    case = call(
        world,
        "POST",
        "/cases",
        clerk,
        procedure="orders",
        unit="YY102",
        values={"what": "下水道堵塞", "source": "群内代录"},
    )
    steps = [
        (clerk, "核实", {"decision": "valid", "kind": "下水", "urgent": True}),
        (dispatcher, "派单", {"member": world.account_id("lichs"), "urgent": True}),
        (member, "接单", {"answer": "accept"}),
        (member, "联系", {"outside_help": True, "helper": "畅达疏通"}),
        (member, "到场", {}),
        (member, "处置", {"result": "已疏通"}),
        (case["link"], "评单", {"rating": 5}),
    ]
    tasks = case["tasks"]
    for token, name, values in steps:
        assert [task["name"] for task in tasks] == [name]
        tasks = call(world, "POST", f"/tasks/{tasks[0]['id']}/completion", token, values=values)["tasks"]
    seen = call(world, "GET", f"/cases/{case['code'].lower()}", clerk)
    assert (seen["status"], seen["ledger"]["满意情况"]) == ("closed", "满意")
    kinds = [event["kind"] for event in call(world, "GET", f"/cases/{case['id']}/events", clerk)["items"]]
    assert kinds == [
        "opened",
        "decided",
        "task_completed",
        "decided",
        *["task_completed"] * 5,
        "message_sent",
        "task_completed",
        "closed",
    ]
