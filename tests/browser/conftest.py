"""The application on a real port, with a real browser before it."""

import contextlib
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)
from sqlalchemy import delete
from sqlmodel import Session, col, select

from tests.browser.orders import Orders, make_orders
from tests.callers import Api
from tests.conftest import FreshDatabase
from tests.fixtures import World
from tests.monitor.stuck import incident_of, never_dispatched, open_case
from tests.procedures.packages import CALLING, publish
from tongxin import app, clock, config, db
from tongxin.cases.models import Task
from tongxin.people import accounts
from tongxin.people.models import Account, SignIn
from tongxin.people.signed_in import COOKIE
from tongxin.procedures import catalogue

STEP_RENAMED = {
    **CALLING,
    "process.bpmn": CALLING["process.bpmn"].replace('"work"', '"toil"').replace(">work<", ">toil<"),
    "forms/toil.json": CALLING["forms/work.json"],
}
QUIET = (
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
PATIENCE = 30_000  # milliseconds; machines are sometimes slow
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Site:
    """A served installation."""

    url: str
    world: World
    application: FastAPI

    def api(self, token: str) -> Api:
        """Call it as another system."""
        return Api(self.world, token)

    def session_of(self, login: str) -> str:
        """A fresh session's cookie, without the slow password check."""
        with db.transaction(self.world.engine) as session:
            account = session.exec(select(Account).where(col(Account.login) == login)).one()
            return accounts.open_session(session, account, device="test", own_device=False, now=clock.now())

    def end_sessions(self) -> None:
        """Every session has expired."""
        with Session(self.world.engine) as session:
            session.exec(delete(SignIn))
            session.commit()


@dataclass  # no slots: Playwright writes on the object whose method listens
class Visitor:
    """Opens pages in contexts of their own and notes everything the browser complains of."""

    site: Site
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    pages: dict[str | None, Page] = field(default_factory=dict)  # of those who come again and again, by login

    def page(
        self, login: str | None = None, *, width: int = 1280, height: int = 800, dark: bool = False, js: bool = True
    ) -> Page:
        """A new browser, signed in as `login`."""
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
            has_touch=width < 768,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_VIOLATIONS)
        if login is not None:
            context.add_cookies([{"name": COOKIE, "value": self.site.session_of(login), "url": self.site.url}])
        page = context.new_page()
        page.on("console", self._listen)
        page.on("response", self._look)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def leave(self) -> None:
        """Close everything."""
        for context in self.contexts:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource")  # often on purpose; _look knows better
        if message.type in ("error", "warning") and not answered:
            self.complaints.append(f"{message.page.url if message.page else '?'}: {message.text}")

    def _look(self, response: Response) -> None:
        if response.status >= (400 if "/static/" in response.url else 500):
            self.complaints.append(f"{response.url}: {response.status}")


@pytest.fixture(scope="module")
def site(template: str, fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh installation, served."""
    with pytest.MonkeyPatch.context() as patch, fresh_database(template) as database:
        patch.setenv("TONGXIN_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TONGXIN_DEMO", "1")
        patch.setenv("TONGXIN_SECRET", "only for tests")
        config.settings.cache_clear()
        application = app.make_app(config.settings(), database.app_url)
        engine = db.connect(database.app_url, pool_size=2)
        with serving(application) as url, httpx2.Client(base_url=url, timeout=20) as client:
            yield Site(url, World(database, engine, client), application)  # type: ignore[arg-type]
        engine.dispose()
        config.settings.cache_clear()
    for published in [known for known in catalogue._compiled if known > 1]:
        del catalogue._compiled[published]  # in the next module's database the number is another's


@pytest.fixture(scope="module")
def orders(site: Site) -> Orders:
    """Orders in every state a page can show."""
    made = make_orders(site.world)
    stuck = never_dispatched(site.world)
    made.case["stuck"], made.task["incident"] = stuck.id, str(incident_of(site.world, stuck).id)
    made.code["standing"] = str(_key_of(site.world, made.task["accept"]))
    made.code["old_version"] = str(publish(site.world, CALLING))
    made.case["old"] = open_case(site.world, "calling", "第一版的事，在第二版里没有这一步").id
    made.code["new_version"] = str(publish(site.world, STEP_RENAMED))
    return made


def _key_of(world: World, task: str) -> int:
    with Session(world.engine) as session:
        return session.exec(select(Task.key).where(col(Task.id) == int(task))).one()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture
def visitor(site: Site, chromium: Browser) -> Iterator[Visitor]:
    """Opens pages; nothing may be in the browser's console afterwards."""
    one = Visitor(site, chromium)
    yield one
    one.leave()
    assert one.complaints == []


@contextlib.contextmanager
def started_chromium() -> Iterator[Browser]:
    """CHROMIUM or the one on the PATH."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert executable and Path(executable).exists(), "找不到 Chromium：请安装，或用 CHROMIUM 指明它在哪里"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield browser
        browser.close()


@contextlib.contextmanager
def serving(application: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine, in a thread."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        _wait(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        application.state.live.end()  # as the signal does in a process of its own
        server.should_exit = True
        thread.join()
        listening.close()


def _wait(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
