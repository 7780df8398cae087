"""A unit chosen in a form: of the level and around the case, nearest first, by name wherever it is shown."""

import json
from typing import Any

import pytest

from tests.callers import Api, Browser, signed_in
from tests.cases.test_choices import offered, opened
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import flow, package, publish
from tongxin.procedures.definition import Refused, compile_package

_DRAWN = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/>'
    '<userTask id="look" name="回看" tx:form="look"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "look")
    + flow("look", "done"),
    {"community_clerk": ["begin", "work", "look", "done"]},
    forms={"work": ["to"], "look": ["note", "to"]},
)


def procedure(**declared: Any) -> dict[str, str]:
    data = json.loads(_DRAWN["data.json"])
    data["properties"]["to"] = {"type": "string", "title": "转给哪里", "format": "unit", **declared}
    look = json.loads(_DRAWN["forms/look.json"])
    look["properties"]["to"]["readOnly"] = True
    ledger = '\n[[ledger]]\nname = "转给"\nvalue = "to"\n'
    files = {"data.json": json.dumps(data), "forms/look.json": json.dumps(look)}
    return {**_DRAWN, **files, "procedure.toml": _DRAWN["procedure.toml"] + ledger}


def claimed(world: World) -> tuple[Order, Browser]:
    """A case at a building of the first grid, and the clerk who has its task."""
    order, clerk = opened(world), signed_in(world, "zhanglan")
    assert clerk.post(f"{order.page}/claim").status_code == 303
    return order, clerk


def test_those_around_the_case_are_offered_nearest_first(world: World) -> None:
    publish(world, procedure(**{"x-level": "grid"}))
    order, clerk = claimed(world)
    page = clerk.get(order.page).text
    assert offered(page, "to") == ["怡园社区第一网格", "怡园社区第二网格"]
    assert page.index('label="就近"') < page.index('label="其他"')


def test_x_within_widens_it(world: World) -> None:
    publish(world, procedure(**{"x-level": "community", "x-within": "township"}))
    order, clerk = claimed(world)
    page = clerk.get(order.page).text
    assert offered(page, "to")[0] == "怡园社区"
    assert "南苑社区" in offered(page, "to")


def test_departments(world: World) -> None:
    publish(world, procedure(**{"x-kind": "department", "x-within": "township"}))
    order, clerk = claimed(world)
    page = clerk.get(order.page).text
    assert offered(page, "to") == ["滨河街道党建办", "滨河街道综治中心", "滨河派出所"]


def test_chosen_and_shown_by_name(world: World) -> None:
    publish(world, procedure(**{"x-level": "grid"}))
    order, clerk = claimed(world)
    beyond = clerk.post(f"{order.page}/completion", {"to": "NY1"})
    assert (beyond.status_code, "没有找到这个单位，请重新选择转给哪里" in beyond.text) == (422, True)
    api = Api(world, world.token("zhanglan"))
    assert api.send("POST", f"/tasks/{order.task}/completion", {"values": {"to": "NY1"}}).status_code == 422
    look = clerk.post(f"{order.page}/completion", {"to": "YY2"}).headers["location"]
    clerk.post(f"{look}/claim")
    assert "<p>怡园社区第二网格</p>" in clerk.get(look).text  # read-only on the next form
    page = clerk.get(f"/cases/{order.id}").text
    assert "转给哪里：怡园社区第二网格" in page
    assert "<dd>怡园社区第二网格</dd>" in page
    assert "YY2" not in page
    assert api.get(f"/cases/{order.id}")["ledger"] == {"转给": "怡园社区第二网格"}


def test_residents_are_not_asked_for_one(world: World) -> None:
    start = json.dumps({"title": "报", "type": "object", "properties": {"to": {"$ref": "../data.json#/properties/to"}}})
    with pytest.raises(Refused) as refused:
        compile_package({**procedure(**{"x-level": "grid"}), "forms/start.json": start})
    assert [one.message for one in refused.value.findings] == ["居民填的表单里不能选人、选单位或选事项：“转给哪里”。"]
    hidden = start.replace('properties/to"}', 'properties/to", "x-visible": "case.by_staff"}')
    publish(world, {**procedure(**{"x-level": "grid"}), "forms/start.json": hidden})
    page = Browser(world).get("/report?procedure=trial&place=YY102").text
    assert "怡园社区第二网格" not in page
    given = {"procedure": "trial", "place": "YY102", "what": "灯", "to": "YY2"}
    assert "怡园社区第二网格" not in Browser(world).post("/report", given).text


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({}, "要说明选哪一级的单位：写 x-level，或 x-kind"),
        ({"x-level": "village"}, "x-level 应为 building、city、community、county、grid、province、township 之一"),
        ({"x-kind": "office"}, "x-kind 应为 department、territory 之一"),
    ],
)
def test_a_doubtful_declaration_is_refused(declared: dict[str, str], message: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_package(procedure(**declared))
    assert message in str([one.message for one in refused.value.findings])
