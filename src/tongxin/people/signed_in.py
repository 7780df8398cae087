"""Who is asking, and proof that it was their own browser."""

import hmac
from typing import Annotated

from fastapi import Depends, Request

from tongxin import clock
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.web.guards import SAFE_METHODS, Forged, NotSignedIn, require_same_origin
from tongxin.web.posted import posted_with
from tongxin.web.transactions import Transaction

COOKIE = "tongxin"


def _person(request: Request, session: Transaction) -> Person | None:
    """The signed-in person; a request that changes something must carry the session's CSRF token."""
    require_same_origin(request)
    token = request.cookies.get(COOKIE)
    person = identity.by_session(session, token, clock.now()) if token else None
    if person is not None and request.method not in SAFE_METHODS:
        given = request.headers.get("x-csrf-token") or posted_with(request).get("csrf")
        if not hmac.compare_digest(given.encode(), (person.csrf or "").encode()):
            raise Forged(Forged.__doc__)
    request.state.person = person
    return person


MaybePerson = Annotated[Person | None, Depends(_person)]


async def _signed_in(person: MaybePerson) -> Person:
    if person is None:
        raise NotSignedIn(NotSignedIn.__doc__)
    return person


SignedIn = Annotated[Person, Depends(_signed_in)]
