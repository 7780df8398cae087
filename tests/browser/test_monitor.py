"""The administrator's story: two versions side by side, a connector breaks, the incident, mending, retrying."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitor
from tests.callers import Api
from tests.monitor.stuck import call, end_posts, open_case
from tests.orders import open_order
from tests.procedures.packages import CALLING, publish


def test_break_see_mend_retry(visitor: Visitor, site: Site) -> None:
    world = site.world
    publish(world, CALLING)
    open_case(world, "calling", "第一版的事")
    publish(world, {**CALLING, "data.json": CALLING["data.json"].replace("说明", "备注")})
    order = open_case(world, "calling", "请维修公司来看水泵")
    page = visitor.page("admin")
    page.goto("/monitor")
    for version in ("试办 第 1 版", "试办 第 2 版 现用"):
        expect(page.get_by_role("row", name=version)).to_contain_text("1")
    page.get_by_role("link", name="连接", exact=True).click()
    broken = page.locator("section.card").filter(has_text="演示连接")
    broken.get_by_role("button", name="换成从不应答的替身").click()
    expect(page.get_by_text("已切换，下一次调用起生效。")).to_be_visible()

    Api(world, world.token("zhanglan")).post(f"{order.page}/completion", values={"note": "水泵不转"})
    assert call(world) == 1
    page.goto("/monitor")
    stuck = page.locator(".stuck")
    expect(stuck).to_contain_text("对方系统没有应答")
    stuck.get_by_role("link").first.click()
    expect(page.get_by_text("水泵不转")).to_be_visible()
    expect(page.locator("[data-diagram]")).to_have_attribute("data-current", "call")

    page.goto("/monitor/connectors")
    broken.get_by_role("button", name="换回原来的").click()
    page.goto("/monitor/incidents")
    page.get_by_role("link", name="告诉对方").click()
    page.get_by_role("button", name="重新调用外部系统").click()
    expect(page.get_by_text("已经让它重新执行")).to_be_visible()
    assert call(world) == 1
    page.get_by_role("link", name="刷新看结果").click()
    expect(page.locator(".state")).to_contain_text("解决")
    page.get_by_role("link", name="请维修公司来看水泵").click()
    expect(page.locator(".state")).to_contain_text("“回看”")
    expect(page.locator(".timeline")).to_contain_text("系统管理员 重试：告诉对方")


def test_a_task_is_handed_over_on_a_phone_without_javascript(visitor: Visitor, site: Site) -> None:
    order = open_order(site.world, "接单", what="楼道窗户关不上")
    end_posts(site.world, "lichs")
    page = visitor.page("admin", width=375, height=667, js=False)
    page.goto("/monitor/handovers")
    page.get_by_role("link", name="移交：楼道窗户关不上").click()
    page.get_by_role("button", name="移交").click()
    expect(page.locator(".error-summary")).to_contain_text("请写明为什么移交")
    page.get_by_label("移交给谁").select_option(label="周雨（怡园社区第二网格）")
    page.get_by_label("为什么移交").fill("李春生调走了。")
    page.get_by_role("button", name="移交").click()
    page.wait_for_url(re.compile(f"/cases/{order.id}"))
    expect(page.locator(".timeline")).to_contain_text("把“接单”移交给周雨")
