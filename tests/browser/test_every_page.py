"""Every page there is: readable for all, in light and dark, and usable by a thumb on a small phone."""

from collections.abc import Iterable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, Visitor
from tests.browser.orders import Orders
from tests.workspace.owners import add_table_and_diagram

# route → who opens it where; {kind:name} is of tests/browser/orders.py
PAGES: dict[str, list[tuple[str | None, str]]] = {
    "/": [(None, "/")],
    "/report": [(None, "/report"), (None, "/report?place=YY102&procedure=orders")],
    "/board": [(None, "/board"), (None, "/board?choose=1")],
    "/board/{code}": [
        (None, "/board/YY"),
        (None, "/board/YY?state=closed&kind=燃气"),
        (None, "/board/NY"),
        (None, "/board/nowhere"),
    ],
    "/follow": [(None, "/follow")],
    "/follow/{code}": [(None, "/follow/{code:repair}"), (None, "/follow/DD-YY-260305-AAAAAAA")],
    "/r/{token}/done": [(None, "/r/{link:check}/done")],
    "/r/{token}": [(None, f"/r/{{link:{name}}}") for name in ("check", "repair", "rate", "closed", "merged")],
    "/plates": [("zhanglan", "/plates"), ("admin", "/plates"), ("admin", "/plates?community=YY"), ("lichs", "/plates")],
    "/plates/sheets": [
        ("zhanglan", "/plates/sheets"),
        ("zhanglan", "/plates/sheets?community=YY&place=YY&place=YY102"),
    ],
    "/monitor/calendar": [
        ("admin", "/monitor/calendar?year=2026"),
        ("admin", "/monitor/calendar?year=2027"),
        ("zhanglan", "/monitor/calendar"),  # not hers: 404
    ],
    "/sign-in": [(None, "/sign-in")],
    "/me": [("zhanglan", "/me")],
    "/notices": [("lichs", "/notices"), ("sunjing", "/notices")],
    "/tasks": [
        ("zhanglan", "/tasks"),
        ("zhaoqm", "/tasks?scope=open"),
        ("lichs", "/tasks?scope=overdue"),
        ("lichs", "/tasks?scope=took_part"),
        ("zhanglan", "/tasks?q=没有这样的事"),
    ],
    "/tasks/{task_id}": [
        ("zhanglan", "/tasks/{task:check}"),
        ("zhanglan", "/tasks/{task:claimed}"),
        ("zhanglan", "/tasks/{task:rate}"),
        ("zhaoqm", "/tasks/{task:dispatch}"),
        ("lichs", "/tasks/{task:accept}"),
        ("lichs", "/tasks/{task:contact}"),
        ("lichs", "/tasks/{task:repair}"),
        ("sunjing", "/tasks/{task:referral}"),
        ("sunjing", "/tasks/{task:check}"),  # not hers: 404
    ],
    "/cases/start": [("zhanglan", "/cases/start"), ("lichs", "/cases/start")],
    "/cases/start/{key}": [("zhanglan", "/cases/start/orders")],
    "/cases/{case_id}": [
        ("zhanglan", "/cases/{case:repair}"),
        ("zhaoqm", "/cases/{case:closed}"),
        ("lichs", "/cases/{case:rate}"),
        ("zhanglan", "/cases/{case:merged}"),
        ("admin", "/cases/{case:referral}"),
        ("admin", "/cases/{case:stuck}"),
    ],
    "/ledgers": [("zhanglan", "/ledgers"), ("lichs", "/ledgers"), ("admin", "/ledgers")],
    "/ledgers/exports": [("admin", "/ledgers/exports"), ("zhanglan", "/ledgers/exports")],  # not hers: 404
    "/ledgers/{key}": [
        ("zhanglan", "/ledgers/orders"),
        ("zhanglan", "/ledgers/orders?status=closed&sort=-什么事"),
        ("admin", "/ledgers/orders?q=没有这样的事"),
    ],
    "/ledgers/{key}/import": [("zhanglan", "/ledgers/orders/import"), ("zhaoqm", "/ledgers/orders/import")],
    "/monitor": [("admin", "/monitor")],
    "/monitor/cases": [
        ("admin", "/monitor/cases"),
        ("admin", "/monitor/cases?state=all&procedure=orders&q=水"),
        ("admin", "/monitor/cases?q=没有这样的事"),
    ],
    "/monitor/incidents": [("admin", "/monitor/incidents"), ("admin", "/monitor/incidents?resolved=1")],
    "/monitor/incidents/{incident_id}": [("admin", "/monitor/incidents/{task:incident}")],
    "/monitor/handovers": [("admin", "/monitor/handovers")],
    "/monitor/tasks/{task_id}/handover": [("admin", "/monitor/tasks/{task:accept}/handover")],
    "/monitor/cases/{case_id}/move": [
        ("admin", "/monitor/cases/{case:accept}/move"),
        ("admin", "/monitor/cases/{case:accept}/move?key={code:standing}&to=dispatch"),
        ("admin", "/monitor/cases/{case:accept}/move?key={code:standing}&to=received"),  # refused
        ("zhaoqm", "/monitor/cases/{case:accept}/move"),  # not theirs: 404
    ],
    "/monitor/cases/{case_id}/version": [
        ("admin", "/monitor/cases/{case:old}/version"),
        ("admin", "/monitor/cases/{case:old}/version?map.check="),  # no place for what waits
        ("admin", "/monitor/cases/{case:accept}/version"),  # of the newest version
    ],
    "/monitor/cases/{case_id}/clocks": [
        ("admin", "/monitor/cases/{case:accept}/clocks"),
        ("zhaoqm", "/monitor/cases/{case:accept}/clocks"),  # not theirs: 404
    ],
    "/monitor/cases/{case_id}/data": [
        ("admin", "/monitor/cases/{case:accept}/data"),
        ("admin", "/monitor/cases/{case:accept}/data?field=phone&field=kind&field=member&field=accepted_at&field=cost"),
    ],
    "/monitor/versions/{definition_id}/migration": [
        ("admin", "/monitor/versions/{code:old_version}/migration"),
        ("admin", "/monitor/versions/{code:old_version}/migration?map.check=&started=3"),
        ("admin", "/monitor/versions/{code:new_version}/migration"),
    ],
    "/monitor/connectors": [("admin", "/monitor/connectors")],
    "/workspace": [("heping", "/workspace"), ("zhanglan", "/workspace")],  # not hers: 404
    "/workspace/{key}": [("heping", "/workspace/orders")],
    "/workspace/{key}/publication": [("heping", "/workspace/orders/publication")],
    "/workspace/{key}/versions": [("heping", "/workspace/orders/versions")],
    "/workspace/{key}/{kind}/{number}": [("heping", "/workspace/orders/versions/1")],
    "/workspace/{key}/diagrams": [("heping", "/workspace/orders/diagrams")],
    "/workspace/{key}/diagrams/{name}": [("heping", "/workspace/orders/diagrams/called")],
    "/workspace/{key}/decisions": [("heping", "/workspace/orders/decisions")],
    "/workspace/{key}/decisions/{name:path}": [("heping", "/workspace/orders/decisions/急不急")],
    "/workspace/{key}/forms": [("heping", "/workspace/orders/forms")],
    "/workspace/{key}/fields": [("heping", "/workspace/orders/fields"), ("heping", "/workspace/orders/fields?start=3")],
    "/workspace/{key}/forms/{name}": [("heping", "/workspace/orders/forms/accept")],
    "/workspace/{key}/parameters": [("heping", "/workspace/orders/parameters")],
    "/workspace/{key}/files": [("heping", "/workspace/orders/files")],
    "/workspace/{key}/files/{path:path}": [("heping", "/workspace/orders/files/procedure.toml")],
}
NOT_PAGES = {
    "/openapi.json": "the API's description",
    "/healthz": "for supervisors",
    "/q/{code}": "leads to /report",
    "/live": "a stream",
    "/live/news": "what an open page asks for",
    "/r/{token}/link.svg": "a picture",
    "/r/{token}/attachments/{attachment_id}": "a file",
    "/cases/{case_id}/link.svg": "a picture",
    "/cases/{case_id}/diagram.bpmn": "a file",
    "/attachments/{attachment_id}": "a file",
    "/ledgers/{key}/export": "a file",
    "/ledgers/{key}/import/template": "a file",
    "/workspace/{key}/process.bpmn": "a file",
    "/workspace/{key}/{kind}/{number}/process.bpmn": "a file",
    "/workspace/{key}/diagrams/{name}/process.bpmn": "a file",
    "/workspace/{key}/findings": "what the modeler asks for",
}
SMALL_TARGETS = """() => {
  const shown = (one) => one.checkVisibility({ checkOpacity: true }) && !one.closest(".unseen, .skip");
  const inText = (one) => one.matches("p a, dd a") && one.parentElement.textContent.trim() !== one.textContent.trim();
  const box = (one) => one.closest("label, .row, .file") || one; // what reacts to the thumb
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => shown(one) && !inText(one) && !one.closest(".bjs-powered-by"))
    .map((one) => [one, box(one).getBoundingClientRect()])
    .filter(([, size]) => size.height < 43.5 || size.width < 43.5)
    .map(([one, size]) => `${one.outerHTML.slice(0, 90)} ${Math.round(size.width)}×${Math.round(size.height)}`);
}"""
AXE = Axe()


