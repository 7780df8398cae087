"""Completing a task: works, shows errors, a stranger gets 404, twice is refused."""

from typing import Any

import pytest

from tests.callers import HTMX, Api, Browser, signed_in
from tests.cases.history import case_of, kinds, open_tasks
from tests.fixtures import Clock, World
from tests.orders import advance, open_order

VALID = {"decision": "valid", "kind": "下水", "urgent": "yes"}


def test_without_javascript_the_next_page_follows(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    answer = clerk.post(f"{order.page}/completion", VALID)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{order.id}")
    assert [task.name for task in open_tasks(world, order)] == ["派单"]
    assert case_of(world, order).variables["kind"] == "下水"


def test_under_htmx_the_address_changes_too(world: World) -> None:
    order = open_order(world, "联系")
    answer = signed_in(world, "lichs").post(f"{order.page}/completion", {"outside_help": "no"}, headers=HTMX)
    mine = open_tasks(world, order)[0]
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, f"/tasks/{mine.id}")


def test_errors_keep_what_was_typed_and_change_nothing(world: World) -> None:
    order, clerk = open_order(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    before = case_of(world, order)
    answer = clerk.post(f"{order.page}/completion", {"decision": "not_ours", "referral_note": "要" * 501})
    assert answer.status_code == 422
    assert "要" * 501 in answer.text
    assert "<html" in answer.text
    partial = clerk.post(f"{order.page}/completion", {"decision": "valid"}, headers=HTMX)
    assert partial.status_code == 422
    assert "请选择哪一类" in partial.text
    assert "<html" not in partial.text
    assert case_of(world, order) == before


def test_errors_of_the_api_point_to_their_fields(world: World) -> None:
    order, clerk = open_order(world), Api(world, world.token("zhanglan"))
    given = {"decision": "valid", "urgent": "soon", "what": "other", "unknown": 1}
    answer = clerk.send("POST", f"{order.page}/completion", {"values": given})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/values/kind", "/values/urgent", "/values/what", "/values/unknown"}
    assert kinds(world, order) == ["opened"]


def test_twice_is_refused(world: World) -> None:
    order, clerk, page = open_order(world), Api(world, world.token("zhanglan")), signed_in(world, "zhanglan")
    done = order.page
    advance(world, order, "派单")
    again = clerk.send("POST", f"{done}/completion", {"values": {}})
    assert (again.status_code, again.json()["title"]) == (409, "这一步已经办过了")
    assert page.post(f"{done}/completion", VALID).status_code == 409
    assert page.get(done).headers["location"] == f"/cases/{order.id}"
    assert kinds(world, order) == ["opened", "task_completed"]


@pytest.mark.parametrize("login", ["wudi", "zhaoqm", "lichs", "qianwei"])
def test_a_stranger_finds_nothing(world: World, login: str) -> None:
    order = open_order(world)
    assert Api(world, world.token(login)).send("POST", f"{order.page}/completion", {"values": {}}).status_code == 404
    stranger = signed_in(world, login)
    assert stranger.get(order.page).status_code == 404
    assert stranger.post(f"{order.page}/completion", VALID).status_code == 404
    assert stranger.get(f"/cases/{order.id}").status_code == (200 if login in ("zhaoqm", "qianwei") else 404)


def test_nobody_takes_what_a_colleague_was_given(world: World) -> None:
    order = open_order(world, "接单")
    answer = Api(world, world.token("zhouyu")).send("POST", f"{order.page}/completion", {"values": {}})
    assert answer.status_code == 404


def test_the_resident_completes_only_their_own_steps(world: World) -> None:
    order, other = open_order(world), open_order(world, "评单")
    resident = Api(world, order.link)
    assert resident.send("POST", f"{order.page}/completion", {"values": {}}).status_code == 404
    assert resident.send("POST", f"{other.page}/completion", {"values": {"rating": 1}}).status_code == 404
    assert resident.send("POST", f"{order.page}/claim").status_code == 404
    page = Browser(world).post(f"/r/{order.link}{other.page}/completion", {"rating": "5"})
    assert page.status_code == 404


def test_the_resident_rates_by_the_personal_link(world: World) -> None:
    order, resident = open_order(world, "评单"), Browser(world)
    assert "请您评价" in resident.get(f"/r/{order.link}").text
    missing = resident.post(f"/r/{order.link}{order.page}/completion", {"comment": "谢谢师傅"})
    assert missing.status_code == 422
    assert "谢谢师傅" in missing.text
    answer = resident.post(f"/r/{order.link}{order.page}/completion", {"rating": "4"})
    assert "谢谢" in resident.get(answer.headers["location"]).text
    assert case_of(world, order).status == "closed"


def test_a_rating_taken_by_phone_says_who_took_it(world: World) -> None:
    order, clerk = open_order(world, "评单"), signed_in(world, "zhanglan")
    assert "照原话记下来" in clerk.get(order.page).text
    assert clerk.post(f"{order.page}/completion", {"rating": "5"}).status_code == 303
    assert "电话代录" in clerk.get(f"/cases/{order.id}").text
    assert signed_in(world, "lichs").get(order.page).status_code == 404


def test_the_step_takes_only_its_own_fields(world: World, still: Clock) -> None:
    order = open_order(world, "到场")
    smuggled: dict[str, Any] = {"site_note": "井盖松动", "result": "x", "accepted_at": "2020-01-01T00:00:00+08:00"}
    signed_in(world, "lichs").post(f"{order.page}/completion", smuggled)
    variables = case_of(world, order).variables
    assert variables["site_note"] == "井盖松动"
    assert (variables.get("result"), variables["accepted_at"]) == (None, still.at.isoformat())
