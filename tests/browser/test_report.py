"""The report form on a small phone: what is wrong is said where it is, and one report is one case."""

from playwright.sync_api import expect

from tests.browser.conftest import Visitor


def test_what_is_missing_is_said_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = visitor.page(width=360, height=740)
    page.goto("/report")
    page.get_by_label("怎么称呼").fill("王女士")
    page.get_by_role("button", name="报给社区").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("请选择在哪里")
    summary.get_by_role("link", name="请填写什么事").click()
    expect(page.get_by_label("什么事")).to_be_focused()
    expect(page.get_by_label("怎么称呼")).to_have_value("王女士")


def test_fields_can_be_seen_and_reached(visitor: Visitor) -> None:
    page = visitor.page(width=360, height=740)
    page.goto("/q/YY102")
    for name in ("what", "photos", "door", "reporter_name", "phone"):
        control = page.locator(f"#f-{name}")
        control.scroll_into_view_if_needed()
        box = control.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    expect(page.get_by_role("link", name="119").first).to_have_attribute("href", "tel:119")


def test_sent_twice_it_is_one_report(visitor: Visitor) -> None:
    page = visitor.page()
    page.goto("/q/YY102")
    page.get_by_label("什么事").fill("电梯停在三楼不动。")
    twice = """() => Promise.all([1, 2].map(() => fetch("/report", {
      method: "POST", body: new FormData(document.querySelector("form")) }).then((answer) => answer.url)))"""
    first, second = page.evaluate(twice)
    assert first.endswith("/done") and first == second
    page.reload()
    page.get_by_label("什么事").fill("电梯停在三楼不动。")
    third, _again = page.evaluate(twice)
    assert third != first


def test_staff_type_in_what_somebody_said(visitor: Visitor) -> None:
    page = visitor.page("zhanglan")
    page.goto("/cases/start")
    page.get_by_role("link", name="居民点单").click()
    page.get_by_label("在哪里").select_option(label="怡园小区2号楼")
    page.get_by_label("什么事").fill("群里说二号楼水压很低。")
    page.get_by_label("群内代录").check()
    page.get_by_role("button", name="代居民报上去").dblclick()
    expect(page.locator(".timeline")).to_contain_text("张岚 代居民报事")
    link = page.get_by_label("居民的链接").input_value()
    resident = visitor.page(width=375, height=667)
    resident.goto(link)
    expect(resident.locator(".sentence")).to_contain_text("已收到")
