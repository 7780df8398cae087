"""Forms that answer while one types: only what depends is drawn anew, and nothing typed, no focus, no caret is lost."""

from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import violations
from tests.callers import Api
from tests.procedures.live import LIVE
from tests.procedures.packages import publish


@pytest.fixture(scope="module")
def task(site: Site) -> str:
    publish(site.world, LIVE)
    return open_task(site)


def open_task(site: Site) -> str:
    api = Api(site.world, site.world.token("zhanglan"))
    made: Any = api.post("/cases", procedure="live", unit="YY102", values={"what": "送饭"})
    task_id: str = made["tasks"][0]["id"]
    api.post(f"/tasks/{task_id}/claim")
    return task_id


def asked(page: Page) -> list[Request]:
    """The requests for fields from now on."""
    found: list[Request] = []
    page.on("request", lambda one: found.append(one) if one.url.endswith("/fields") else None)
    return found


def test_a_value_is_computed_while_one_types(visitor: Visitor, task: str) -> None:
    page = visitor.page("zhanglan", width=375, height=667)
    page.goto(f"/tasks/{task}")
    requests = asked(page)
    expect(page.locator("[data-field=meals]")).to_be_hidden()
    page.get_by_label("几个人").press_sequentially("12", delay=20)
    expect(page.locator("[data-field=meals]")).to_be_visible()
    page.get_by_label("几天").press_sequentially("10", delay=20)
    expect(page.locator("[data-field=meals]")).to_contain_text("240")
    expect(page.get_by_label("几天")).to_be_focused()
    expect(page.get_by_label("几个人")).to_have_value("12")
    expect(page.locator("[data-refreshed]")).to_have_text("")  # what appeared was told, once
    assert 2 <= len(requests) <= 3  # typing is waited for
    assert violations(page) == []


def test_caret_and_scroll_stay(visitor: Visitor, task: str) -> None:
    page = visitor.page("zhanglan", width=375, height=400)
    page.goto(f"/tasks/{task}")
    field = page.get_by_label("几个人")
    field.fill("1234")
    field.evaluate("one => one.setSelectionRange(2, 2)")
    page.evaluate("window.scrollTo(0, 120)")
    before = page.evaluate("[scrollY, document.activeElement.selectionStart]")
    with page.expect_response(lambda one: one.url.endswith("/fields")):
        pass
    expect(page.locator("[data-field=meals]")).to_be_visible()
    assert page.evaluate("[scrollY, document.activeElement.selectionStart]") == before


def test_what_appears_is_told_and_keeps_what_is_typed_meanwhile(visitor: Visitor, task: str) -> None:
    """The answer takes a second; meanwhile the reader went on into the new field's neighbour and back."""
    page = visitor.page(width=375, height=667)
    page.goto("/report?place=YY102&procedure=live")
    page.get_by_label("什么事").fill("漏水")
    page.get_by_role("radio", name="是").check()
    note = page.get_by_label("什么危险")
    expect(note).to_be_visible()
    expect(page.locator("[data-refreshed]")).to_have_text("下面多了：什么危险")
    note.fill("地上有电线")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/report/fields", hold_the_first)
    requests = asked(page)
    page.get_by_role("radio", name="否").check()
    page.wait_for_timeout(200)
    page.get_by_role("radio", name="是").check()  # the first answer is stale when it comes
    page.wait_for_timeout(400)
    assert len(requests) == 1  # one in flight
    note.fill("地上有电线，别碰")
    held[0].continue_()
    page.wait_for_timeout(1000)
    assert len(requests) == 2
    expect(note).to_be_visible()
    expect(note).to_have_value("地上有电线，别碰")
    assert violations(page) == []
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()


def test_a_proposal_follows_until_one_types(visitor: Visitor, task: str) -> None:
    page = visitor.page("zhanglan", width=375, height=667)
    page.goto(f"/tasks/{task}")
    page.get_by_label("联系电话").fill("13800138000")
    again = page.get_by_label("回访电话")
    expect(again).to_have_value("13800138000")
    expect(page.locator("[data-field=callback] .from")).to_have_text("报事时留的电话")
    again.fill("13911112222")
    page.get_by_label("联系电话").fill("13555556666")
    with page.expect_response(lambda one: one.url.endswith("/fields")):
        pass
    expect(again).to_have_value("13911112222")
    expect(page.locator("[data-field=callback] .from")).to_have_count(0)
    assert violations(page) == []


def test_without_the_network_the_form_still_works(visitor: Visitor, task: str) -> None:
    page = visitor.page(width=375, height=667)
    page.goto("/report?place=YY102&procedure=live")
    page.route("**/report/fields", lambda route: route.fulfill(status=503, body=""))
    page.get_by_label("什么事").fill("漏水")
    page.get_by_role("radio", name="是").check()
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_role("heading", name="请再填这几项")).to_be_visible()
    expect(page.locator(".more-summary")).to_be_focused()
    page.locator(".more-summary a").click()
    expect(page.get_by_label("什么危险")).to_be_focused()
    visitor.complaints.clear()  # of the 503


def test_nothing_is_asked_where_nothing_depends(visitor: Visitor) -> None:
    page = visitor.page(width=375, height=667)
    page.goto("/report?place=YY102&procedure=orders")
    requests = asked(page)
    page.get_by_label("什么事").fill("路灯不亮")
    page.get_by_label("电话 （选填）").fill("13800138000")
    page.wait_for_timeout(700)
    assert requests == []


def test_without_javascript(visitor: Visitor, site: Site, task: str) -> None:
    page = visitor.page(width=375, height=667, js=False)
    page.goto("/report?place=YY102&procedure=live")
    page.get_by_label("什么事").fill("漏水")
    page.get_by_role("radio", name="是").check()
    expect(page.get_by_label("什么危险")).to_be_hidden()
    page.get_by_role("button", name="更新表单").click()
    expect(page.get_by_label("什么事")).to_have_value("漏水")
    page.get_by_label("什么危险").fill("地上有电线")
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()
    clerk = visitor.page("zhanglan", width=375, height=667, js=False)
    clerk.goto(f"/tasks/{task}")
    clerk.get_by_label("几个人").fill("2")
    clerk.get_by_label("几天").fill("3")
    clerk.get_by_label("几天").press("Enter")  # hands in, does not only draw anew
    expect(clerk.locator(".timeline")).to_contain_text("要几份饭：12")
