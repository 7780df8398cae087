"""Thanks for a released result: one a device, taken back at will, and nothing that tells who gave them."""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import text
from sqlmodel import Session

from tongxin import clock, config
from tongxin.portal import allowances
from tongxin.portal.allowances import Asked

COOKIE = "tongxin_device"
LASTS = 400 * 24 * 3600  # seconds; browsers keep no cookie longer

Mark = Callable[[int], bytes | None]


def device_of(request: Request) -> str | None:
    """The device's own number, if the cookie is one of ours."""
    number, _, seal = request.cookies.get(COOKIE, "").partition(".")
    return number if number and hmac.compare_digest(seal.encode(), _seal(number).encode()) else None


def mark_of(device: str | None) -> Mark:
    """How a result knows the device: by a keyed hash of both, which says nothing about other results."""
    secret = config.settings().secret

    def mark(publication: int) -> bytes | None:
        if device is None:
            return None
        return hmac.new(secret, f"thanks {publication} {device}".encode(), hashlib.sha256).digest()

    return mark


def remember(request: Request, response: Response) -> Response:
    """Give a device that has none its number."""
    if device_of(request) is None:
        number = secrets.token_urlsafe(18)
        keep(request, response, COOKIE, f"{number}.{_seal(number)}")
    return response


def keep(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie for the board's pages, out of reach of scripts and of other sites."""
    secure = request.app.state.settings.secure_cookies
    response.set_cookie(name, value, max_age=LASTS, path="/board", httponly=True, samesite="lax", secure=secure)


def give(session: Session, result: int, mark: bytes, asked: Asked) -> None:
    """Once a device; raises allowances.MustWait when far too many come from one address."""
    if session.scalar(
        text("SELECT board_thank(:result, :mark, :now)"), {"result": result, "mark": mark, "now": clock.now()}
    ):
        allowances.spend(session, allowances.THANKS, asked)


def take_back(session: Session, result: int, mark: bytes) -> None:
    """As if it had not been given."""
    session.execute(text("SELECT board_unthank(:result, :mark)"), {"result": result, "mark": mark})


def _seal(number: str) -> str:
    return hmac.new(config.settings().secret, f"device {number}".encode(), hashlib.sha256).hexdigest()[:32]
