"""What is wrong is told on top, each line leads into its control, and the page's title says so first."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders
from tests.browser.test_every_page import violations
from tests.browser.test_live_fields import open_task
from tests.procedures.live import LIVE
from tests.procedures.packages import publish


@pytest.mark.parametrize("js", [True, False])
def test_a_group_of_choices(visitor: Visitor, orders: Orders, js: bool) -> None:
    page = visitor.page("zhanglan", width=375, height=667, js=js)
    page.goto(f"/tasks/{orders.task['claimed']}")
    expect(page).not_to_have_title(re.compile("有错误"))
    page.get_by_role("button", name="核实好了").click()
    expect(page).to_have_title(re.compile("^有错误："))
    page.get_by_role("link", name="请选择核实结论").click()
    if js:
        expect(page.get_by_role("radio", name="归我们办，请党支部派人")).to_be_focused()
        assert violations(page) == []
    else:
        expect(page.locator("#f-decision")).to_be_focused()


def test_an_address(visitor: Visitor, site: Site) -> None:
    publish(site.world, LIVE)
    page = visitor.page("zhanglan", width=375, height=667)
    page.goto(f"/tasks/{open_task(site)}")
    page.get_by_label("单元、楼层、门牌").fill("502")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="请选择住哪儿在哪里，只写门牌找不到").click()
    expect(page.locator("select[name=home]")).to_be_focused()
    expect(page.get_by_label("单元、楼层、门牌")).to_have_value("502")
    assert violations(page) == []
