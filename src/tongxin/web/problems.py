"""Every refusal as an answer: a page for people, problem+json (RFC 9457) for programs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from tongxin.web import pages
from tongxin.web.guards import Forbidden, Forged, NotFound, NotSignedIn
from tongxin.web.posted import Garbled, TooLarge
from tongxin.words import N_, _, retold

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Problem:
    """How a refusal is shown: status, a short title, what to do about it, and where: (JSON pointer, message)."""

    status: int
    title: str
    advice: str
    errors: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Request, Exception], Awaitable[Response]]

_KNOWN: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, N_("没有找到")),
    Forged: (403, N_("请求没有执行")),
    Forbidden: (403, N_("没有权限")),
    TooLarge: (413, N_("内容太大")),
    Garbled: (422, N_("看不懂这个请求")),
}
_BY_STATUS = {
    400: (N_("看不懂这个请求"), N_("请检查内容的写法。")),
    404: (N_("没有这个页面"), N_("请检查地址，或从首页进入。")),
    405: (N_("这个地址不能这样用"), N_("请从页面上的按钮操作。")),
    413: (N_("内容太大"), N_("文字请控制在 1 MB 以内，每张照片 10 MB 以内。")),
}
_WORDS = {  # what pydantic found → what to do
    "missing": N_("缺少这一项。"),
    "extra_forbidden": N_("没有这一项，请去掉。"),
    "string_type": N_("应为文字。"),
    "string_unicode": N_("里面有不能保存的字符。"),
    "string_too_long": N_("太长了。"),
    "dict_type": N_("应为一组名称和值。"),
    "int_parsing": N_("应为整数。"),
    "literal_error": N_("不在可选的值里。"),
    "json_invalid": N_("不是有效的 JSON。"),
    "model_attributes_type": N_("应为 JSON 对象，并带 Content-Type: application/json。"),
}


def install(app: FastAPI, known: dict[type[Exception], tuple[int, str]]) -> None:
    """Register handlers for the refusals of this layer and `known` ones of those above: exception → (status, title)."""
    for kind, (status, title) in {**_KNOWN, **known}.items():
        app.add_exception_handler(kind, _handler(status, title))
    app.add_exception_handler(NotSignedIn, _sign_in_first)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(UnicodeEncodeError, _unstorable)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(Exception, _failed)


def answer(request: Request, problem: Problem) -> Response:
    """The refusal in the form the caller reads."""
    if wants_json(request):
        errors = problem.errors or (("", problem.advice),)
        body = {
            "type": "about:blank",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.advice,
            "errors": [{"pointer": pointer, "message": message} for pointer, message in errors],
        }
        return JSONResponse(body, problem.status, media_type="application/problem+json")
    return pages.page(request, "errors/error.html", {"problem": problem}, status=problem.status)


def stuck(request: Request, cause: str) -> Response:
    """A step that became an incident: returned, not raised, so that the incident is kept."""
    return answer(
        request,
        Problem(
            409,
            _("没有办成"),
            _("已告诉管理员：{cause} 这件事停在原处，没有丢，问题解决后可以再办。", cause=retold(cause)),
        ),
    )


def wants_json(request: Request) -> bool:
    """Programs use /api."""
    return request.url.path.startswith("/api/")


def _handler(status: int, title: str) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, Problem(status, _(title), retold(str(error))))

    return handle


async def _sign_in_first(request: Request, error: Exception) -> Response:
    if wants_json(request):
        response = answer(request, Problem(401, _("请先登录"), _("请带上 Authorization: Bearer 令牌。")))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return pages.go(request, f"/sign-in?next={quote(pages.here(request), safe='/')}")


def _logged(request: Request) -> str:
    """What a log may say of the address: its pattern, for the address itself may hold a resident's personal link."""
    pattern = getattr(request.scope.get("route"), "path", None)
    return str(pattern) if pattern else "/" + request.url.path.lstrip("/").partition("/")[0]


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if isinstance(error.__cause__, TooLarge):
        status = 413  # FastAPI answers 400 to whatever happens while it reads a body
    title, advice = _BY_STATUS.get(status, (N_("请求没有完成"), N_("请返回重试。")))
    return answer(request, Problem(status, _(title), _(advice)))


async def _unreadable(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(one["loc"][0] == "path" for one in found):  # no id looks like that
        return answer(request, Problem(404, _("没有找到"), _(str(NotFound.__doc__))))
    errors = tuple((_pointer(one["loc"]), _(_WORDS.get(one["type"], N_("写法不对。")))) for one in found)
    return answer(request, Problem(422, _("看不懂这个请求"), _("请检查参数的写法。"), errors))


def _pointer(location: tuple[Any, ...]) -> str:
    """Where in the body; what stands in the address or in a header is named as such."""
    place, *parts = location
    if place != "body":
        return f"#{place}/{'/'.join(map(str, parts))}"
    return "".join(f"/{part}" for part in parts if isinstance(part, str))


async def _unstorable(request: Request, error: Exception) -> Response:
    log.info("unstorable", path=_logged(request), error=str(error).splitlines()[0])
    return answer(request, Problem(422, _("内容有误"), _("里面有不能保存的字符，或太大的数。请改正后再试。")))


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database_unavailable", path=_logged(request), error=str(error).splitlines()[0])
    response = answer(
        request, Problem(503, _("系统正忙"), _("刚才的操作没有保存，请过几秒再试。填写的内容还在页面上。"))
    )
    response.headers["Retry-After"] = "3"
    return response


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=_logged(request), exc_info=error)
    return answer(
        request, Problem(500, _("系统出错了"), _("刚才的操作没有保存。请重试；还不行请告诉管理员，并说明时间。"))
    )
