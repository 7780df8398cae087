"""The tree of units and who answers for what in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin.people.identity import rank
from tongxin.people.models import LEVELS, Account, Post, Unit


class NoSuchUnit(Exception):
    """没有这个地点或单位。请从列表里选。"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be given a task, and where they hold the post."""

    account_id: int
    name: str
    unit_code: str
    unit_name: str
    near: bool  # their unit holds the place in question
    level: str


def add_unit(
    session: Session, *, code: str, name: str, level: str, parent: Unit | None, kind: str = "territory"
) -> Unit:
    """A unit below `parent`; a department takes the level of the unit it serves."""
    unit = Unit(code=code, name=name, level=level, kind=kind, parent_id=parent.id if parent else None)
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    session.add(unit)
    session.flush()
    return unit


def unit_by_code(session: Session, code: str) -> Unit:
    """The unit with this code; raises NoSuchUnit."""
    unit = session.exec(select(Unit).where(col(Unit.code) == code)).first()
    if unit is None:
        raise NoSuchUnit(NoSuchUnit.__doc__)
    return unit


def ids_of(path: str) -> list[int]:
    """The unit ids along a path, root first."""
    return [int(part) for part in path.split("/") if part]


def at_level(session: Session, place: Unit, level: str) -> Unit:
    """The nearest unit of this level at or above the place; raises NoSuchUnit."""
    if place.level == level and place.kind == "territory":
        return place
    found = session.exec(
        select(Unit)
        .where(col(Unit.id).in_(ids_of(place.path)), col(Unit.level) == level, col(Unit.kind) == "territory")
        .order_by(col(Unit.path).desc())
    ).first()
    if found is None:
        raise NoSuchUnit(NoSuchUnit.__doc__)
    return found


_ANSWERING = text("SELECT answering_unit(:ancestors, :levels, :role, :today)")  # functions of migration 0004: the
_HOLDING = text("SELECT unit_of_holder(:account, :role, :path, :ancestors, :today)")  # residents' pages read no posts


def answering_unit(session: Session, path: str, level: str | None, role: str, today: date) -> int | None:
    """The nearest unit at or above `path`, or a department serving one, of at least this level, where the role is held.

    小事不出村、大事不出镇: the lowest unit that can answer does. None when nobody holds the role.
    """
    levels = list(LEVELS[rank(level) if level else 0 :])
    parameters = {"ancestors": ids_of(path), "levels": levels, "role": role, "today": today}
    found: int | None = session.connection().execute(_ANSWERING, parameters).scalar()
    return found


def unit_of_holder(session: Session, account_id: int, role: str, path: str, today: date) -> int | None:
    """Where, at `path`, above or below it, or at a department above, this account holds the role; None when nowhere."""
    parameters = {"account": account_id, "role": role, "today": today, "path": path, "ancestors": ids_of(path)}
    found: int | None = session.connection().execute(_HOLDING, parameters).scalar()
    return found


def units_with(session: Session, role: str, level: str, today: date) -> list[int]:
    """Ids of the units of a level in which, or in a department of which, somebody holds the role."""
    serves = case((col(Unit.kind) == "department", col(Unit.parent_id)), else_=col(Unit.id))
    territory = aliased(Unit)
    found = session.exec(
        select(territory.id)
        .distinct()
        .select_from(Post)
        .join(Account, col(Post.account_id) == col(Account.id))
        .join(Unit, col(Post.unit_id) == col(Unit.id))
        .join(territory, col(territory.id) == serves)
        .where(_holds_today(role, today), col(territory.level) == level, col(territory.kind) == "territory")
        .order_by(col(territory.id))
    )
    return list(found.all())


def candidates(session: Session, role: str, path: str, place: str | None, today: date) -> list[Candidate]:
    """Everybody holding the role in the subtree of `path`; those nearest to the place first."""
    rows = session.exec(
        select(Account, Unit)
        .join(Post, col(Post.account_id) == col(Account.id))
        .join(Unit, col(Post.unit_id) == col(Unit.id))
        .where(_holds_today(role, today), col(Unit.path).startswith(path))
    ).all()
    found = [
        Candidate(
            account.id,
            account.name,
            unit.code,
            unit.name,
            bool(place) and str(place).startswith(unit.path),
            unit.level,
        )
        for account, unit in rows
    ]
    return sorted(found, key=lambda one: (not one.near, one.unit_name, one.name))


def holders(session: Session, unit_id: int, role: str, today: date) -> list[int]:
    """Ids of those who hold the role at this very unit."""
    found = session.exec(
        select(Account.id)
        .join(Post, col(Post.account_id) == col(Account.id))
        .where(_holds_today(role, today), col(Post.unit_id) == unit_id)
        .order_by(col(Account.id))
    )
    return list(dict.fromkeys(found.all()))


