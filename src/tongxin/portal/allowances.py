"""How much residents may do at once: counted in the database, in one statement, for all processes together.

A whole building or a shared office may stand behind one address, so an address may do much and a device little.
"""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy import text
from sqlmodel import Session

from tongxin import clock, forms
from tongxin.people.routes import client
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Transaction
from tongxin.words import N_, _

DEVICE = "tongxin_resident"
NUMBER = 24  # characters of a device's number


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and after that one each `pace`."""

    name: str
    refusal: str
    of_a_device: tuple[int, timedelta] | None
    of_an_address: tuple[int, timedelta]


REPORTS = Allowance(
    "report",
    N_("报得太快了，请 {seconds} 秒后再交。着急的话请打社区电话。您填的内容还在。"),
    (10, timedelta(minutes=2)),
    (100, timedelta(seconds=20)),
)
UPLOADS = Allowance(
    "upload",
    N_("照片传得太多了，请 {seconds} 秒后再交；不带照片现在就能交。着急的话请打社区电话。您填的内容还在。"),
    (60, timedelta(seconds=20)),
    (400, timedelta(seconds=4)),
)
SEARCHES = Allowance(
    "search",
    N_("找得太快了，请 {seconds} 秒后再找。您填的内容还在。"),
    (60, timedelta(seconds=2)),
    (600, timedelta(milliseconds=300)),
)
WRONG_CODES = Allowance("code", "", (5, timedelta(minutes=1)), (40, timedelta(seconds=30)))
THANKS = Allowance("thanks", N_("点赞太多了，请 {seconds} 秒后再点。"), None, (60, timedelta(seconds=20)))
_SPEND = text("SELECT spend(:key, :many, :pace, :room, :now)")


class MustWait(Exception):
    """So much at once is not possible; the message says how long to wait and what to do meanwhile."""

    def __init__(self, allowance: Allowance, seconds: int) -> None:
        super().__init__(_(allowance.refusal, seconds=seconds) if allowance.refusal else "")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks: an address, and the device behind it where its browser keeps our cookie."""

    address: str
    device: str | None


def asked_by(request: Request) -> Asked:
    """The address as the proxy before us tells it; of IPv6 the network, for a household has all of one."""
    number = request.cookies.get(DEVICE, "")
    device = hashlib.sha256(number.encode()).hexdigest()[:32] if len(number) == NUMBER else None
    return Asked(_network(client(request)), device)


def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # whatever a proxy wrote
        return host[:60]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def spend(session: Session, allowance: Allowance, asked: Asked, many: int = 1) -> None:
    """Use some of it up; raises MustWait, and then nothing of the address's is used."""
    keys = [(f"{allowance.name}:{asked.address}", allowance.of_an_address)]
    if asked.device is not None and allowance.of_a_device is not None:
        keys.insert(0, (f"{allowance.name}:device:{asked.device}", allowance.of_a_device))
    for key, (room, pace) in keys:
        given = {"key": key, "many": many, "pace": pace, "room": pace * room, "now": clock.now()}
        wait = session.connection().execute(_SPEND, given).scalar_one()
        if wait > 0:
            raise MustWait(allowance, ceil(wait))


def spend_searches(request: Request, session: Session, *typed: forms.Sent | dict[str, Any]) -> None:
    """Looking through the places of a whole county costs more than reading a page; raises MustWait."""
    if any(text for one in typed if isinstance(one, forms.Sent) for text in one.finds.values()):
        spend(session, SEARCHES, asked_by(request))


def give_back(session: Session, allowance: Allowance, asked: Asked) -> None:
    """What was counted beforehand did not come true."""
    spend(session, allowance, asked, -1)


def remember(request: Request, response: Response) -> Response:
    """Give a browser its number, so that it is counted apart from the others behind its address."""
    if len(request.cookies.get(DEVICE, "")) != NUMBER:
        response.set_cookie(
            DEVICE,
            secrets.token_urlsafe(18),
            httponly=True,
            samesite="lax",
            secure=request.app.state.settings.secure_cookies,
        )
    return response


def _photos(request: Request, session: Transaction, posted: PostedForm) -> MustWait | None:
    """Count new photos before anything else is done, in a transaction of its own: making them small takes a while."""
    many = sum(len(some) for some in posted.files.values())
    if not many:
        return None
    try:
        with session.begin_nested():  # refused by the address it costs the device nothing either
            spend(session, UPLOADS, asked_by(request), many)
    except MustWait as wait:
        return wait
    finally:
        session.commit()
    return None


PhotosWait = Annotated[MustWait | None, Depends(_photos)]
