"""Idempotency-Key: a POST that is sent again has effect once and gets the answer it got before."""

import hashlib
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from tongxin import clock
from tongxin.api.callers import caller_of
from tongxin.cases.models import Reply
from tongxin.web.posted import Posted, is_form, posted_with
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

LONGEST_KEY = 200


class UnfitKey(Exception):
    """Idempotency-Key 不能用：应为 1 到 200 个字符，每个新请求换一个。"""


class _AnsweredBefore(Exception):
    """The same request came earlier; this is what it was answered."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


async def once(request: Request, session: Transaction) -> None:
    """Enter the request's key before anything else, in its own transaction: of two at once the second waits here.

    A request that is refused leaves no trace, so that it may be mended and sent under the same key.
    """
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return
    if not 0 < len(key) <= LONGEST_KEY:
        raise UnfitKey(UnfitKey.__doc__)
    said = await _fingerprint(request, posted_with(request))
    await run_in_threadpool(_enter, request, session, key, said)


class Answering(Committing):
    """A route that keeps its answer under the request's key, before the commit."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _keeping(endpoint, options.get("status_code") or 200), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own, but for what was answered before."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except _AnsweredBefore as before:
                return JSONResponse(before.body, before.status, headers={"Idempotency-Replayed": "true"})

        return answer


def _enter(request: Request, session: Session, key: str, said: str) -> None:
    caller = caller_of(request, session).name
    statement = insert(Reply).values(
        caller=caller, key=key, request_hash=said, status=0, body={}, created_at=clock.now()
    )
    if session.execute(statement.on_conflict_do_nothing().returning(col(Reply.key))).first():
        session.info["reply"] = (caller, key)
        return
    before = session.get_one(Reply, (caller, key))
    if before.request_hash != said:
        raise UnfitKey(_("这个 Idempotency-Key 已经用在另一个请求上。新的请求请换一个。"))
    raise _AnsweredBefore(before.status, before.body)


def _keeping(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    @wraps(endpoint)
    def run(**given: Any) -> Any:
        answer = endpoint(**given)
        for value in given.values():
            if isinstance(value, Session) and "reply" in value.info:
                caller, key = value.info.pop("reply")
                _keep(value, caller, key, status, answer.model_dump(mode="json"))
        return answer

    return run


def _keep(session: Session, caller: str, key: str, status: int, body: dict[str, Any]) -> None:
    """A step that got stuck is not kept: once its cause is mended, the same request may do it."""
    mine = (col(Reply.caller) == caller, col(Reply.key) == key)
    if body.get("incident"):
        session.execute(delete(Reply).where(*mine))
    else:
        session.execute(update(Reply).where(*mine).values(status=status, body=body))


async def _fingerprint(request: Request, posted: Posted) -> str:
    """A hash of all that was asked: method, address and body."""
    asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    for name, some in sorted(posted.files.items()):  # a form has been read from the wire already
        for one in some:
            asked.update(f"{name}\0{one.name}\0{len(one.content)}\0".encode() + one.content)
    asked.update(repr(sorted(posted.fields.items())).encode())
    if not is_form(request):
        asked.update(await request.body())
    return asked.hexdigest()
