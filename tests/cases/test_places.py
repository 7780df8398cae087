"""Choosing a place: few are a list, of many those that fit a name; nobody chooses what is not theirs to choose."""

import re
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of
from tests.cases.test_choices import offered
from tests.fixtures import Clock, World
from tests.orders import Order
from tests.procedures.live import LIVE
from tests.procedures.packages import publish
from tongxin import db
from tongxin.people import directory, places


def build(world: World, many: int = 80) -> None:
    """A grid of 怡园社区 with many houses, and namesakes elsewhere."""
    with db.transaction(world.engine) as session:
        grid = directory.unit_by_code(session, "YY1")
        for number in range(1, many + 1):
            code, name = f"BIG{number:03}", f"怡馨园小区{number}号楼"
            directory.add_unit(session, code=code, name=name, level="building", parent=grid)
        other = directory.unit_by_code(session, "NY1")
        directory.add_unit(session, code="FAR", name="怡馨园别墅7号楼", level="building", parent=other)


def found(world: World, typed: str, path: str = "/", *levels: str) -> list[str]:
    with Session(world.engine) as session:
        return [one.path for one in places.search(session, [path], typed, levels or places.LEVELS)]


def results(page: str, name: str = "place") -> list[str]:
    return re.findall(rf'type="radio" name="{name}" value="[^"]+"[^>]*><span>([^<]+)', page)


def test_names_are_found_as_people_write_them(world: World) -> None:
    build(world)
    assert found(world, "怡馨园小区7号楼")[0] == "怡园社区 › 怡馨园小区7号楼"
    assert found(world, "怡园7号楼")[0] == "怡园社区 › 怡馨园小区7号楼"
    assert found(world, "南苑 怡馨园7号") == ["南苑社区 › 怡馨园别墅7号楼"]
    assert found(world, "怡园社区 › 怡园小区2号楼")[0] == "怡园社区 › 怡园小区2号楼"
    assert "怡园社区 › 怡馨园小区75号楼" not in found(world, "怡馨园7号楼")
    assert found(world, "南苑社区", "/", "community") == ["南苑社区"]
    assert len(found(world, "怡馨园")) == places.MOST_FOUND + 1
    for nothing in ("", "   ", "%", "_", "\\", "\0", "没有这里", "a" * 5000):
        assert found(world, nothing) == [], nothing


def test_never_beyond_what_one_may_choose_from(world: World) -> None:
    build(world)
    with Session(world.engine) as session:
        path = directory.unit_by_code(session, "NY").path
        assert [one.code for one in places.search(session, [path], "怡馨园")] == ["FAR"]
        assert places.search(session, [], "怡馨园") == []
        assert places.one(session, [path], "BIG007") is None
        assert places.one(session, [path], "FAR", ["community"]) is None
        assert places.few(session, ["/"]) is None
        few = places.few(session, [path])
    assert few is not None
    assert [one.path for one in few][:2] == ["南苑社区", "南苑社区 › 南苑社区第一网格"]


def test_few_places_are_a_list(world: World) -> None:
    page = Browser(world).get("/report").text
    assert "怡园小区2号楼" in offered(page, "place")
    assert '<optgroup label="怡园社区">' in page
    assert "place:find" not in page


def test_of_many_those_that_fit(world: World) -> None:
    build(world)
    resident = Browser(world)
    page = resident.get("/report").text
    assert "怡馨园" not in page
    assert 'name="place:find"' in page
    typed = {"procedure": "orders", "what": "漏水了", "place:find": "怡馨园小区7号楼", "once": "a" * 16}
    answer = resident.post("/report/fields", {**typed, ":finding": "place"}).text
    assert results(answer)[0] == "怡园社区 › 怡馨园小区7号楼"
    assert "找到 8 处，请选一处。" in answer
    by_button = resident.post("/report", {**typed, ":again": "1"}).text
    assert results(by_button)[0] == "怡园社区 › 怡馨园小区7号楼"
    assert "漏水了" in by_button
    assert "error-summary" not in by_button
    not_picked = resident.post("/report", typed)
    assert not_picked.status_code == 422
    assert "请选择在哪里" in not_picked.text
    assert results(not_picked.text)[0] == "怡园社区 › 怡馨园小区7号楼"
    assert resident.post("/report", {**typed, "place": "BIG007"}).status_code == 303


def test_too_many_and_none(world: World) -> None:
    build(world)
    resident = Browser(world)
    sent = {"procedure": "orders", ":finding": "place"}
    many = resident.post("/report/fields", {**sent, "place:find": "怡馨园"}).text
    assert "找到的太多，先列出 20 处" in many
    assert len(results(many)) == 20
    assert "没有找到“火星”" in resident.post("/report/fields", {**sent, "place:find": "火星"}).text


