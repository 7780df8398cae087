"""Where a scenario plays and who plays in it: units by their names, and people who exist for the trial only."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from tongxin import demo
from tongxin.people import accounts
from tongxin.people.models import Account, Unit
from tongxin.procedures.definition import REPORTER
from tongxin.scenarios.script import Scenario, Start
from tongxin.scenarios.verdict import Unfit
from tongxin.words import _

NO_PASSWORD = "!"  # no hash at all: nobody can sign in with it


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of a scenario; `account_id` is None for a resident."""

    name: str
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Units and people of a trial, by name."""

    units: Mapping[str, Unit]
    people: Mapping[str, Someone]


def found(session: Session, scenario: Scenario, now: datetime) -> Organisation:
    """Find the units, or found the demo's fictional ones; then let the scenario's people take up their posts."""
    posts = {name: _posts(name, text) for name, text in scenario.people.items()}
    places = {step.place for step in scenario.steps if isinstance(step, Start)}
    units = _units(session, places | {unit for held in posts.values() for _role, unit in held})
    people = {name: _someone(session, name, held, units, now) for name, held in posts.items()}
    return Organisation(units, people)


def _posts(name: str, text: str) -> list[tuple[str, str]]:
    """(role, unit's name); none for a resident."""
    if text.strip() == REPORTER:
        return []
    posts = [part.strip().partition("@") for part in text.replace("，", ",").split(",")]
    if not all(role and unit for role, _, unit in posts):
        raise Unfit(
            _("people 里的“{name}”", name=name),
            _("{reporter}，或 岗位@单位，几个岗位用逗号隔开", reporter=REPORTER),
            text,
        )
    return [(role, unit) for role, _, unit in posts]


def _units(session: Session, names: set[str]) -> dict[str, Unit]:
    """The installation's own where each name means one unit; otherwise the demo's, made for this trial."""
    rows = session.exec(select(Unit).where(col(Unit.name).in_(names))).all()
    if names == set(_once(unit.name for unit in rows)):
        return {unit.name: unit for unit in rows}
    fictional = demo.load_units(session, prefix=secrets.token_hex(3).upper()).values()
    units = {unit.name: unit for unit in fictional}
    unknown = sorted(names - units.keys())
    if unknown:
        raise Unfit(_("单位"), _("、").join(units), _("没有叫“{names}”的", names="”“".join(unknown)))
    return units


def _once(names: Iterable[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number == 1]


def _someone(
    session: Session, name: str, posts: list[tuple[str, str]], units: Mapping[str, Unit], now: datetime
) -> Someone:
    if not posts:
        return Someone(name, None)
    login = f"trial-{secrets.token_hex(8)}"
    account = Account(login=login, name=name[:40], password_hash=NO_PASSWORD, created_at=now)
    session.add(account)
    session.flush()
    for role, unit in posts:
        accounts.give_post(session, account, units[unit], role, now.date())
    return Someone(name, account.id)
