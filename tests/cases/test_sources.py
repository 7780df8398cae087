"""Values that are there already: the page says whose they are; a proposal stands until somebody types."""

import re
from typing import Any

import pytest

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of
from tests.fixtures import Clock, World
from tests.orders import Order
from tests.procedures.live import LIVE
from tests.procedures.packages import publish
from tests.statements import watched


@pytest.fixture
def live(world: World, still: Clock) -> World:
    publish(world, LIVE)
    return world


def opened(world: World, **values: Any) -> tuple[str, str, Browser]:
    """Case, task, and the clerk who has it."""
    api = Api(world, world.token("zhanglan"))
    case = api.post("/cases", procedure="live", unit="YY102", values={"what": "送饭", **values})
    task = case["tasks"][0]["id"]
    api.post(f"/tasks/{task}/claim")
    return case["id"], task, signed_in(world, "zhanglan")


def test_who_filled_it_in(live: World) -> None:
    _case, task, clerk = opened(live, call="13800138000")
    assert "报事时张岚代填的，3月5日" in clerk.get(f"/tasks/{task}").text
    resident = Browser(live)
    sent = {"procedure": "live", "what": "送饭", "place": "YY102", "call": "13800138000", "once": "b" * 16}
    assert resident.post("/report", sent).status_code == 303
    number = max(int(one) for one in re.findall(r"/tasks/(\d+)", clerk.get("/tasks?scope=open").text))
    clerk.post(f"/tasks/{number}/claim")
    assert '<p class="from" id="f-call-from">居民填的，3月5日</p>' in clerk.get(f"/tasks/{number}").text


def test_what_one_typed_oneself_has_no_source(live: World) -> None:
    _case, task, clerk = opened(live, call="13800138000")
    clerk.post(f"/tasks/{task}/draft", {"call": "13911112222"})
    assert "代填的" not in clerk.get(f"/tasks/{task}").text
    clerk.post(f"/tasks/{task}/draft", {"call": "13800138000"})
    assert "代填的" in clerk.get(f"/tasks/{task}").text


def test_a_proposal_stands_until_somebody_types(live: World) -> None:
    case, task, clerk = opened(live, call="13800138000")
    page = clerk.get(f"/tasks/{task}").text
    assert '<input type="hidden" name="callback:proposed" value="13800138000">' in page
    assert "报事时留的电话" in page
    sent = {"call": "13911112222", "callback": "13800138000", "callback:proposed": "13800138000"}
    follows = clerk.post(f"/tasks/{task}/fields", sent).text
    assert 'name="callback" value="13911112222"' in follows
    sent["callback"] = "13555556666"
    typed = clerk.post(f"/tasks/{task}/fields", sent).text
    assert 'name="callback" value="13555556666"' in typed
    assert "报事时留的电话" not in typed
    clerk.post(f"/tasks/{task}/draft", {**sent, "callback": ""})
    assert 'name="callback" value=""' in clerk.get(f"/tasks/{task}").text  # emptied on purpose
    given = {"people": "0", "callback": "13800138000", "callback:proposed": "13800138000"}
    assert clerk.post(f"/tasks/{task}/completion", given).status_code == 303
    assert case_of(live, Order(case, "", "", "", "")).variables["callback"] == "13800138000"


def test_a_proposal_that_does_not_fit_is_none(live: World) -> None:
    _case, task, clerk = opened(live)
    page = clerk.post(f"/tasks/{task}/fields", {"call": "12", "callback": "", "callback:proposed": ""}).text
    assert 'name="callback" value=""' in page
    assert "报事时留的电话" not in page


def test_asking_costs_nothing_where_nothing_is_there(live: World) -> None:
    _case, task, clerk = opened(live)
    _other, filled, _clerk = opened(live, call="13800138000")
    with watched(live) as without:
        clerk.get(f"/tasks/{task}")
    with watched(live) as more:
        clerk.get(f"/tasks/{filled}")
    assert len(more) - len(without) <= 1
