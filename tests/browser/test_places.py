"""Choosing one of very many places: looked for while one types, by keyboard, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import SMALL_TARGETS, violations
from tests.cases.test_places import build
from tests.procedures.live import LIVE
from tests.procedures.packages import publish


@pytest.fixture(scope="module", autouse=True)
def many(site: Site) -> None:
    publish(site.world, LIVE)
    build(site.world, 200)


def test_found_while_one_types(visitor: Visitor) -> None:
    page = visitor.page(width=375, height=667)
    page.goto("/report?procedure=live")
    page.get_by_label("什么事").fill("送饭")
    where = page.get_by_role("group", name="在哪里")
    where.get_by_role("searchbox").press_sequentially("怡馨园小区7号", delay=20)
    expect(where.get_by_role("status")).to_contain_text("找到 20 处，请选一处")
    expect(where.get_by_role("searchbox")).to_be_focused()
    expect(where.get_by_role("searchbox")).to_have_value("怡馨园小区7号")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate(SMALL_TARGETS) == []
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    with page.expect_response("**/report/fields") as looked:
        where.get_by_role("searchbox").press("Enter")  # looks, does not hand in
    looked.value.finished()
    expect(where.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(where.get_by_role("radio").first).to_be_checked()
    home = page.get_by_role("group", name="住哪儿")
    home.get_by_role("searchbox").fill("松鹤里1号楼")
    home.get_by_role("button", name="查找").click()
    home.get_by_role("radio", name="怡园社区 › 松鹤里1号楼").check()
    home.get_by_label("单元、楼层、门牌").fill("2单元301")
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()


def test_a_chosen_place_may_leave_a_list(visitor: Visitor) -> None:
    page = visitor.page(width=375, height=667)
    page.goto("/report?procedure=live")
    where = page.get_by_role("group", name="在哪里")
    where.get_by_role("searchbox").fill("南苑新村")
    where.get_by_role("radio", name="南苑社区 › 南苑新村1号楼").check()
    home = page.get_by_role("group", name="住哪儿")
    home.get_by_role("searchbox").fill("南苑")
    home.get_by_role("combobox").select_option("南苑新村2号楼")
    page.get_by_label("什么事").fill("送饭")
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()


def test_without_javascript(visitor: Visitor) -> None:
    page = visitor.page(width=375, height=667, js=False)
    page.goto("/report?procedure=live")
    page.get_by_label("什么事").fill("送饭")
    where = page.get_by_role("group", name="在哪里")
    where.get_by_role("searchbox").fill("怡馨园小区7号楼")
    where.get_by_role("button", name="查找").click()
    expect(page.get_by_label("什么事")).to_have_value("送饭")
    where.get_by_role("radio", name="怡园社区 › 怡馨园小区7号楼", exact=True).check()
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()


def test_enter_without_javascript_tells_to_choose(visitor: Visitor) -> None:
    page = visitor.page(width=375, height=667, js=False)
    page.goto("/report?procedure=live&place=YY102")
    page.get_by_label("什么事").fill("送饭")
    home = page.get_by_role("group", name="住哪儿")
    home.get_by_role("searchbox").fill("怡馨园小区7号楼")
    home.get_by_role("searchbox").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("请从找到的结果里选一处，作为住哪儿")
    home.get_by_role("radio", name="怡园社区 › 怡馨园小区7号楼", exact=True).check()
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()
