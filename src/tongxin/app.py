"""The web application: routes, static files, refusals, the pool and its door."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from sqlalchemy import text
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import tongxin.connectors.models
import tongxin.events
import tongxin.people.models  # noqa: F401 - every table must be known before the first flush
from tongxin import db, engine, files, live, words
from tongxin.api import replies
from tongxin.api import routes as api
from tongxin.cases import (
    access,
    case_routes,
    lifecycle,
    live_routes,
    mending,
    notice_routes,
    publicity_routes,
    queries,
    routes,
    signed_out,
)
from tongxin.cases.assign import NobodyAnswers
from tongxin.cases.operations import OperationFailed
from tongxin.config import Settings
from tongxin.connectors import calls
from tongxin.ledgers import routes as ledgers
from tongxin.monitor import by_hand_routes, calendar_routes, mending_routes, migration_routes
from tongxin.monitor import routes as monitor
from tongxin.people import directory, language_routes
from tongxin.people import routes as people
from tongxin.portal import board_routes, follow_routes, home_routes, plate_routes, report_routes
from tongxin.portal import routes as portal
from tongxin.procedures import catalogue
from tongxin.web import pages, problems
from tongxin.web.language import SpeakLanguage
from tongxin.web.posted import LimitBody
from tongxin.words import N_, _
from tongxin.workspace import (
    content_routes,
    decision_routes,
    diagram_routes,
    drafts,
    field_routes,
    owners,
    version_routes,
)
from tongxin.workspace import routes as workspace

REFUSALS: dict[type[Exception], tuple[int, str]] = {
    lifecycle.NotReady: (409, N_("这一步已经办过了")),
    lifecycle.Taken: (409, N_("已被别人领取")),
    catalogue.NoSuchProcedure: (404, N_("没有这个流程")),
    directory.NoSuchUnit: (422, N_("没有这个地点")),
    queries.BadCursor: (422, N_("位置已失效")),
    files.FileRefused: (422, N_("文件没有收下")),
    NobodyAnswers: (409, N_("现在没有人可以接")),
    OperationFailed: (409, N_("没有办成")),
    engine.Failed: (409, N_("没有办成")),
    mending.NotRetryable: (409, N_("现在不能重试")),
    mending.NotSettled: (409, N_("还不能了结")),
    calls.NoSuchConnector: (422, N_("没有切换")),
    drafts.Outdated: (409, N_("草稿又改过了")),
    drafts.Unfit: (422, N_("没有保存")),
    replies.UnfitKey: (422, N_("Idempotency-Key 不能用")),
}
RESIDENTS = (report_routes, portal, follow_routes, board_routes, language_routes)
PAGES = (
    home_routes,
    report_routes,
    portal,
    follow_routes,
    board_routes,
    language_routes,
    people,
    routes,
    signed_out,
    case_routes,
    publicity_routes,
    notice_routes,
    live_routes,
    monitor,
    mending_routes,
    by_hand_routes,
    calendar_routes,
    migration_routes,
    plate_routes,
    ledgers,
    workspace,
    content_routes,
    field_routes,
    diagram_routes,
    decision_routes,
    version_routes,
)
NO_TELEMETRY: TelemetryConfig = {  # nothing of residents' affairs leaves the house, and each span costs
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def make_app(settings: Settings, url: str) -> FastAPI:
    """The application on the database at `url`."""
    app = _empty(settings, url)
    app.state.live = live.Listener(url)
    pages.environment().globals["may_start_anything"] = access.may_start_anything
    pages.environment().globals["may_change_procedures"] = owners.may_change
    app.include_router(api.router)
    for module in PAGES:
        app.include_router(module.router, include_in_schema=False)  # pages are for people
    app.add_exception_handler(signed_out.SignedOut, signed_out.ask)
    return app


def make_portal(settings: Settings, url: str) -> FastAPI:
    """The residents' pages alone: no sign-in, no staff, no API."""
    app = _empty(settings, url, schema=None)
    app.include_router(home_routes.residents)
    for module in RESIDENTS:
        app.include_router(module.router)
    return app


def _empty(settings: Settings, url: str, schema: str | None = "/openapi.json") -> FastAPI:
    """An application with what every one needs, and no pages yet."""
    words.settle(settings.language)
    database = db.connect(url, pool_size=settings.pool_size)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.pool_size, "route"))
        listener = getattr(app.state, "live", None)
        with live.announcing(database, url), live.ending_on_signals(listener.end) if listener else nullcontext():
            yield
            if listener:
                await listener.close()
        database.dispose()

    app = FastAPI(
        title="同心 Tongxin",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=schema,
        telemetry=NO_TELEMETRY,
    )
    app.state.engine = database
    app.state.slots = asyncio.Semaphore(settings.pool_size)
    app.state.store = files.Store(settings.home / "files")
    app.state.settings = settings
    app.add_api_route("/healthz", _health, methods=["GET"], include_in_schema=False)
    app.mount("/static", _Static(directory=pages.STATIC))
    problems.install(app, REFUSALS)
    app.add_exception_handler(lifecycle.InvalidValues, _invalid)
    app.add_middleware(LimitBody)
    app.add_middleware(SpeakLanguage)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(CompressPages)
    return app


def _health(request: Request) -> dict[str, str]:
    """Whether this process reaches its database."""
    with request.app.state.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return {"status": "ok"}


async def _invalid(request: Request, error: Exception) -> Response:
    """Values that do not fit: every error with a pointer to its field."""
    assert isinstance(error, lifecycle.InvalidValues)  # registered for nothing else
    errors = tuple((f"/values/{one.field}" if one.field else "/values", one.message) for one in error.errors)
    return problems.answer(request, problems.Problem(422, _("填写的内容有误"), str(error), errors))


class SecurityHeaders:
    """ASGI middleware: what every answer says to the browser about safety."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to the answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        await self.app(scope, receive, with_headers)


class CompressPages:
    """ASGI middleware: pages, styles and scripts travel compressed; programs get their answers as they are, sooner."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by the address."""
        for_program = scope["type"] != "http" or scope["path"].startswith("/api/")
        await (self._plain if for_program else self._compressed)(scope, receive, send)


class _Static(StaticFiles):
    """Static files carry their hash in the address, so browsers keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """The file, kept for a year."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
