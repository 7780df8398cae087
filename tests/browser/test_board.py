"""The public board on a phone: thanks that stay where they are, with and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders
from tests.browser.test_every_page import SMALL_TARGETS, violations
from tests.callers import Api

RELEASED = "主管道已疏通，楼道冲洗干净。"


@pytest.fixture(scope="module")
def released(site: Site, orders: Orders) -> str:
    """A released result below many entries; the id of its case."""
    clerk = Api(site.world, site.world.token("zhanglan"))
    for number in range(8):
        clerk.post("/cases", procedure="orders", unit="YY101", values={"what": f"第 {number} 盏灯不亮"})
    return orders.case["closed"]


def release(visitor: Visitor, case: str) -> None:
    page = visitor.page("zhanglan", width=375, height=667)
    page.goto(f"/cases/{case}")
    card = page.locator("#publication")
    if card.get_by_text("已公开").count():
        return
    page.get_by_label("给大家看的办理结果").fill(f"{RELEASED}有事打 13800138000。")
    page.get_by_role("button", name="公开").click()
    expect(card.locator(".alert")).to_be_focused()
    expect(card.locator(".alert")).to_contain_text("“13800138000”像是")
    assert violations(page) == []
    assert page.evaluate(SMALL_TARGETS) == []
    page.get_by_label("给大家看的办理结果").fill(RELEASED)
    page.get_by_role("button", name="公开").click()
    expect(card).to_contain_text("已公开")
    assert violations(page) == []
    assert page.evaluate(SMALL_TARGETS) == []


def thanks(page: Page) -> int:
    return int(re.sub(r"\D", "", page.get_by_role("button", name="点赞").inner_text()) or 0)


@pytest.mark.parametrize("js", [True, False])
def test_thanks_stay_in_place(visitor: Visitor, released: str, js: bool) -> None:
    release(visitor, released)
    page = visitor.page(width=375, height=667, js=js)
    page.goto("/")
    page.get_by_role("link", name="看公示").click()
    page.get_by_role("link", name="怡园社区").click()
    button = page.get_by_role("button", name="点赞")
    before = thanks(page)
    button.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 300
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("您点过赞了")).to_be_in_viewport()
    assert thanks(page) == before + 1
    if js:
        assert page.evaluate("scrollY") == scrolled
        expect(button).to_be_focused()
        assert violations(page) == []
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert thanks(page) == before
    page.goto("/board")  # remembered
    expect(page.get_by_role("heading", level=1)).to_have_text("怡园社区公示栏")


def test_filters_with_the_keyboard(visitor: Visitor, released: str) -> None:
    page = visitor.page(width=375, height=667, js=False)
    page.goto("/board/YY")
    page.get_by_role("link", name="已办结").click()
    expect(page.locator(".board li")).to_have_count(1)
    page.get_by_label("类别").select_option("燃气")
    page.get_by_role("button", name="只看这类").press("Enter")
    expect(page.get_by_text("没有这样的事")).to_be_visible()
    page.get_by_role("link", name="看全部").click()
    assert page.locator(".board li").count() > 8
