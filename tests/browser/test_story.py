"""The order of the source in a real browser: a resident with a phone, three members of staff, one of them outside."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.orders import picture
from tongxin import demo

WHAT = "二单元下水道堵了，污水往外冒。"
RESULT = "主管道已疏通，楼道冲洗干净。"


def test_from_the_plate_to_the_rating(visitor: Visitor, tmp_path: Path) -> None:
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(picture(2400, 1800))
    resident = visitor.page(width=375, height=667)
    link = _report(resident, photo)
    _check(visitor.page())
    _dispatch(visitor.page("zhaoqm"))
    _repair(visitor.page("lichs", width=375, height=667), photo)
    _rate(resident, link)

    clerk = visitor.page("zhanglan")
    clerk.goto("/tasks?scope=took_part")
    clerk.get_by_role("link", name=WHAT).click()
    clerk.wait_for_url(re.compile("/cases/"))
    expect(clerk.locator(".state")).to_contain_text("已办结")
    expect(clerk.locator(".timeline")).to_contain_text("评几星：4 星（满意）")
    expect(clerk.locator("#share-text")).to_have_value(re.compile(RESULT))
    expect(clerk.locator(".photos img")).to_have_count(2)
    clerk.wait_for_selector(".diagram-visited")


def _report(page: Page, photo: Path) -> str:
    page.goto("/q/YY102")
    expect(page.get_by_text("怡园小区2号楼")).to_be_visible()
    page.get_by_label("什么事").fill(WHAT)
    page.get_by_label("有燃气味").check()
    expect(page.get_by_role("alert").filter(has_text="119")).to_be_visible()
    page.get_by_label("没有", exact=True).check()
    page.get_by_label("照片").set_input_files(photo)
    page.wait_for_selector(".previews img")
    page.get_by_label("怎么称呼").fill("王女士")
    page.get_by_role("textbox", name="电话").fill("13800138000")
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()
    link = page.get_by_label("您的专用链接", exact=True).input_value()
    page.get_by_role("link", name="看进度").click()
    expect(page.locator(".stage-now")).to_contain_text("已收到")
    return link


def _check(page: Page) -> None:
    """Signs in by the form, claims and completes beside the list."""
    page.goto("/tasks?scope=open")
    page.get_by_label("账号或手机号").fill("zhanglan")
    page.get_by_label("密码").fill(demo.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"//[^/]+/tasks\?"))  # and its scripts: an earlier click opens the task's own page
    page.get_by_role("link", name=WHAT).click()
    page.locator(".pane").get_by_role("button", name="领取").click()
    expect(page.get_by_role("link", name="13800138000")).to_be_visible()  # hers now, so unmasked
    assert page.url.endswith(page.url.split("/tasks")[1]) and "/tasks?" in page.url  # still at the inbox
    page.get_by_label("归我们办，请党支部派人").check()
    page.get_by_label("哪一类").select_option("下水")
    page.get_by_label("是", exact=True).check()
    page.get_by_role("button", name="核实好了").click()
    expect(page.get_by_text("“核实”已提交")).to_be_visible()


def _dispatch(page: Page) -> None:
    page.goto("/tasks?scope=open")
    page.locator(".row-act button").click()  # claims in the list, opens beside it
    member = page.locator("#f-member")
    expect(member.locator("optgroup").first).to_have_attribute("label", "就近")
    member.select_option(label="李春生（怡园社区第一网格）")
    page.get_by_role("button", name="派给这位党员").click()
    expect(page.get_by_text("“派单”已提交")).to_be_visible()


def _repair(page: Page, photo: Path) -> None:
    page.goto("/tasks")
    page.get_by_role("link", name=WHAT).click()
    page.get_by_label("接单", exact=True).check()
    page.get_by_role("button", name="提交").click()
    page.get_by_label("是", exact=True).check()
    page.get_by_label("请的哪家单位").fill("畅达疏通")
    page.get_by_role("button", name="联系好了").click()
    page.get_by_role("button", name="人到现场了").click()
    page.get_by_label("处置结果").fill(RESULT)
    page.get_by_label("办好后的照片").set_input_files(photo)
    page.wait_for_selector(".previews img")
    page.get_by_role("button", name="办好了，请居民评价").click()
    expect(page.locator(".state")).to_contain_text("等居民“评单”")


def _rate(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.locator(".result")).to_have_text(RESULT)
    page.get_by_label("4 星").check()
    page.get_by_label("想说的话").fill("来得很快，谢谢。")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("谢谢，已经收到")).to_be_visible()
    expect(page.locator(".stage").last).to_contain_text("已办结")


@pytest.mark.parametrize("js", [True, False])
def test_withdrawing_is_the_residents_own(visitor: Visitor, js: bool) -> None:
    page = visitor.page(width=375, height=667, js=js)
    page.goto("/q/YY101")
    page.get_by_label("什么事").fill("楼道灯不亮了。")
    page.get_by_role("button", name="报给社区").click()
    page.get_by_role("link", name="看进度").click()
    page.locator(".withdraw summary").click()
    page.get_by_label("自己解决了").check()
    page.get_by_role("button", name="撤单").click()
    expect(page.locator(".stage")).to_have_count(2)
    expect(page.locator(".sentence")).to_contain_text("已撤单")
