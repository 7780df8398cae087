"""The live stream: it says where to look again, to those who may, and costs others nothing."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.callers import Api, Browser
from tests.fixtures import World
from tests.orders import advance, open_order
from tests.web.servers import servers
from tongxin.people.signed_in import COOKIE


class Heard:
    """What a stream has said, one message after the other."""

    def __init__(self) -> None:
        self.said: queue.Queue[dict[str, str] | None] = queue.Queue()

    def next(self, patience: float = 10) -> dict[str, str] | None:
        """The next message; None: the stream has ended."""
        return self.said.get(timeout=patience)

    def has(self, wanted: dict[str, str], patience: float = 10) -> bool:
        """Whether a message comes within so many seconds."""
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            try:
                message = self.next(left)
            except queue.Empty:
                return False
            if message == wanted:
                return True
            if message is None:
                return False
        return False


@pytest.fixture
def address(world: World, tmp_path: Path) -> Iterator[str]:
    """A web process of its own."""
    with servers(world, tmp_path) as (one,):
        yield one


@contextmanager
def listening(address: str, cookie: str, query: str = "", *, first: bool = True) -> Iterator[Heard]:
    """Hear a stream in a thread; when the block begins, nothing more escapes it. `first`: of its process."""
    heard = Heard()
    headers = {"Cookie": cookie}
    with (
        httpx2.Client(base_url=address, timeout=30) as client,
        client.stream("GET", f"/live{query}", headers=headers) as answer,
    ):
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()

        def run() -> None:
            try:
                for line in lines:
                    if line.startswith("data: "):
                        heard.said.put(json.loads(line[6:]))
            except (httpx2.HTTPError, httpx2.StreamError):
                pass
            heard.said.put(None)

        threading.Thread(target=run, daemon=True).start()
        assert not first or heard.has({"kind": "again"})  # the process has begun to listen to the database
        yield heard


def cookie_of(world: World, login: str) -> str:
    browser = Browser(world)
    browser.sign_in(login)
    assert browser.cookie.startswith(COOKIE)
    return browser.cookie


def test_a_new_task_is_announced_to_those_who_may_take_it(world: World, address: str) -> None:
    with listening(address, cookie_of(world, "zhanglan")) as clerk:
        with listening(address, cookie_of(world, "wudi"), first=False) as stranger:
            order = open_order(world)
            assert clerk.has({"kind": "inbox"})
            assert not stranger.has({"kind": "inbox"}, patience=1)
        advance(world, order, "派单")


def test_a_person_hears_of_what_is_given_to_them(world: World, address: str) -> None:
    order = open_order(world, "派单")
    with listening(address, cookie_of(world, "lichs")) as member:
        advance(world, order, "接单")
        assert member.has({"kind": "notices"})


def test_a_case_is_told_of_to_those_who_may_see_it(world: World, address: str) -> None:
    order = open_order(world)
    query = f"?case={order.id}"
    with listening(address, cookie_of(world, "zhanglan"), query) as clerk:
        advance(world, order, "派单")
        assert clerk.has({"kind": "case", "id": order.id})
    answer = httpx2.get(f"{address}/live{query}", headers={"Cookie": cookie_of(world, "wudi")}, timeout=10)
    assert answer.status_code == 404


def test_whoever_signs_out_hears_no_more(world: World, address: str) -> None:
    browser = Browser(world)
    browser.sign_in("zhanglan")
    with listening(address, browser.cookie) as clerk:
        browser.post("/sign-out")
        assert clerk.next() is None
    assert httpx2.get(f"{address}/live", headers={"Cookie": browser.cookie}, timeout=10).status_code == 401


def test_nobody_listens_unasked(world: World) -> None:
    answer = world.client.get("/live")
    assert (answer.status_code, answer.content) == (401, b"")
    assert world.client.get("/live/news?scope=mine").status_code == 401


def test_after_the_connection_broke_everybody_looks_again(world: World, address: str) -> None:
    with listening(address, cookie_of(world, "zhanglan")) as clerk:
        with psycopg.connect(world.database.url, autocommit=True) as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongxin listener'"
            assert connection.execute(ended).rowcount == 1
        assert clerk.has({"kind": "again"})
        open_order(world)
        assert clerk.has({"kind": "inbox"})


def test_200_open_pages_do_not_slow_other_requests(world: World, address: str) -> None:
    """More streams than threads and connections: each request is answered, and a stream holds no connection."""
    cookie = cookie_of(world, "zhanglan")
    with httpx2.Client(base_url=address, timeout=30, limits=httpx2.Limits(max_connections=300)) as client:
        opened = [client.build_request("GET", "/live", headers={"Cookie": cookie}) for _ in range(200)]
        streams = [client.send(one, stream=True) for one in opened]
        try:
            assert {one.status_code for one in streams} == {200}
            for _ in range(20):
                assert client.get("/tasks", headers={"Cookie": cookie}).status_code == 200
            with psycopg.connect(world.database.url, autocommit=True) as connection:
                busy = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
                    " AND pid <> pg_backend_pid()"
                ).fetchone()
            assert busy == (0,)
        finally:
            for one in streams:
                one.close()


def test_news_since_the_page_was_drawn(world: World) -> None:
    browser = Browser(world)
    browser.sign_in("zhanglan")
    before = browser.get("/live/news?scope=open&newest=0&count=0").json()
    assert before == {"unread": 0, "tasks": 0}
    order = open_order(world)
    seen = f"/live/news?scope=open&newest={order.task}&count=1&case={order.id}&length=2&task={order.task}"
    assert browser.get("/live/news?scope=open").json()["tasks"] == 1
    assert browser.get(seen).json() == {"unread": 0, "tasks": 0, "case": False, "task": ""}
    Api(world, world.token("zhanglan")).post(f"/tasks/{order.task}/claim")
    assert browser.get(seen).json() == {"unread": 0, "tasks": 0, "case": True, "task": ""}
    advance(world, order, "派单")
    assert browser.get(seen).json()["task"] == "这一步您已经办完了，点这里看。"


@pytest.mark.parametrize("query", ["case=x", "case=99999999999999999999", "task=-1&case=-5", "newest=x", "scope=all"])
def test_nonsense_is_no_error_of_ours(world: World, query: str) -> None:
    browser = Browser(world)
    browser.sign_in("zhanglan")
    assert browser.get(f"/live/news?{query}").status_code in (200, 404, 422)
