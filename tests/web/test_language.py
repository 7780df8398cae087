"""The language of pages and answers: chosen by the person, never guessed from the browser."""

import re
from html import unescape

import pytest

from tests.callers import HTMX, Browser, signed_in
from tests.fixtures import ORDERS, Clock, World
from tests.orders import Order, open_order
from tongxin import config, words

ENGLISH = {"Cookie": "language=en"}
CONTENT = "".join(
    path.read_text()
    for path in (*ORDERS.rglob("*.*"), config.PROJECT / "src" / "tongxin" / "demo.py")
    if path.suffix in (".toml", ".json", ".bpmn", ".dmn", ".txt", ".py")
)
TYPED = "下水道堵塞 已疏通 畅达疏通 办好了 中文 怡园小区2号楼"  # by the tests' people; and a language's own name


def in_english(browser: Browser, path: str) -> str:
    """A page as somebody sees it who has chosen English."""
    answer = browser.get(path, {"Cookie": f"{browser.cookie}; language=en"})
    assert answer.status_code in (200, 404), path
    return answer.text


def chinese_of_ours(page: str) -> list[str]:
    """Chinese on a page that is neither a procedure's nor anybody's name or words."""
    return [run for run in re.findall(r"[\u3400-\u9fff]+", unescape(page)) if run not in CONTENT and run not in TYPED]


@pytest.fixture
def order(world: World, still: Clock) -> Order:
    """An order that waits for its repair."""
    return open_order(world, until="处置")


def test_staff_pages_in_english(world: World, order: Order) -> None:
    member, clerk = signed_in(world, "lichs"), signed_in(world, "zhanglan")
    pages = {
        member: ["/tasks", "/tasks?scope=open", "/tasks?q=x", order.page, f"/cases/{order.id}", "/notices", "/me"],
        clerk: ["/cases/start", "/cases/start/orders", f"/cases/{order.id}", "/nowhere"],
    }
    for browser, paths in pages.items():
        for path in paths:
            page = in_english(browser, path)
            assert '<html lang="en">' in page
            assert chinese_of_ours(page) == [], path


def test_residents_pages_in_english(world: World, order: Order) -> None:
    resident = Browser(world)
    for path in ("/", "/report?place=YY102", "/follow", f"/r/{order.link}", f"/c/{order.code}", "/board", "/sign-in"):
        page = in_english(resident, path)
        assert chinese_of_ours(page) == [], path


def test_it_is_chosen_and_stays(world: World) -> None:
    browser = Browser(world)
    assert '<html lang="zh-CN">' in browser.get("/follow").text
    answer = browser.post("/language", {"language": "en", "next": "/follow?code=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/follow?code=1")
    kept = answer.headers["set-cookie"]
    assert kept.startswith("language=en;")
    for word in ("HttpOnly", "SameSite=lax", "Max-Age=31536000", "Path=/"):
        assert word in kept
    page = browser.get("/follow?code=1", ENGLISH).text
    assert "Check progress" in page
    assert '<input type="hidden" name="next" value="/follow?code=1">' in page
    assert re.search(r'name="language" value="zh" lang="zh">中文<', page)


@pytest.mark.parametrize("posted", [{"language": "fr"}, {"language": "en\r\nx: y"}, {}])
def test_another_language_changes_nothing(world: World, posted: dict[str, str]) -> None:
    answer = Browser(world).post("/language", {**posted, "next": "//elsewhere.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


def test_another_site_cannot_choose(world: World) -> None:
    answer = Browser(world).post("/language", {"language": "en"}, headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_page_that_answers_a_form_leads_back_to_the_form(world: World) -> None:
    """Its own address cannot be opened."""
    sent_from = {"Referer": "http://tongxin.test/sign-in?next=/me", **ENGLISH}
    page = Browser(world).post("/sign-in", {"login": "x", "password": "y"}, headers=sent_from).text
    assert "The account or password is wrong." in page
    assert 'name="next" value="/sign-in?next=/me"' in page


def test_the_browsers_wish_is_not_asked_for_pages(world: World) -> None:
    assert '<html lang="zh-CN">' in Browser(world).get("/follow", {"Accept-Language": "en-US,en;q=0.9"}).text


@pytest.mark.parametrize(
    ("headers", "title"),
    [
        ({}, "请先登录"),
        ({"Accept-Language": "en"}, "Sign in first"),
        ({"Accept-Language": "en-GB, zh;q=0.5"}, "Sign in first"),
        ({"Accept-Language": "zh-CN, en;q=0.5"}, "请先登录"),
        ({"Accept-Language": "\xff"}, "请先登录"),
        ({"Accept-Language": "en", "Cookie": "a=b"}, "请先登录"),
        ({"Cookie": "a=b;language=en"}, "Sign in first"),
    ],
)
def test_programs_say_what_they_read(world: World, headers: dict[str, str], title: str) -> None:
    given = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = world.client.get("/api/v1/tasks", headers=given)
    assert answer.json()["title"] == title


def test_the_house_may_speak_english(world: World) -> None:
    words.settle(words.ENGLISH)
    try:
        assert "Check progress" in Browser(world).get("/follow").text
        assert "查进度" in Browser(world).get("/follow", {"Cookie": "language=zh"}).text
    finally:
        words.settle(words.CHINESE)


def test_scripts_bring_their_texts_in_english_only(world: World) -> None:
    browser = Browser(world)
    assert 'type="application/json"' not in browser.get("/sign-in").text
    assert '<script type="application/json" id="words">{"' in browser.get("/sign-in", ENGLISH).text


def test_what_is_put_into_a_text_is_escaped(world: World) -> None:
    clerk = signed_in(world, "zhanglan")
    for cookie in ("", "; language=en"):
        page = clerk.get("/tasks?q=%3Cb%3E%22", {"Cookie": clerk.cookie + cookie, **HTMX}).text
        assert "<b>" not in re.sub(r"<b data-count.*?</b>", "", page)
        assert "“&lt;b&gt;&#34;”" in page


def test_limits_are_explained_in_english(world: World, order: Order) -> None:
    page = in_english(signed_in(world, "lichs"), order.page)
    assert "How this limit came about" in page
    assert "1 hour from 到场时间 5 Mar 08:30, so until 5 Mar 09:30. Set by “到场后办好时限：紧急单”." in page