def test_a_resident_waits_who_searches_without_end(world: World, still: Clock) -> None:
    build(world)
    resident = Browser(world)
    sent = {"procedure": "orders", "place:find": "怡馨园", ":finding": "place"}
    answers = [resident.post("/report/fields", sent).status_code for _ in range(601)]
    assert set(answers[:600]) == {200}
    assert answers[600] == 429
    by_button = resident.post("/report", {**sent, "what": "漏水了", ":again": "1"})
    assert by_button.status_code == 429
    assert "找得太快了" in by_button.text
    assert "漏水了" in by_button.text


@pytest.fixture
def live(world: World) -> World:
    publish(world, LIVE)
    return world


def opened(world: World, **home: str) -> Any:
    api = Api(world, world.token("zhanglan"))
    return api.post("/cases", procedure="live", unit="YY102", values={"what": "送饭", "home": home})


def test_an_address_everywhere(live: World) -> None:
    case = opened(live, place="YY102", detail="3单元502")
    task = case["tasks"][0]["id"]
    whole = "怡园社区 怡园小区2号楼 3单元502"
    variables = case_of(live, Order(case["id"], "", "", "", "")).variables
    assert variables["home"] == {"place": "YY102", "detail": "3单元502", "text": whole}
    clerk = signed_in(live, "zhanglan")
    clerk.post(f"/tasks/{task}/claim")
    page = clerk.get(f"/tasks/{task}").text
    assert whole in page
    assert '<option value="YY102" selected>' in page
    assert 'name="home:detail" value="3单元502"' in page
    given = {"people": "0", "home": "YY103", "home:detail": "1单元"}
    assert clerk.post(f"/tasks/{task}/completion", given).status_code == 303
    shown = clerk.get(f"/cases/{case['id']}").text
    assert "怡园社区 怡园小区3号楼 1单元" in shown
    stranger = signed_in(live, "admin").get(f"/cases/{case['id']}").text
    assert "怡园社区 怡园小区3号楼 ***" in stranger
    assert "1单元" not in stranger


def test_what_is_not_theirs_is_refused(live: World) -> None:
    clerk = Api(live, live.token("zhanglan"))
    far = {"what": "送饭", "home": {"place": "NY101"}}
    answer = clerk.send("POST", "/cases", {"procedure": "live", "unit": "YY102", "values": far})
    assert answer.status_code == 422
    assert "没有找到这个地点" in answer.text


def test_looking_in_a_tasks_form(live: World) -> None:
    build(live)
    task = opened(live, place="YY102")["tasks"][0]["id"]
    clerk = signed_in(live, "zhanglan")
    clerk.post(f"/tasks/{task}/claim")
    page = clerk.get(f"/tasks/{task}").text
    assert results(page, "home") == ["怡园社区 › 怡园小区2号楼"]  # what was chosen
    sent = {"home": "YY102", "home:find": "怡馨园别墅", ":finding": "home"}
    assert results(clerk.post(f"/tasks/{task}/fields", sent).text, "home") == ["怡园社区 › 怡园小区2号楼"]
    sent["home:find"] = "怡馨园小区31号楼"
    both = ["怡园社区 › 怡园小区2号楼", "怡园社区 › 怡馨园小区31号楼"]
    assert results(clerk.post(f"/tasks/{task}/fields", sent).text, "home") == both
    draft = {"home": "BIG031", "home:detail": "三楼", "people": "3"}
    clerk.post(f"/tasks/{task}/draft", draft)
    page = clerk.get(f"/tasks/{task}").text
    assert 'value="BIG031" checked' in page
    assert 'value="三楼"' in page


def test_correcting_an_address_by_hand(live: World) -> None:
    build(live)
    case = opened(live, place="YY102", detail="502")
    admin, path = signed_in(live, "admin"), f"/monitor/cases/{case['id']}/data"
    sent = {"field": "home", "reason": "写错了", "home:find": "怡馨园小区9号楼", "shown": "1"}
    sent["seen"] = re.findall(r'name="seen" value="(\d+)"', admin.get(f"{path}?field=home").text)[0]
    again = admin.post(path, {**sent, ":again": "1"})
    assert again.status_code == 422
    assert "怡园社区 › 怡馨园小区9号楼" in again.text
    assert admin.post(path, {**sent, "home": "BIG009", "home:find": ""}).status_code == 303
    text = case_of(live, Order(case["id"], "", "", "", "")).variables["home"]["text"]
    assert text == "怡园社区 怡馨园小区9号楼"


def test_a_place_that_is_no_more_is_not_offered(world: World) -> None:
    build(world, 2)
    with db.transaction(world.engine) as session:
        directory.unit_by_code(session, "BIG001").valid_to = date(2020, 1, 1)
    assert found(world, "怡馨园小区", "/") == ["怡园社区 › 怡馨园小区2号楼"]
    with Session(world.engine) as session:
        assert places.one(session, ["/"], "BIG001") is None
        assert places.named(session, ["BIG001"])["BIG001"].name == "怡馨园小区1号楼"  # history still says it
