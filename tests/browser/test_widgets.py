"""Every widget on one form, filled in on a phone with and without JavaScript: wrong first, then right."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import picture
from tests.callers import Api, signed_in
from tests.procedures.packages import publish
from tests.procedures.widgets import widgets
from tests.test_documents import DOCX

ID_NUMBER = "110101199003072009"


@pytest.fixture(scope="module")
def published(site: Site) -> Site:
    publish(site.world, widgets())
    return site


@pytest.fixture
def task(published: Site) -> str:
    """A fresh task of that form, claimed by the clerk."""
    api = Api(published.world, published.world.token("zhanglan"))
    case = api.post("/cases", procedure="widgets", unit="YY102", values={"what": "困难救助"})
    page = f"/tasks/{case['tasks'][0]['id']}"
    assert signed_in(published.world, "zhanglan").post(f"{page}/claim").status_code == 303
    return page


def clean(page: Page) -> None:
    """Axe finds nothing, and nothing is wider than the screen."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    beyond = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? []
        : Array.from(document.querySelectorAll("body *"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert beyond == []


def shot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)


def sign(page: Page, *, js: bool) -> None:
    """By hand, or by name where nothing can be drawn."""
    if js:
        canvas = page.locator("canvas.sign-paper")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
        page.mouse.up()
        expect(page.locator("[data-sign-said]")).to_have_text("已签名")
    else:
        page.get_by_label("或者写姓名").fill("王秀英")
        page.get_by_label("本人确认").check()


def locate(page: Page, *, js: bool) -> None:
    """From the device, or typed where the browser does not give it."""
    spot = page.get_by_label("现场位置")
    if not js:
        spot.fill("31.2304，121.4737")
        return
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 31.230416, "longitude": 121.473701, "accuracy": 15})
    page.get_by_role("button", name="用当前位置").click()
    expect(spot).to_have_value("31.230416,121.473701 ±15")
    expect(page.get_by_text("已填上当前位置。")).to_be_visible()


def shown_to_whoever_goes_on(page: Page, *, js: bool) -> None:
    """The next task shows what was filled in."""
    expect(page.get_by_role("heading", name="请复核这份申请")).to_be_visible()
    page.get_by_role("button", name="领取").click()
    body = page.locator(".task-form")
    for told in ("110*************09", "怡园社区第二网格", "低保证明.docx", "825.00", "1,000.00", "自动计算"):
        expect(body).to_contain_text(told)
    expect(body).to_contain_text("31.23042, 121.47370（±15 米）" if js else "31.23040, 121.47370")
    if js:
        expect(body.get_by_role("img", name="申请人签名")).to_be_visible()
    else:
        expect(body).to_contain_text("王秀英（本人确认）")
    if js:
        clean(page)


@pytest.mark.parametrize("js", [True, False])
def test_filled_in_on_a_phone(visitor: Visitor, task: str, tmp_path: Path, *, js: bool) -> None:
    paper, photo = tmp_path / "低保证明.docx", tmp_path / "现场.jpg"
    paper.write_bytes(DOCX)
    photo.write_bytes(picture())
    page = visitor.page("zhanglan", width=375, height=700, js=js)
    page.goto(task)
    if js:
        clean(page)
    page.get_by_label("申请人", exact=True).fill("王秀英")
    page.get_by_label("身份证号").fill("11010119900307200")
    page.get_by_role("radio", name="是", exact=True).check()
    page.get_by_label("家里几口人").fill("3")
    page.get_by_label("每月收入").fill("3000")
    page.get_by_label("转给哪个网格").select_option(label="怡园社区第二网格")
    if not js:  # what depends on a choice comes with the next answer
        page.get_by_role("button", name="更新表单").click()
        expect(page.get_by_label("身份证号")).to_have_value("11010119900307200")
    expect(page.get_by_role("group", name="费用", exact=True)).to_be_visible()
    page.get_by_label("用途，第 1 行").fill("轮椅")
    page.get_by_label("数量，第 1 行").fill("两")
    page.get_by_role("button", name="加一行").click()
    page.get_by_label("用途，第 2 行").fill("药")
    page.get_by_label("数量，第 2 行").fill("2")
    page.get_by_label("单价，第 2 行").fill("12.5")
    page.get_by_label("证明材料").set_input_files(paper)
    page.get_by_label("现场照片").set_input_files(photo)
    page.get_by_role("button", name="提交").click()

    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("身份证号应为 18 位，现在有 17 位，请核对")
    expect(summary).to_be_focused() if js else None
    if js:
        clean(page)
    summary.get_by_role("link", name="第 1 行：数量应为数字").click()
    wrong = page.get_by_label("数量，第 1 行")
    if js:
        expect(wrong).to_be_focused()
    expect(wrong).to_have_value("两")
    wrong.fill("1")
    page.get_by_label("单价，第 1 行").fill("800")
    page.get_by_label("身份证号").fill(ID_NUMBER)
    if js:
        page.get_by_label("身份证号").blur()
        expect(page.locator("tfoot output")).to_have_text("825.00")
    expect(page.get_by_label("保留：低保证明.docx")).to_be_checked()
    sign(page, js=js)
    locate(page, js=js)
    page.get_by_role("button", name="提交").click()
    shown_to_whoever_goes_on(page, js=js)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [375, 1280])
def test_readable_in_light_and_dark(visitor: Visitor, task: str, *, width: int, dark: bool, tmp_path: Path) -> None:
    page = visitor.page("zhanglan", width=width, height=800, dark=dark)
    page.goto(task)
    page.get_by_role("radio", name="是", exact=True).check()
    page.get_by_label("用途，第 1 行").fill("轮椅")
    page.get_by_role("button", name="加一行").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("summary", has_text="其他（可不填）").click()
    clean(page)
    shot(page, tmp_path, "form")


def test_a_row_is_added_moved_out_and_kept_as_a_draft(visitor: Visitor, task: str) -> None:
    page = visitor.page("zhanglan")
    page.goto(task)
    page.get_by_role("radio", name="是", exact=True).check()
    for number, item in enumerate(("轮椅", "药", "床"), start=1):
        page.get_by_label(f"用途，第 {number} 行").fill(item)
        if number < 3:
            page.get_by_role("button", name="加一行").click()
            expect(page.get_by_label(f"用途，第 {number + 1} 行")).to_be_focused()
    page.locator('[value="lines:remove:1"]').click()
    expect(page.get_by_label("用途，第 2 行")).to_have_value("床")
    expect(page.get_by_label("用途，第 2 行")).to_be_focused()
    expect(page.locator("[data-saved]")).to_contain_text("已保存草稿")
    page.wait_for_timeout(1200)
    page.reload()
    expect(page.get_by_label("用途，第 1 行")).to_have_value("轮椅")
    expect(page.get_by_label("用途，第 2 行")).to_have_value("床")
    expect(page.get_by_label("用途，第 3 行")).to_have_count(0)
