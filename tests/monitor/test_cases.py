"""The overview's numbers and the cases behind them."""

import re
from datetime import timedelta

import pytest

from tests.callers import Api, signed_in
from tests.fixtures import Clock, World
from tests.monitor.stuck import give_post, given_up, not_handed_in, open_case
from tests.orders import open_order
from tests.procedures.packages import FRAGILE, publish
from tongxin.monitor import case_list


def links(page: str) -> list[str]:
    """Where the numbers lead."""
    return [one.replace("&amp;", "&") for one in re.findall(r'href="(/monitor/cases\?procedure=[^"]+)"', page)]


def test_both_versions_side_by_side_and_every_number_leads_to_its_cases(world: World, still: Clock) -> None:
    publish(world, FRAGILE)
    first = [open_case(world, "trial", f"第一版{number}") for number in range(2)]
    publish(world, {**FRAGILE, "data.json": FRAGILE["data.json"].replace("说明", "备注")})
    second, late = open_case(world, "trial", "第二版"), open_order(world)
    still.move(timedelta(hours=1))
    admin = signed_in(world, "admin")
    page = admin.get("/monitor").text
    assert "试办 第 1 版" in page and "试办 第 2 版" in page
    found = {address: admin.get(address).text for address in links(page)}
    assert set(found) == {
        "/monitor/cases?procedure=trial&version=1",
        "/monitor/cases?procedure=trial&version=2",
        "/monitor/cases?procedure=orders&version=1",
        "/monitor/cases?procedure=orders&version=1&overdue=1",
    }
    for order in first:
        assert order.code in found["/monitor/cases?procedure=trial&version=1"]
        assert order.code not in found["/monitor/cases?procedure=trial&version=2"]
    assert second.code in found["/monitor/cases?procedure=trial&version=2"]
    assert late.code in found["/monitor/cases?procedure=orders&version=1&overdue=1"]


def test_incidents_come_first(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "没有故障" in admin.get("/monitor").text
    order = given_up(world)
    page = admin.get("/monitor").text
    assert page.index("有事卡住了") < page.index("各流程各版本")
    assert order.code in admin.get("/monitor/cases?state=incident").text
    assert "卡住了" in admin.get("/monitor/cases").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "order"),
        ("state=all", "order other closed"),
        ("state=closed", "closed"),
        ("state=recent", "closed"),
        ("unit=YY", "order"),
        ("unit=NY&state=all", "other closed"),
        ("unit=nowhere", ""),
        ("who=role:community_clerk", "other"),
        ("who=person:{lichs}", "order"),
        ("who=person:x", ""),
        ("who=nonsense", ""),
        ("q=灯不亮&state=all", "other"),
        ("q={order}", "order"),
        ("q=%25&state=all", ""),
        ("procedure=orders&version=1", "order other"),
        ("procedure=orders&version=7", ""),
        ("procedure=nothing", ""),
        ("procedure=orders&version=99999999999999999999", "order other"),
    ],
)
def test_filters(world: World, query: str, found: str) -> None:
    cases = {"order": open_order(world, "接单").code}
    clerk = Api(world, world.token("wudi"))
    for name, what in (("other", "楼道灯不亮"), ("closed", "门坏了")):
        case = clerk.post("/cases", procedure="orders", unit="NY101", values={"what": what})
        cases[name] = case["code"]
        if name == "closed":
            Api(world, case["link"]).post(f"/cases/{case['id']}/withdrawal")
    admin = signed_in(world, "admin")
    query = query.replace("{lichs}", world.account_id("lichs")).replace("{order}", cases["order"])
    page = admin.get(f"/monitor/cases?{query}")
    assert page.status_code == 200
    expected = (
        {"order", "other"} if query in ("", "procedure=orders&version=1") or "9999" in query else set(found.split())
    )
    assert {name for name, code in cases.items() if code in page.text} == expected


def test_page_after_page_shows_each_case_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_list, "PAGE", 2)
    codes = [open_order(world).code for _ in range(5)]
    admin, address, seen = signed_in(world, "admin"), "/monitor/cases", []
    for _ in range(3):
        page = admin.get(address).text
        seen += [code for code in reversed(codes) if code in page]
        following = re.findall(r'href="(/monitor/cases\?[^"]*before=[^"]+)"', page)
        address = following[0].replace("&amp;", "&") if following else ""
    assert (seen, address) == (codes[::-1], "")


@pytest.mark.parametrize("query", ["state=nonsense", "before=x", "overdue=maybe"])
def test_what_cannot_be_understood(world: World, query: str) -> None:
    assert signed_in(world, "admin").get(f"/monitor/cases?{query}").status_code == 422


def test_an_administrator_sees_their_units_only(world: World) -> None:
    order = not_handed_in(world)
    give_post(world, "wudi", "administrator", "NY")
    give_post(world, "zhaoqm", "administrator", "YY")
    for login, sees in (("wudi", False), ("zhaoqm", True)):
        browser = signed_in(world, login)
        overview = browser.get("/monitor").text
        assert ("procedure=trial&amp;version=1" in overview) is sees
        assert "工作进程" not in overview
        for address in ("/monitor/cases", "/monitor/incidents"):
            assert (order.code in browser.get(address).text) is sees


@pytest.mark.parametrize("address", ["/monitor", "/monitor/cases", "/monitor/incidents", "/monitor/connectors"])
def test_nobody_else_sees_anything(world: World, address: str) -> None:
    clerk = signed_in(world, "zhanglan")
    assert clerk.get(address).status_code == 404
    assert 'href="/monitor"' not in clerk.get("/tasks").text
    assert 'href="/monitor"' in signed_in(world, "admin").get("/tasks").text


def test_workers_and_what_waits_for_them(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "没有工作进程" in admin.get("/monitor").text
    with world.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO procrastinate_workers DEFAULT VALUES")
        connection.exec_driver_sql(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '10 minutes')"
        )
    open_order(world, "接单")
    page = admin.get("/monitor").text
    for said in ("1 个在工作", "10 分钟没有消息", "往外发提醒"):
        assert said in page
