"""Lists of people, cases and places in forms that open a case and in those of a button."""

import json
import re
from typing import Any

import pytest

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import flow, package, publish
from tongxin.procedures.definition import Refused, compile_package

MORE = {
    "who": {"type": "string", "title": "找谁", "format": "person", "x-role": "party_member"},
    "same": {"type": "string", "title": "和哪件一样", "format": "case"},
    "where": {"type": "string", "title": "在哪栋楼", "format": "place"},
}
_DRAWN = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/><endEvent id="done"/>'
    '<boundaryEvent id="back" attachedToRef="work"><messageEventDefinition messageRef="m1"/></boundaryEvent>'
    '<boundaryEvent id="stop" attachedToRef="work"><messageEventDefinition messageRef="m2"/></boundaryEvent>'
    '<endEvent id="gone"/>'
    + flow("begin", "work")
    + flow("work", "done")
    + flow("back", "gone")
    + flow("stop", "gone"),
    {"community_clerk": ["begin", "work", "done", "gone", "back", "stop"]},
    forms={"work": ["note"]},
)
_BUTTONS = """
[[messages]]
name = "back"
title = "退回"
by = "assignee"
form = "back"
[[messages]]
name = "stop"
title = "不办了"
by = "reporter"
form = "stop"
"""


def form(*fields: str, staff_only: tuple[str, ...] = ()) -> str:
    properties: dict[str, Any] = {name: {"$ref": f"../data.json#/properties/{name}"} for name in fields}
    for name in staff_only:
        properties[name] = {"$ref": f"../data.json#/properties/{name}", "x-visible": "case.by_staff"}
    return json.dumps(
        {"title": "填写", "type": "object", "required": ["what"][: "what" in fields], "properties": properties}
    )


def procedure(*, staff_only: bool = True) -> dict[str, str]:
    data = json.loads(_DRAWN["data.json"])
    data["properties"] |= MORE
    lists = ("who", "same")
    start = form("what", "where", staff_only=lists) if staff_only else form("what", "where", *lists)
    messages = '<message id="m1" name="back"/><message id="m2" name="stop"/><process '
    return {
        **_DRAWN,
        "procedure.toml": _DRAWN["procedure.toml"] + _BUTTONS,
        "data.json": json.dumps(data),
        "process.bpmn": _DRAWN["process.bpmn"].replace("<process ", messages, 1),
        "forms/start.json": start,
        "forms/back.json": form("note", "who", "same", "where"),
        "forms/stop.json": form("where"),
    }


def offered(page: str, name: str) -> list[str]:
    """The labels a chooser offers, whether it is a list or stands open."""
    for select in re.findall(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL):
        return re.findall(r'<option value="[^"]+"[^>]*>([^<]+)', select)
    return re.findall(rf'name="{name}" value="[^"]+"[^>]*><span>([^<]+)', page)


def opened(world: World, **values: str) -> Order:
    given = {"what": "灯不亮", **values}
    case = Api(world, world.token("zhanglan")).post("/cases", procedure="trial", unit="YY102", values=given)
    return Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "办理")


def test_staff_choose_when_they_open_a_case(world: World) -> None:
    publish(world, procedure())
    earlier, clerk = opened(world), signed_in(world, "zhanglan")
    page = clerk.get("/cases/start/trial").text
    assert offered(page, "who") == ["李春生（怡园社区第一网格）", "周雨（怡园社区第二网格）"]
    assert offered(page, "same") == [f"{earlier.code} 灯不亮"]
    assert ("怡园小区2号楼" in offered(page, "where"), "南苑新村1号楼" in offered(page, "where")) == (True, False)
    given = {"place": "YY201", "what": "又一件", "who": world.account_id("lichs"), "same": earlier.id, "where": "YY202"}
    where = clerk.post("/cases/start/trial", given).headers["location"]
    kept = case_of(world, Order(where.rpartition("/")[2], "", "", "", "")).variables
    assert {name: kept[name] for name in ("who", "same", "where")} == {name: given[name] for name in MORE}


def test_what_is_beyond_the_place_is_refused_and_nothing_typed_is_lost(world: World) -> None:
    publish(world, procedure())
    clerk = signed_in(world, "zhanglan")
    given = {"place": "YY201", "what": "灯", "who": world.account_id("zhengjie"), "where": "NY101"}
    answer = clerk.post("/cases/start/trial", given)
    assert answer.status_code == 422
    for told in ("没有找到这个人", "没有找到这个地点", "周雨"):
        assert told in answer.text
    assert offered(answer.text, "who")[0] == "周雨（怡园社区第二网格）"  # nearest to the chosen place


def test_others_of_another_community_are_not_offered(world: World) -> None:
    publish(world, procedure())
    opened(world)
    page = signed_in(world, "wudi").get("/cases/start/trial").text
    assert (offered(page, "who"), offered(page, "same")) == (["郑洁（南苑社区第一网格）"], [])


def test_residents_are_shown_places_only(world: World) -> None:
    publish(world, procedure())
    order = opened(world)
    page = Browser(world).get("/report?procedure=trial&place=YY102").text
    assert "怡园小区2号楼" in offered(page, "where")
    assert [told for told in ("李春生", order.code, "灯不亮") if told in page] == []
    given = {"procedure": "trial", "place": "YY102", "what": "灯", "who": world.account_id("lichs"), "same": order.id}
    answer = Browser(world).post("/report", given)
    link = answer.headers["location"].removesuffix("/done")
    assert answer.status_code == 303  # hidden from them, so what they sent for it is dropped
    stop = Browser(world).get(link).text
    assert "怡园小区2号楼" in offered(stop, "where")


def test_a_buttons_form_offers_them_and_keeps_what_was_typed(world: World) -> None:
    publish(world, procedure())
    other, order, clerk = opened(world), opened(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    page = clerk.get(order.page).text
    assert offered(page, "who") == ["李春生（怡园社区第一网格）", "周雨（怡园社区第二网格）"]
    assert offered(page, "same") == [f"{other.code} 灯不亮"]
    given = {"note": "说" * 501, "who": world.account_id("lichs"), "same": "999", "where": "YY202"}
    refused = clerk.post(f"{order.page}/messages/back", given)
    assert (refused.status_code, "没有找到这个案件" in refused.text, given["note"] in refused.text) == (422, True, True)
    good = {**given, "note": "退回", "same": other.id}
    assert clerk.post(f"{order.page}/messages/back", good).status_code == 303
    assert case_of(world, order).variables["same"] == other.id


def test_staff_withdraw_with_a_list(world: World) -> None:
    publish(world, procedure())
    order, clerk = opened(world), signed_in(world, "zhanglan")
    assert "怡园小区2号楼" in offered(clerk.get(f"/cases/{order.id}").text, "where")
    refused = clerk.post(f"/cases/{order.id}/withdrawal", {"where": "NY101"})
    assert (refused.status_code, "没有找到这个地点" in refused.text) == (422, True)
    assert clerk.post(f"/cases/{order.id}/withdrawal", {"where": "YY101"}).status_code == 303


def test_a_form_that_would_show_residents_more_is_not_published() -> None:
    with pytest.raises(Refused) as refused:
        compile_package(procedure(staff_only=False))
    assert [finding.name for finding in refused.value.findings] == ["who", "same"]
    compile_package(procedure(staff_only=False), definition_id=7)  # what was published before still runs
