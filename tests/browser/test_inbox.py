"""The inbox by keyboard, and news that wait to be asked for."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders
from tests.callers import Api
from tests.orders import advance, open_order


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
        if task["node"] == "check":  # of the orders; cases of other procedures cannot be withdrawn
            clerk.post(f"/cases/{task['case']}/withdrawal")


def hear_the_stream(page: Page) -> None:
    """Wait until the page is told of what happens."""
    expect(page.locator("#news[data-live=open]")).to_have_count(1)


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
    hear_the_stream(inbox)
    Api(site.world, site.world.token("zhanglan")).post(
        "/cases", procedure="orders", unit="YY101", values={"what": "键盘丙"}
    )
    news = inbox.locator("[data-news]")
    expect(news).to_have_text("有 1 条新待办，点这里显示")
    expect(inbox.locator(".row")).to_have_count(2)
    news.click()
    expect(inbox.locator(".row")).to_have_count(3)


def test_news_can_be_put_away(inbox: Page, site: Site) -> None:
    hear_the_stream(inbox)
    clerk = Api(site.world, site.world.token("zhanglan"))
    clerk.post("/cases", procedure="orders", unit="YY101", values={"what": "键盘丁"})
    inbox.get_by_role("button", name="先不看").click()
    expect(inbox.locator("#news")).to_be_empty()
    clerk.post("/cases", procedure="orders", unit="YY101", values={"what": "键盘戊"})
    expect(inbox.locator("[data-news]")).to_have_text("有 2 条新待办，点这里显示")


def test_an_open_task_tells_that_it_is_done(visitor: Visitor, inbox: Page, site: Site) -> None:
    order = open_order(site.world)
    page = visitor.page("zhanglan")
    page.goto(order.page)
    hear_the_stream(page)
    advance(site.world, order, "派单")
    page.get_by_role("link", name="这一步您已经办完了，点这里看。").click()
    page.wait_for_url(f"**/cases/{order.id}")


def test_a_case_page_tells_of_progress(visitor: Visitor, inbox: Page, site: Site) -> None:
    clerk = Api(site.world, site.world.token("zhanglan"))
    task = next(one for one in clerk.get("/tasks?scope=open")["items"])
    page = visitor.page("zhanglan")
    page.goto(f"/cases/{task['case']}")
    hear_the_stream(page)
    clerk.post(f"/tasks/{task['id']}/claim")
    page.get_by_text("这件事有新进展，点这里显示").click()
    expect(page.locator(".timeline")).to_contain_text("领取")


def test_phones_hear_too_and_hidden_pages_pause(visitor: Visitor, inbox: Page, site: Site) -> None:
    """Where there are no shared workers the page runs the stream itself."""
    page = visitor.page("zhanglan", width=375, height=667)
    page.add_init_script("delete window.SharedWorker")
    page.goto("/tasks?scope=open&q=键盘")
    hear_the_stream(page)
    clerk = Api(site.world, site.world.token("zhanglan"))
    clerk.post("/cases", procedure="orders", unit="YY101", values={"what": "键盘己"})
    expect(page.locator("[data-news]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_ten_tabs_have_one_stream(visitor: Visitor, inbox: Page, site: Site) -> None:
    """A browser opens six connections to a server: ten streams would leave none for pages."""
    hear_the_stream(inbox)
    tabs = [inbox.context.new_page() for _number in range(9)]
    for tab in tabs:
        tab.goto("/tasks?scope=open&q=键盘")
        expect(tab.locator(".row")).to_have_count(2)
    hear_the_stream(tabs[-1])
    assert site.application.state.live.subscribers == 1
    Api(site.world, site.world.token("zhanglan")).post(
        "/cases", procedure="orders", unit="YY101", values={"what": "键盘庚"}
    )
    for tab in (inbox, tabs[-1]):  # Playwright takes all of them for seen
        expect(tab.locator("[data-news]")).to_be_visible()
