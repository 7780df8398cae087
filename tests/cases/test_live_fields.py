"""While somebody types: fields that depend on others are drawn anew; what was not shown is asked for, not refused."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.callers import Api, Browser, signed_in
from tests.fixtures import World
from tests.procedures.live import LIVE
from tests.procedures.packages import publish


@dataclass(frozen=True, slots=True)
class Case:
    """A case of that procedure, its first task in hand of 张兰."""

    id: str
    task: str
    link: str
    clerk: Browser


@pytest.fixture
def case(world: World) -> Case:
    publish(world, LIVE)
    api = Api(world, world.token("zhanglan"))
    made: Any = api.post("/cases", procedure="live", unit="YY102", values={"what": "送饭"})
    task = made["tasks"][0]["id"]
    api.post(f"/tasks/{task}/claim")
    return Case(made["id"], task, made["link"], signed_in(world, "zhanglan"))


def test_only_fields_that_depend_on_others_are_drawn(case: Case) -> None:
    answer = case.clerk.post(f"/tasks/{case.task}/fields", {"people": "2", "days": "3"})
    assert answer.status_code == 200
    assert re.findall(r'data-field="(\w+)"', answer.text) == ["meals", "callback"]
    assert "<output>12</output>" in answer.text
    assert " hidden>" not in answer.text
    nobody = case.clerk.post(f"/tasks/{case.task}/fields", {"people": "0", "days": "很久"})
    assert 'data-field="meals" hidden' in nobody.text


def test_every_place_a_form_is_shown_in(world: World, case: Case) -> None:
    resident = Browser(world)
    at = {
        f"/tasks/{case.task}/messages/back/fields": (case.clerk, {"reason": "别的"}, 'id="a-back-other"'),
        "/cases/start/live/fields": (case.clerk, {"danger": "yes"}, 'id="f-danger_note"'),
        f"/cases/{case.id}/withdrawal/fields": (case.clerk, {"reason": "别的"}, 'id="w-other"'),
        "/report/fields": (resident, {"procedure": "live", "danger": "yes"}, 'id="f-danger_note"'),
        f"/r/{case.link}/messages/withdrawn/fields": (resident, {"reason": "别的"}, 'id="w-other"'),
    }
    for path, (who, typed, drawn) in at.items():
        answer = who.post(path, typed)
        assert answer.status_code == 200, path
        assert drawn in answer.text, path
        assert "hidden" not in answer.text.replace('type="hidden"', ""), path
    case.clerk.post(f"/tasks/{case.task}/completion", {"people": "0"})
    rate = re.findall(rf"/r/{re.escape(case.link)}/tasks/\d+/fields", resident.get(f"/r/{case.link}").text)
    assert len(rate) == 1
    assert 'data-field="why">' in resident.post(rate[0], {"stars": "1"}).text
    assert 'data-field="why" hidden>' in resident.post(rate[0], {"stars": "5"}).text


def test_strangers_learn_nothing(world: World, case: Case) -> None:
    stranger, resident = signed_in(world, "sunjing"), Browser(world)
    for path in (
        f"/tasks/{case.task}/fields",
        f"/tasks/{case.task}/messages/back/fields",
        f"/tasks/{case.task}/messages/nothing/fields",
        f"/cases/{case.id}/withdrawal/fields",
    ):
        assert stranger.post(path).status_code == 404, path
    assert resident.post("/r/1.nothing/messages/withdrawn/fields").status_code == 404
    assert resident.post(f"/r/{case.link}/tasks/{case.task}/fields").status_code == 404  # the clerk's
    assert resident.post(f"/r/{case.link}/tasks/{10**30}/fields").status_code == 404
    assert resident.post(f"/tasks/{case.task}/fields").status_code in (303, 401)


def test_a_form_without_such_fields_asks_nothing(world: World, case: Case) -> None:
    assert f'data-fields="/tasks/{case.task}/fields"' in case.clerk.get(f"/tasks/{case.task}").text
    assert "data-fields" not in Browser(world).get("/report?procedure=orders").text  # only by_staff decides there


def test_what_was_not_shown_is_asked_for(case: Case) -> None:
    page = case.clerk.get(f"/cases/{case.id}").text
    assert '<input type="hidden" name=":unseen" value="other">' in page
    path = f"/cases/{case.id}/withdrawal"
    first = case.clerk.post(path, {"reason": "别的", "other": "", ":unseen": "other"})
    assert first.status_code == 422
    assert "请再填这几项" in first.text
    assert '<a href="#w-other">别的原因</a>' in first.text
    assert ":unseen" not in first.text
    assert "请填写别的原因" not in first.text
    assert "请填写别的原因" in case.clerk.post(path, {"reason": "别的", "other": ""}).text
    assert case.clerk.post(path, {"reason": "别的", "other": "搬走了"}).status_code == 303


def test_the_form_is_drawn_anew_by_hand(case: Case) -> None:
    page = case.clerk.get(f"/tasks/{case.task}").text
    assert '<noscript><button class="button button-plain" type="submit" name=":again" value="1">更新表单' in page
    answer = case.clerk.post(f"/tasks/{case.task}/completion", {"people": "2", "days": "4", ":again": "1"})
    assert answer.status_code == 422
    assert "<output>16</output>" in answer.text
    assert "error-summary" not in answer.text
    assert case.clerk.get(f"/tasks/{case.task}").status_code == 200  # still open


def test_the_report_too(world: World, case: Case) -> None:
    resident = Browser(world)
    typed = {"procedure": "live", "what": "漏水", "danger": "yes", "danger_note": "", "once": "a" * 16}
    again = resident.post("/report", {**typed, ":again": "1"}).text
    assert "请选择在哪里" not in again
    first = resident.post("/report", {**typed, "place": "YY102", ":unseen": "danger_note"})
    assert first.status_code == 422
    assert "请再填这几项" in first.text
    assert "漏水" in first.text
    second = resident.post("/report", {**typed, "place": "YY102", "danger_note": "地上有电线"})
    assert second.status_code == 303
