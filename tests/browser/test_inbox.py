"""The inbox by keyboard, and news that wait to be asked for."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders
from tests.callers import Api


@pytest.fixture
def inbox(visitor: Visitor, orders: Orders, site: Site) -> Iterator[Page]:
    """The clerk's, with two tasks she can claim."""
    clerk = Api(site.world, site.world.token("zhanglan"))
    for what in ("键盘甲", "键盘乙"):
        clerk.post("/cases", procedure="orders", unit="YY101", values={"what": what})
    page = visitor.page("zhanglan")
    page.goto("/tasks?scope=open&q=键盘")
    yield page
    for task in clerk.get("/tasks?scope=open")["items"] + clerk.get("/tasks?scope=mine")["items"]:
        clerk.post(f"/cases/{task['case']}/withdrawal")


def test_moving_opening_claiming(inbox: Page) -> None:
    first, second = inbox.locator(".row-link").all()
    inbox.keyboard.press("j")
    expect(first).to_be_focused()
    inbox.keyboard.press("j")
    expect(second).to_be_focused()
    inbox.keyboard.press("k")
    expect(first).to_be_focused()
    inbox.keyboard.press("Enter")
    expect(inbox.locator(".pane h1")).to_have_text("请核实这件事")
    assert re.search(r"task=\d+", inbox.url)
    waiting = int(inbox.locator("[data-count=open]").inner_text())
    inbox.keyboard.press("c")
    expect(inbox.locator(".pane .task-form")).to_be_visible()
    expect(inbox.locator("[data-count=open]")).to_have_text(str(waiting - 1))
    expect(inbox.locator(".row-act")).to_have_count(1)


def test_a_click_before_the_script_is_there_opens_the_tasks_own_page(visitor: Visitor, inbox: Page) -> None:
    page = visitor.page("zhanglan")
    page.route("**/js/inbox.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto("/tasks?scope=open&q=键盘")
    page.locator(".row-link").first.click()
    page.wait_for_url(re.compile(r"/tasks/\d+$"))
    page.get_by_role("button", name="领取").click()
    expect(page.locator(".task-form")).to_be_visible()


def test_searching_and_help(inbox: Page) -> None:
    inbox.keyboard.press("?")
    expect(inbox.locator("#keys")).to_be_visible()
    inbox.keyboard.press("Escape")
    expect(inbox.locator("#keys button")).not_to_be_focused()
    inbox.keyboard.press("/")
    expect(inbox.locator("#q")).to_be_focused()
    inbox.keyboard.type("j")  # typing is typing
    inbox.keyboard.press("Enter")
    expect(inbox.locator(".empty").first).to_contain_text("没有找到")


def test_news_wait_for_a_tap(inbox: Page, site: Site) -> None:
    Api(site.world, site.world.token("zhanglan")).post(
        "/cases", procedure="orders", unit="YY101", values={"what": "键盘丙"}
    )
    inbox.evaluate("""async () => {
      const place = document.querySelector("[data-poll]");
      await htmx.ajax("GET", place.getAttribute("hx-get"), { target: place, swap: "innerMorph" });
    }""")
    news = inbox.locator("[data-news]")
    expect(news).to_have_text("有 1 条新待办，点这里显示")
    expect(inbox.locator(".row")).to_have_count(2)
    news.click()
    expect(inbox.locator(".row")).to_have_count(3)
