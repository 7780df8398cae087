"""Every refusal as an answer: a page for people, problem+json (RFC 9457) for programs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from tongxin.web import pages
from tongxin.web.posted import TooLarge
from tongxin.web.signed_in import Forbidden, Forged, NotFound, NotSignedIn

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Problem:
    """How a refusal is shown: status, a short title, and what to do about it."""

    status: int
    title: str
    advice: str


Handler = Callable[[Request, Exception], Awaitable[Response]]

_KNOWN: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "没有找到"),
    Forged: (403, "请求没有执行"),
    Forbidden: (403, "没有权限"),
    TooLarge: (413, "内容太大"),
}
_BY_STATUS = {
    404: ("没有这个页面", "请检查地址,或从首页进入。"),
    405: ("这个地址不能这样用", "请从页面上的按钮操作。"),
    413: ("内容太大", "文字请控制在 1 MB 以内,每张照片 10 MB 以内。"),
    415: ("格式不对", "请用 JSON(application/json)提交。"),
}


def install(app: FastAPI, known: dict[type[Exception], tuple[int, str]]) -> None:
    """Register handlers for the refusals of this layer and `known` ones of those above: exception → (status, title)."""
    for kind, (status, title) in {**_KNOWN, **known}.items():
        app.add_exception_handler(kind, _handler(status, title))
    app.add_exception_handler(NotSignedIn, _sign_in_first)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(Exception, _failed)


def answer(request: Request, problem: Problem) -> Response:
    """The refusal in the form the caller reads."""
    if wants_json(request):
        body = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.advice}
        return JSONResponse(body, problem.status, media_type="application/problem+json")
    return pages.page(request, "errors/error.html", {"problem": problem}, status=problem.status)


def wants_json(request: Request) -> bool:
    """Programs use /api."""
    return request.url.path.startswith("/api/")


def _handler(status: int, title: str) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, Problem(status, title, str(error)))

    return handle


async def _sign_in_first(request: Request, error: Exception) -> Response:
    if wants_json(request):
        response = answer(request, Problem(401, "请先登录", "请带上 Authorization: Bearer 令牌。"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    here = quote(request.url.path, safe="/") if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={here}", 303)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title, advice = _BY_STATUS.get(status, ("请求没有完成", "请返回重试。"))
    return answer(request, Problem(status, title, advice))


async def _unreadable(request: Request, error: Exception) -> Response:
    return answer(request, Problem(422, "看不懂这个请求", "请检查参数的写法。"))


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database_unavailable", path=request.url.path, error=str(error).splitlines()[0])
    response = answer(request, Problem(503, "系统正忙", "刚才的操作没有保存,请过几秒再试。填写的内容还在页面上。"))
    response.headers["Retry-After"] = "3"
    return response


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, exc_info=error)
    return answer(request, Problem(500, "系统出错了", "刚才的操作没有保存。请重试;还不行请告诉管理员,并说明时间。"))
