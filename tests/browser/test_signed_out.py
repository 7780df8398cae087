"""A session that expires in the middle of a form: what was typed is there after signing in."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders, picture
from tongxin import demo

NOTE = "阀门已换，观察一天。"


@pytest.mark.parametrize("js", [True, False])
def test_handing_in_signed_out(visitor: Visitor, orders: Orders, site: Site, js: bool, tmp_path: Path) -> None:
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(picture())
    page = visitor.page("lichs", js=js)
    page.goto(f"/tasks/{orders.task['repair']}")
    site.end_sessions()
    page.get_by_label("处置结果").fill(NOTE)
    page.get_by_label("费用").fill("35.5")
    if not js:
        page.get_by_label("办好后的照片").set_input_files(photo)
    page.get_by_role("button", name="办好了，请居民评价").click()
    if not js:
        expect(page.get_by_text("您刚才填的都留着，登录后接着办。照片要重新选。")).to_be_visible()
        _sign_in(page, "wrong password")
        expect(page.get_by_text("账号或密码不对")).to_be_visible()
    _sign_in(page)
    page.wait_for_url(re.compile(f"/tasks/{orders.task['repair']}"))
    expect(page.get_by_label("处置结果")).to_have_value(NOTE)
    expect(page.get_by_label("费用")).to_have_value(re.compile("35.5"))


def test_typing_on_signed_out(visitor: Visitor, orders: Orders, site: Site) -> None:
    page = visitor.page("lichs")
    page.goto(f"/tasks/{orders.task['accept']}")
    site.end_sessions()
    page.get_by_role("radio", name="接不了").check()
    expect(page.get_by_text("草稿暂存在这个页面")).to_be_visible()
    page.goto("/tasks")
    _sign_in(page)
    page.goto(f"/tasks/{orders.task['accept']}")
    expect(page.get_by_role("radio", name="接不了")).to_be_checked()
    expect(page.get_by_label("为什么接不了")).to_be_visible()


def test_somebody_else_does_not_get_it(visitor: Visitor, orders: Orders, site: Site) -> None:
    page = visitor.page("lichs", js=False)
    page.goto(f"/tasks/{orders.task['contact']}")
    site.end_sessions()
    page.get_by_role("button", name="联系好了").click()
    _sign_in(page, login="sunjing")
    expect(page.get_by_role("heading", name="没有找到")).to_be_visible()


def _sign_in(page: Page, password: str = demo.PASSWORD, login: str = "lichs") -> None:
    page.get_by_label("账号或手机号").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
