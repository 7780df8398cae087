"""Who is asking, and proof that it was their own browser."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from tongxin import clock
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Transaction

COOKIE = "tongxin"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class NotSignedIn(Exception):
    """请先登录。"""


class Forged(Exception):
    """这个请求不是从本站的页面发出的，没有执行。请回到页面刷新后再试。"""


class Forbidden(Exception):
    """您没有做这件事的岗位。"""


class NotFound(Exception):
    """没有找到。它可能不存在，也可能不归您办。"""


def _person(request: Request, session: Transaction, posted: PostedForm) -> Person | None:
    """The signed-in person; a request that changes something must carry the session's CSRF token."""
    require_same_origin(request)
    token = request.cookies.get(COOKIE)
    person = identity.by_session(session, token, clock.now()) if token else None
    if person is not None and request.method not in SAFE_METHODS:
        given = request.headers.get("x-csrf-token") or posted.get("csrf")
        if not hmac.compare_digest(given.encode(), (person.csrf or "").encode()):
            raise Forged(Forged.__doc__)
    request.state.person = person
    return person


MaybePerson = Annotated[Person | None, Depends(_person)]


def _signed_in(person: MaybePerson) -> Person:
    if person is None:
        raise NotSignedIn(NotSignedIn.__doc__)
    return person


SignedIn = Annotated[Person, Depends(_signed_in)]


def require_same_origin(request: Request) -> None:
    """Raises Forged when a changing request says it comes from another site."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin") or request.headers.get("referer")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forged(Forged.__doc__)
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forged(Forged.__doc__)
