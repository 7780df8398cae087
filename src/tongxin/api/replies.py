"""Idempotency-Key: a POST that is sent again has effect once and gets the answer it got before."""

import hashlib
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from tongxin import clock
from tongxin.api.callers import caller_of
from tongxin.cases.models import Reply
from tongxin.web.posted import Posted, is_form, read_posted
from tongxin.web.transactions import Committing
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


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A request that came with a key."""

    request: Request
    key: str
    fingerprint: str


_keyed: ContextVar[_Keyed | None] = ContextVar("keyed", default=None)  # no dependency: it would cost every request


class Answering(Committing):
    """A route that enters the request's key before anything else and keeps its answer under it, in one transaction.

    Of two at once the second waits there. A request that is refused leaves no trace, so that it may be mended and sent
    under the same key.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _keeping(endpoint, options.get("status_code") or 200), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own, but for what was answered before."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            _keyed.set(await _key_of(request))
            try:
                return await handle(request)
            except _AnsweredBefore as before:
                return JSONResponse(before.body, before.status, headers={"Idempotency-Replayed": "true"})

        return answer


async def _key_of(request: Request) -> _Keyed | None:
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not 0 < len(key) <= LONGEST_KEY:
        raise UnfitKey(UnfitKey.__doc__)
    return _Keyed(request, key, await _fingerprint(request, await read_posted(request)))


def _keeping(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    @wraps(endpoint)
    def run(**given: Any) -> Response:
        keyed = _keyed.get()
        session = next((value for value in given.values() if isinstance(value, Session)), None)
        if keyed is None or session is None:
            return _written(endpoint(**given), status)
        caller = _enter(session, keyed)
        answer = endpoint(**given)
        _keep(session, caller, keyed.key, status, answer.model_dump(mode="json"))
        return _written(answer, status)

    return run


def _written(answer: BaseModel | Response, status: int) -> Response:
    """The answer as it is sent: the route has made it of its own shape, so nothing is left to check."""
    if isinstance(answer, Response):
        return answer
    return Response(answer.model_dump_json(), status, media_type="application/json")


def _enter(session: Session, keyed: _Keyed) -> str:
    """Enter the key; returns who calls. Raises _AnsweredBefore."""
    caller = caller_of(keyed.request, session).name
    statement = insert(Reply).values(
        caller=caller, key=keyed.key, request_hash=keyed.fingerprint, status=0, body={}, created_at=clock.now()
    )
    if session.execute(statement.on_conflict_do_nothing().returning(col(Reply.key))).first():
        return caller
    before = session.get_one(Reply, (caller, keyed.key))
    if before.request_hash != keyed.fingerprint:
        raise UnfitKey(_("这个 Idempotency-Key 已经用在另一个请求上。新的请求请换一个。"))
    raise _AnsweredBefore(before.status, before.body)


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
