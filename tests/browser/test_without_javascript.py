"""Everything that must be done can be done without JavaScript."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.orders import Orders, picture
from tongxin import demo


def test_signing_in_and_completing(visitor: Visitor, orders: Orders, tmp_path: Path) -> None:
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(picture())
    page = visitor.page(js=False)
    page.goto(f"/tasks/{orders.task['arrive']}")
    page.get_by_label("账号或手机号").fill("13900000003")  # by phone number
    page.get_by_label("密码").fill(demo.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("到场照片").set_input_files(photo)
    page.get_by_role("button", name="人到现场了").click()
    expect(page.get_by_role("heading", name="请写处置结果")).to_be_visible()
    page.get_by_role("button", name="办好了，请居民评价").click()
    expect(page.locator(".error-summary")).to_contain_text("请填写处置结果")


def test_fields_that_depend_on_a_choice(visitor: Visitor, orders: Orders) -> None:
    """They come with the answer to the first try."""
    page = visitor.page("lichs", js=False)
    page.goto(f"/tasks/{orders.task['accept']}")
    page.get_by_role("radio", name="接不了").check()
    page.get_by_role("button", name="提交").click()
    page.get_by_label("为什么接不了").fill("在外地出差。")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".timeline")).to_contain_text("为什么接不了：在外地出差。")


def test_claiming_and_putting_back(visitor: Visitor, orders: Orders) -> None:
    page = visitor.page("zhanglan", js=False)
    page.goto("/tasks?scope=open&q=声控灯")
    page.get_by_role("button", name="领取").click()
    page.get_by_role("button", name="放回去，让别人领").click()
    expect(page.get_by_role("heading", name="待办：我的")).to_be_attached()


def test_reporting_following_rating(visitor: Visitor, orders: Orders) -> None:
    page = visitor.page(width=360, height=740, js=False)
    page.goto("/q/YY102")
    page.get_by_role("link", name="请人来办一件事").click()
    page.get_by_label("什么事").fill("水管漏水。")
    page.get_by_role("button", name="报给社区").click()
    expect(page.get_by_text("您的编号")).to_be_visible()
    page.goto("/follow")
    page.get_by_label("编号").fill(orders.code["rate"].replace("-", " ").lower())
    page.get_by_role("button", name="查进度").click()
    expect(page.locator(".stage-now")).to_contain_text("请您评价")
    page.goto(f"/r/{orders.link['rate']}")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".error-summary")).to_contain_text("评几星")
    page.get_by_label("5 星").check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("谢谢，已经收到")).to_be_visible()
