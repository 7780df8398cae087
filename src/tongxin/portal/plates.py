"""QR plates for the doors of buildings: whoever scans one reports, follows or looks at the board from there."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno
from markupsafe import Markup
from sqlmodel import Session, col, select

from tongxin import config
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER
from tongxin.words import _

A_SHEET = 8
MOST = 1000
WORDS = {"top": "有事找社区", "how": "微信或相机扫码", "what": ("报事", "查进度", "评价"), "phone": "电话"}
PLATED = ("building", "community")  # where something can be reported for


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate as it is printed."""

    code: str
    name: str
    community: str
    phone: str
    address: str
    qr: Markup


def reach(session: Session, me: Person) -> list[str]:
    """Where this person may print plates: where they may report for residents, and administrators below their unit."""
    roles = {role for known in catalogue.all_current(session) for role in known.file.start.by} - {REPORTER}
    roles.add("administrator")
    return [post.reach for post in me.posts if post.role in roles]


def choice(session: Session, paths: Sequence[str], community: str) -> dict[str, Any]:
    """The communities this person prints plates for; of the chosen or only one, its buildings by grid."""
    units = {unit.id: unit for path in dict.fromkeys(paths) for unit in directory.places(session, path)}
    known = _known(session, units.values())
    communities = {one.id: one for one in known.values() if one.level == "community"}
    chosen = next((one for one in communities.values() if one.code == community), None)
    if chosen is None and len(communities) == 1:
        (chosen,) = communities.values()
    groups: dict[str, list[Unit]] = {}
    for unit in units.values():
        if chosen is not None and unit.path.startswith(chosen.path) and unit.level in PLATED:
            groups.setdefault(_grid(unit, known), []).append(unit)
    return {
        "communities": list(communities.values()),
        "chosen": chosen,
        "groups": list(groups.items()),
        "number": sum(len(some) for some in groups.values()),
        "without_address": config.settings().public_url is None,
    }


def chosen_plates(session: Session, paths: Sequence[str], codes: Iterable[str], base_url: str) -> list[Plate]:
    """The plates of these places, in the tree's order; what is not below `paths` is left out."""
    wanted = list(dict.fromkeys(codes))[:MOST]
    rows = session.exec(select(Unit).where(col(Unit.code).in_(wanted)).order_by(col(Unit.path))).all()
    fit = [unit for unit in rows if unit.level in PLATED and unit.path.startswith(tuple(paths))]
    known = _known(session, fit)
    return [_plate(unit, known, base_url) for unit in fit]


def sheets(plates: Sequence[Plate]) -> list[Sequence[Plate]]:
    """So many as one sheet of A4 holds."""
    return [plates[number : number + A_SHEET] for number in range(0, len(plates), A_SHEET)]


def address(code: str, base_url: str) -> str:
    """What a plate's code says."""
    return f"{(config.settings().public_url or base_url).rstrip('/')}/q/{code}"


def matrix(code: str, base_url: str) -> segno.QRCode:
    """The code: readable also when a quarter of it is dirty or torn."""
    return segno.make(address(code, base_url), error="q", micro=False, boost_error=False)


def _plate(unit: Unit, known: Mapping[int, Unit], base_url: str) -> Plate:
    above = [known[one] for one in directory.ids_of(unit.path)]
    community = next((one.name for one in above if one.level == "community"), "")
    phone = next((one.phone for one in reversed(above) if one.phone), "")
    out = io.BytesIO()
    matrix(unit.code, base_url).save(out, kind="svg", border=2, xmldecl=False, svgns=False, omitsize=True, nl=False)
    public = unit.level == "community"
    name = _("{name}（公共地方）", name=unit.name) if public else unit.name
    written = address(unit.code, base_url).partition("://")[2]
    return Plate(unit.code, name, "" if public else community, phone, written, Markup(out.getvalue().decode()))


def _known(session: Session, units: Iterable[Unit]) -> dict[int, Unit]:
    """These units and all above them."""
    ids = {one for unit in units for one in directory.ids_of(unit.path)}
    return {one.id: one for one in session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.path)))}


def _grid(unit: Unit, known: Mapping[int, Unit]) -> str:
    return next((known[one].name for one in directory.ids_of(unit.path) if known[one].level == "grid"), "")
