"""A fictional county large enough for a year: townships, communities, grids, and somebody for every role."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from tongxin import feel
from tongxin.engine import Lane
from tongxin.people import accounts, directory
from tongxin.people.models import LEVELS, Account, Unit
from tongxin.procedures.definition import REPORTER, Definition

NO_PASSWORD = "!"
SINCE = date(2020, 1, 1)
MANY = {"council_member": 9, "party_member": 4, "grid_worker": 2}  # how many of a role a unit has, if not one
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英建国文慧玲"


@dataclass(slots=True)
class County:
    """Its communities by id of their township, the houses of each, and the people."""

    unit: Unit
    townships: list[Unit] = field(default_factory=list)
    communities: list[Unit] = field(default_factory=list)
    houses: dict[int, list[Unit]] = field(default_factory=lambda: defaultdict(list))  # by community
    people: list[int] = field(default_factory=list)


def found(session: Session, choose: random.Random, townships: int, communities: int) -> County:
    """The units: `townships` with `communities` each, two grids a community, three houses a grid."""
    city = directory.add_unit(session, code="C", name="模拟市", level="city", parent=None)
    county = County(directory.add_unit(session, code="X", name="模拟县", level="county", parent=city))
    for number in range(1, townships + 1):
        code = f"X{number:02}"
        township = directory.add_unit(session, code=code, name=f"第{number}镇", level="township", parent=county.unit)
        county.townships.append(township)
        for one in range(1, communities + 1):
            name = f"{township.name}第{one}社区"
            community = directory.add_unit(
                session, code=f"{code}{one:02}", name=name, level="community", parent=township
            )
            county.communities.append(community)
            for grid in (1, 2):
                _grid(session, county, community, grid, choose)
    return county


def _grid(session: Session, county: County, community: Unit, number: int, choose: random.Random) -> None:
    code, name = f"{community.code}G{number}", f"{community.name}第{number}网格"
    grid = directory.add_unit(session, code=code, name=name, level="grid", parent=community)
    for house in range(1, 4):
        name = f"{choose.choice('柳桃杏梅松')}园{number}{house}号楼"
        building = directory.add_unit(session, code=f"{code}H{house}", name=name, level="building", parent=grid)
        county.houses[community.id].append(building)


def staff(session: Session, county: County, definitions: Iterable[Definition], choose: random.Random) -> None:
    """Somebody for every role, at every unit of the levels at which the procedures want it."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for definition in definitions:
        for role in {*definition.file.start.by, definition.file.start.each} - {REPORTER, None}:
            wanted[str(role)].add(definition.file.start.level)
        for lane in definition.process.lanes:
            for role in _written(lane.role, lane.role_by):
                wanted[role] |= _levels(lane)
    units = {"county": [county.unit], "township": county.townships, "community": county.communities}
    for role, levels in sorted(wanted.items()):
        for level in sorted(levels & units.keys()) or ["community"]:
            for unit in units[level]:
                for _number in range(MANY.get(role, 1) if level == "community" else 1):
                    county.people.append(_someone(session, unit, role, choose))


def _levels(lane: Lane) -> set[str]:
    """The levels a lane can ask at; one that says neither asks all."""
    written = _written(lane.level, lane.level_by)
    low = {"grid": "community", "building": "community", "": "community"}
    found = {low.get(one, one) for one in written if one in LEVELS or not one}
    return found or {"community", "township", "county"}


def _written(text: str | None, expression: feel.Expression | None) -> list[str]:
    if expression is None:
        return [text or ""]
    return [str(one) for one in feel.results(expression) or () if one is not None]


def _someone(session: Session, unit: Unit, role: str, choose: random.Random) -> int:
    login = f"{role}-{unit.code}-{choose.randrange(10**9)}"
    name = choose.choice(_SURNAMES) + "".join(choose.choices(_NAMES, k=choose.choice((1, 2))))
    account = Account(login=login[:64], name=name, password_hash=NO_PASSWORD, created_at=_midnight())
    session.add(account)
    session.flush()
    accounts.give_post(session, account, unit, role, SINCE)
    return account.id


def _midnight() -> datetime:
    return datetime.fromisoformat("2020-01-01T00:00:00+08:00")


def watcher(session: Session, county: County, choose: random.Random) -> int:
    """An administrator of the county."""
    return _someone(session, county.unit, "administrator", choose)


def by_township(county: County) -> list[tuple[Unit, list[Unit]]]:
    """Each township with its communities."""
    return [
        (township, [one for one in county.communities if one.path.startswith(township.path)])
        for township in county.townships
    ]