def candidates_above(session: Session, role: str, path: str, today: date) -> list[Candidate]:
    """Everybody holding the role at a unit above `path`, or at a department that serves one."""
    ancestors = ids_of(path)
    rows = session.exec(
        select(Account, Unit)
        .join(Post, col(Post.account_id) == col(Account.id))
        .join(Unit, col(Post.unit_id) == col(Unit.id))
        .where(
            _holds_today(role, today),
            col(Unit.id).in_(ancestors) | ((col(Unit.kind) == "department") & col(Unit.parent_id).in_(ancestors)),
        )
    ).all()
    return [Candidate(account.id, account.name, unit.code, unit.name, False, unit.level) for account, unit in rows]


def around(session: Session, path: str, today: date) -> list[tuple[int, str]]:
    """Everybody who holds a post at, below or above `path`: account id and name, each once."""
    ancestors = ids_of(path)
    rows = session.exec(
        select(Account.id, Account.name)
        .join(Post, col(Post.account_id) == col(Account.id))
        .join(Unit, col(Post.unit_id) == col(Unit.id))
        .where(
            _is_held(today),
            col(Unit.path).startswith(path) | col(Unit.id).in_(ancestors) | col(Unit.parent_id).in_(ancestors),
        )
        .distinct()
    )
    return list(rows.all())


def path_of(session: Session, unit_id: int) -> str:
    """A unit's path."""
    return session.exec(select(Unit.path).where(col(Unit.id) == unit_id)).one()


def _holds_today(role: str, today: date) -> ColumnElement[bool]:
    return and_(col(Post.role) == role, _is_held(today))


def _is_held(today: date) -> ColumnElement[bool]:
    return and_(
        col(Post.valid_from) <= today,
        or_(col(Post.valid_to).is_(None), col(Post.valid_to) >= today),
        col(Account.active),
    )


def names(session: Session, account_ids: Iterable[int]) -> dict[int, str]:
    """Account id → name."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    rows: Sequence[tuple[int, str]] = session.exec(
        select(Account.id, Account.name).where(col(Account.id).in_(wanted))
    ).all()
    return dict(rows)


def unit_names(session: Session, unit_ids: Iterable[int]) -> dict[int, str]:
    """Unit id → name."""
    wanted = set(unit_ids)
    rows = session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(wanted))).all() if wanted else ()
    return dict(rows)


def places(session: Session, path: str = "/") -> list[Unit]:
    """Communities, grids and buildings below `path`, in tree order, for a place picker."""
    return list(
        session.exec(
            select(Unit)
            .where(
                col(Unit.path).startswith(path),
                col(Unit.level).in_(("community", "grid", "building")),
                col(Unit.kind) == "territory",
            )
            .order_by(col(Unit.path))
        ).all()
    )


def units(
    session: Session, path: str, level: str | None, kind: str | None, near: str | None, today: date
) -> list[tuple[Unit, str, bool]]:
    """Units of a level, of a kind (territory, department) or both at or below `path`, valid today.

    Each with the name of the unit above it, and whether it holds the place `near` or serves a unit that does; those
    come first, nearest first, the others in the order of the tree.
    """
    above = aliased(Unit)
    statement = (
        select(Unit, above)
        .outerjoin(above, col(above.id) == col(Unit.parent_id))
        .where(
            col(Unit.path).startswith(path, autoescape=True),
            col(Unit.valid_from) <= today,
            or_(col(Unit.valid_to).is_(None), col(Unit.valid_to) >= today),
        )
        .order_by(col(Unit.path))
    )
    if level:
        statement = statement.where(col(Unit.level) == level)
    if kind or level:
        statement = statement.where(col(Unit.kind) == (kind or "territory"))
    rows = [(unit, parent, _holds(unit, parent, near)) for unit, parent in session.exec(statement).all()]
    rows.sort(key=lambda row: -len(row[0].path) if row[2] else 1)
    return [(unit, parent.name if parent else "", holds) for unit, parent, holds in rows]


def _holds(unit: Unit, parent: Unit | None, place: str | None) -> bool:
    serves = parent if unit.kind == "department" else unit
    return place is not None and serves is not None and place.startswith(serves.path)


def above_at(session: Session, path: str, level: str) -> str:
    """The path of the nearest unit of this level at or above `path`; `path` itself when there is none."""
    found = session.exec(
        select(Unit.path)
        .where(col(Unit.id).in_(ids_of(path)), col(Unit.level) == level, col(Unit.kind) == "territory")
        .order_by(col(Unit.path).desc())
    ).first()
    return found or path


def names_by_code(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Unit code → name."""
    wanted = {code for code in codes if len(code) <= 24 and "\0" not in code}
    rows = session.exec(select(Unit.code, Unit.name).where(col(Unit.code).in_(wanted))).all() if wanted else ()
    return dict(rows)


def full_name(session: Session, unit: Unit, top: str = "community") -> str:
    """The unit's name with those above it, up to level `top`: 怡园社区 怡园小区2号楼."""
    above = session.exec(select(Unit).where(col(Unit.id).in_(ids_of(unit.path))).order_by(col(Unit.path))).all()
    named = [one.name for one in above if rank(one.level) <= rank(top) and one.level != "grid"]
    return " ".join(named) or unit.name