@pytest.fixture(scope="module")
def regulars(site: Site, chromium: Browser) -> Iterator[Visitor]:
    """One browser a person for all pages: what is the same on every page is fetched once."""
    one = Visitor(site, chromium)
    yield one
    one.leave()


@pytest.fixture(scope="module", autouse=True)
def drawn(site: Site) -> None:
    """A draft with a decision table and a called diagram."""
    add_table_and_diagram(site.world)


def test_no_page_is_forgotten(site: Site) -> None:
    pages = {path for path in get_routes(site.application) if not path.startswith("/api/")}
    assert pages == PAGES.keys() | NOT_PAGES.keys()


@pytest.mark.parametrize(("login", "address"), [one for some in PAGES.values() for one in some])
def test_page(regulars: Visitor, orders: Orders, login: str | None, address: str) -> None:
    page = _page_of(regulars, login)
    open_page(page, orders, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(SMALL_TARGETS) == []
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert violations(page) == []
    assert regulars.complaints == []


@pytest.mark.parametrize("width", [768, 1920])
def test_nothing_sticks_out(visitor: Visitor, orders: Orders, width: int) -> None:
    page = visitor.page("zhanglan", width=width)
    for address in ("/tasks", "/tasks/{task:claimed}", "/cases/{case:repair}", "/cases/start/orders"):
        open_page(page, orders, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_task_beside_the_list(visitor: Visitor, orders: Orders) -> None:
    page = visitor.page("zhanglan", dark=True)
    open_page(page, orders, "/tasks?task={task:claimed}")
    page.wait_for_selector(".pane .task-form")
    assert violations(page) == []
    page.emulate_media(color_scheme="light")
    assert violations(page) == []


@pytest.mark.parametrize("address", ["/tasks", "/tasks/{task:claimed}", "/cases/{case:repair}"])
def test_a_page_is_light(visitor: Visitor, orders: Orders, address: str) -> None:
    """At most 60 kB travel for a page with its styles and scripts, at the first visit; but the diagram's viewer."""
    page = visitor.page("zhanglan")
    open_page(page, orders, address)
    sizes = page.evaluate("""() => performance.getEntries()
      .filter((one) => one.transferSize && !/viewer[.]js|attachments|diagram[.]bpmn/.test(one.name))
      .map((one) => [one.name, one.transferSize])""")
    assert sum(size for _name, size in sizes) <= 60_000, sizes


def _page_of(regulars: Visitor, login: str | None) -> Page:
    if login not in regulars.pages:
        regulars.pages[login] = regulars.page(login, width=360, height=740)
    page = regulars.pages[login]
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="light")
    regulars.complaints.clear()
    return page


def get_routes(application: FastAPI) -> Iterator[str]:
    """The path of every GET route."""
    for route in _flat(application.routes):
        if "GET" in (getattr(route, "methods", None) or ()):
            yield route.path  # type: ignore[attr-defined]


def open_page(page: Page, orders: Orders, address: str) -> None:
    for kind in ("task", "case", "code", "link"):
        for name, value in getattr(orders, kind).items():
            address = address.replace(f"{{{kind}:{name}}}", value)
    page.goto(address)
    if page.query_selector("[data-diagram]"):
        page.wait_for_selector("[data-diagram] .diagram-tools")
    if page.query_selector("[data-modeler]"):
        page.wait_for_selector("[data-modeler] .diagram-tools")


def violations(page: Page) -> list[str]:
    """What axe finds, in few words."""
    found = AXE.run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:160]} {node['failureSummary']}" for one in found for node in one["nodes"]]


def _flat(routes: Iterable[object]) -> Iterator[object]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if isinstance(route, APIRoute) or inner is None:
            yield route
        else:
            yield from _flat(inner.routes)
