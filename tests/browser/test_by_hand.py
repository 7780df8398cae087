"""A version with a renamed step comes out; an administrator takes a running order along, then moves it back a step."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visitor
from tests.cases.by_hand import with_step_renamed
from tests.orders import Order, open_order
from tests.workspace.owners import owner, save_diagram, seen


def test_a_running_order_goes_over_and_is_moved_back(visitor: Visitor, site: Site) -> None:
    order = open_order(site.world, what="楼道窗户关不上")
    clerk = visitor.page("zhanglan")
    clerk.goto(order.page)
    clerk.get_by_role("button", name="领取").click()
    with clerk.expect_response("**/draft"):
        clerk.get_by_label("归我们办，请党支部派人").check()
    publish_version_2(visitor, site)
    page = visitor.page("admin", width=375, height=667, js=False)
    take_along(page, order)

    clerk.reload()
    expect(clerk.get_by_label("归我们办，请党支部派人")).to_be_checked()
    clerk.get_by_label("哪一类").select_option("楼道")
    clerk.get_by_role("radio", name="否").check()
    clerk.get_by_role("button", name="核实好了").click()
    clerk.wait_for_url(re.compile(f"/cases/{order.id}$"))

    page.goto(f"/cases/{order.id}")
    expect(page.locator(".state")).to_contain_text("“派单”")
    page.get_by_role("link", name="移到别的步骤").click()
    page.get_by_label("移到哪一步").select_option(label="核查")
    page.get_by_role("button", name="先看会怎样").click()
    expect(page.locator(".standing-ends")).to_contain_text("派单")
    expect(page.locator(".standing-begins")).to_contain_text("怡园社区的社区工作人员可以领取")
    page.get_by_label("为什么").fill("类别选错了，重新核查。")
    page.get_by_role("button", name="移到“核查”").click()
    page.wait_for_url(re.compile(f"/cases/{order.id}$"))
    expect(page.locator(".state")).to_contain_text("“核查”")
    expect(page.locator(".timeline")).to_contain_text("把“派单”移到“核查”")


def publish_version_2(visitor: Visitor, site: Site) -> None:
    """The owner's part: 核实 is called 核查 from now on."""
    save_diagram(owner(site.world), with_step_renamed()["process.bpmn"], seen(site.world))
    page = visitor.page("heping")
    page.goto("/workspace/orders/publication")
    page.get_by_label("为什么改、改了什么").fill("核实改叫核查")
    page.get_by_role("button", name="发布第 2 版").click()
    expect(page.get_by_text("已发布第 2 版")).to_be_visible()


def take_along(page: Page, order: Order) -> None:
    """The administrator's part: the page suggests the step; a reason is wanted."""
    page.goto("/monitor")
    page.get_by_role("link", name="换到新版").click()
    expect(page.get_by_text("能换 1 件")).to_be_visible()
    page.goto(f"/cases/{order.id}")
    page.get_by_role("link", name="换版本").click()
    expect(page.get_by_label("“核实”在新版里是")).to_have_value("verify")
    page.get_by_role("button", name="换到第 2 版").click()
    expect(page.locator(".error-summary")).to_contain_text("请写明为什么")
    page.get_by_label("为什么").fill("核实改叫核查了。")
    page.get_by_role("button", name="换到第 2 版").click()
    page.wait_for_url(re.compile(f"/cases/{order.id}$"))
    expect(page.locator(".timeline")).to_contain_text("从第 1 版换到第 2 版")
    expect(page.locator(".state")).to_contain_text("等张岚“核查”")


def test_a_step_is_chosen_on_the_diagram(visitor: Visitor, site: Site) -> None:
    order = open_order(site.world, "接单", what="楼道灯不亮")
    page = visitor.page("admin")
    page.goto(f"/monitor/cases/{order.id}/move")
    expect(page.get_by_text("点图上的步骤")).to_be_visible()
    expect(page.get_by_label("移到哪一步")).to_have_value("")
    page.locator(".diagram [data-element-id=accept]").wait_for()
    page.get_by_role("button", name="全图").click()
    page.locator(".diagram [data-element-id=dispatch] text").click()
    expect(page.get_by_label("移到哪一步")).to_have_value("dispatch")
    page.get_by_role("button", name="先看会怎样").click()
    expect(page.locator(".standing-begins")).to_contain_text("派单")
