"""A limit that stands still, on a phone and without JavaScript; an owner says in the drawing what stops it."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import violations
from tests.browser.test_workspace import SELECT, desk, package, saved
from tests.cases.history import open_tasks
from tests.fixtures import Clock
from tests.monitor.stuck import open_case
from tests.orders import Order
from tests.procedures.packages import PAUSING, publish
from tongxin import clock, db
from tongxin.workspace import drafts


@pytest.fixture(scope="module", autouse=True)
def published(site: Site) -> None:
    publish(site.world, PAUSING)


@pytest.fixture
def moved() -> Iterator[Clock]:
    """A clock of our own, for the site as well."""
    stands = Clock(datetime(2026, 2, 13, 10, tzinfo=clock.LOCAL))
    clock.use(stands)
    yield stands
    clock.use(None)


def task(site: Site, order: Order, name: str) -> str:
    return str(next(one.id for one in open_tasks(site.world, order) if one.name == name))


def complete(site: Site, order: Order, name: str, token: str) -> None:
    site.api(token).post(f"/tasks/{task(site, order, name)}/completion", values={"note": "好"})


def test_a_limit_stands_still_and_goes_on(visitor: Visitor, site: Site, moved: Clock) -> None:
    order = open_case(site.world, "pausing", what="开小吃店")
    moved.at = datetime(2026, 3, 2, 11, tzinfo=clock.LOCAL)
    complete(site, order, "看材料", site.world.token("zhanglan"))
    page = visitor.page("zhanglan", width=375, height=667)
    page.goto("/tasks?scope=open")
    row = page.locator(".row", has_text="审批")
    expect(row.locator(".chip-paused")).to_have_text("停表中，3月2日起")
    page.goto(f"/tasks/{task(site, order, '审批')}")
    page.get_by_text("期限怎么来的").click()
    expect(page.locator(".derivation")).to_contain_text("3月2日 11:00 起停表（补正），恢复后接着算剩下的时间。")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert violations(page) == []
    moved.at = datetime(2026, 3, 5, 9, tzinfo=clock.LOCAL)
    complete(site, order, "补正", order.link)
    page = visitor.page("zhanglan", width=375, height=667)  # the session has ended meanwhile
    page.goto(f"/tasks/{task(site, order, '审批')}")
    expect(page.locator(".task-head .chip")).to_have_text(re.compile("还剩 5 天"))
    page.get_by_text("期限怎么来的").click()
    expect(page.locator(".derivation")).to_contain_text("→ 2026-03-05，停表 3月2–5日（补正）→ 2026-03-10")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert visitor.complaints == []


def test_an_administrator_stops_the_clocks_on_a_phone(visitor: Visitor, site: Site) -> None:
    order = open_case(site.world, "pausing", what="开理发店")
    page = visitor.page("admin", width=375, height=667, js=False)
    page.goto(f"/cases/{order.id}")
    page.get_by_role("link", name="停表").click()
    page.get_by_role("button", name="停表").click()
    expect(page.locator(".error-summary")).to_contain_text("请写明为什么")
    page.get_by_label("为什么").fill("全市停水停电")
    page.get_by_role("button", name="停表").click()
    page.wait_for_url(re.compile(f"/cases/{order.id}$"))
    expect(page.locator(".message")).to_contain_text("所有时限都不走")
    expect(page.locator(".state .chip-paused")).to_be_visible()
    page.get_by_role("link", name="恢复计时").click()
    page.get_by_label("为什么").fill("恢复了")
    page.get_by_role("button", name="恢复计时").click()
    expect(page.locator(".timeline")).to_contain_text("全市停水停电")
    expect(page.locator(".chip-paused")).to_have_count(0)
    assert visitor.complaints == []


def test_an_owner_ticks_what_a_step_stops(visitor: Visitor, site: Site) -> None:
    with db.transaction(site.world.engine) as session:
        drafts.throw_away(session, "orders")
    page = desk(visitor)
    page.evaluate(SELECT, "contact")
    stops = page.locator(".work-panel fieldset", has_text="在这一步时，这些时限不走")
    expect(stops.get_by_label("联系", exact=True)).to_have_count(0)  # its own limit
    stops.get_by_label("处置", exact=True).check()
    saved(page)
    assert 'tx:pauses="repair"' in package(site)["process.bpmn"]
    assert violations(page) == []
    page.get_by_role("button", name="撤销").click()
    expect(stops.get_by_label("处置", exact=True)).not_to_be_checked()
    assert visitor.complaints == []
