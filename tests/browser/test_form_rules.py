"""An owner sets on a phone, without JavaScript, when a field is shown and who fills it."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import violations
from tongxin import db
from tongxin.workspace import drafts

PLACE = "/workspace/orders/forms/check"


@pytest.fixture(autouse=True)
def _clean(site: Site) -> Iterator[None]:
    yield
    with db.transaction(site.world.engine) as session:
        drafts.throw_away(session, "orders")


def field(page: Page, title: str, part: str) -> None:
    """That part of the field's settings, opened."""
    row = page.locator(".form-fields > li", has=page.locator(f"p > b:text-is('{title}')"))
    row.locator("summary", has_text=part).click()


def test_a_condition_is_set_without_scripts(visitor: Visitor, site: Site) -> None:
    page = visitor.page("heping", width=375, js=False)
    page.goto(PLACE)
    field(page, "哪一类", "什么时候显示")
    rules = page.get_by_role("group", name="“哪一类”什么时候显示")
    second = rules.get_by_role("group", name="第 2 个条件")
    second.get_by_label("字段").select_option("是否紧急")
    second.get_by_label("值").fill("大概")
    page.get_by_role("button", name="保存表单").click()
    expect(page.locator(".error-summary")).to_contain_text("“是否紧急”没有“大概”，可以填：是、否")
    expect(second.get_by_label("值")).to_have_value("大概")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    second.get_by_label("值").fill("是")
    field(page, "是否紧急", "谁来填")
    page.get_by_label("“是否紧急”由谁来填").select_option("自动算出，不能改")
    page.get_by_role("button", name="保存表单").click()
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator("#when-2 > summary")).to_contain_text(
        "“核实结论”是“归我们办，请党支部派人”，并且“是否紧急”是“是”"
    )
    with Session(site.world.engine) as session:
        content = json.loads(drafts.work(session, "orders").package["forms/check.json"])["properties"]
    assert content["kind"]["x-visible"] == 'decision = "valid" and urgent = true'
    assert content["urgent"]["x-value"] == "urgency.urgent"


@pytest.mark.parametrize("dark", [False, True])
def test_open_rules_can_be_read_by_everyone(visitor: Visitor, dark: bool) -> None:
    page = visitor.page("heping", width=375, dark=dark)
    page.goto(PLACE)
    for one in page.locator(".field-rule > summary").all():
        one.click()
    assert violations(page) == []
    page.get_by_label("怎么算（算式，FEEL）").first.fill("1 +")
    page.get_by_role("button", name="保存表单").click()
    expect(page.locator(".error-summary")).to_contain_text("写了算式")
    assert violations(page) == []
