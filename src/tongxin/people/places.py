"""Places to choose from: few are offered whole, of many those whose names fit what is typed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, cast, false, func, or_
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.people.directory import ids_of
from tongxin.people.models import Unit

LEVELS = ("building", "grid", "community")
FEW = 60  # so many are offered whole
MOST_FOUND = 20
_LONGEST, _MOST_WORDS = 40, 4
_PIECES = re.compile(r"\d+\D?|\D")  # 7号 is not in 75号
_WORDS = re.compile(r"\w+")
_WAY = cast(func.string_to_array(func.trim(col(Unit.path), "/"), "/"), ARRAY(BIGINT))  # ids from the root: tree order


@dataclass(frozen=True, slots=True)
class Place:
    """A place with the names of those it lies in, the outermost first; grids are named only as places themselves."""

    code: str
    name: str
    level: str
    above: tuple[str, ...]

    @property
    def path(self) -> str:
        """怡园社区 › 怡园小区2号楼."""
        return " › ".join((*self.above, self.name))

    @property
    def text(self) -> str:
        """怡园社区 怡园小区2号楼."""
        return " ".join((*self.above, self.name))


def few(session: Session, paths: Iterable[str], levels: Sequence[str] = LEVELS) -> list[Place] | None:
    """Everything at or below these paths, in the tree's order; None when it is more than FEW."""
    statement = select(Unit).where(_below(paths, levels)).order_by(_WAY).limit(FEW + 1)
    units = session.exec(statement).all()
    return None if len(units) > FEW else _named(session, units)


def search(session: Session, paths: Iterable[str], typed: str, levels: Sequence[str] = LEVELS) -> list[Place]:
    """Those whose name, or the name of what they lie in, has every word typed; the plainest first.

    The characters of a word may stand apart in a place's own name, but for a number and what it counts: 怡园2号楼
    finds 怡馨园小区2号楼. At most MOST_FOUND and one more, which tells that there are others.
    """
    words = _WORDS.findall(typed[:_LONGEST])[:_MOST_WORDS]
    if not words:
        return []
    whole = [func.strpos(col(Unit.name), word) > 0 for word in words]
    statement = (
        select(Unit)
        .where(_below(paths, levels), *(_fits(word) for word in words))
        .order_by(and_(*whole[-1:]).desc(), func.length(col(Unit.name)), _WAY)
        .limit(MOST_FOUND + 1)
    )
    return _named(session, session.exec(statement).all())


def one(session: Session, paths: Iterable[str], code: str, levels: Sequence[str] = LEVELS) -> Place | None:
    """The place with this code, if it lies at or below these paths."""
    if not 0 < len(code) <= 24 or "\0" in code:
        return None
    units = session.exec(select(Unit).where(_below(paths, levels), col(Unit.code) == code)).all()
    return next(iter(_named(session, units)), None)


def named(session: Session, codes: Iterable[str]) -> dict[str, Place]:
    """Code → the place, wherever it lies."""
    wanted = {code for code in codes if 0 < len(code) <= 24 and "\0" not in code}
    units = session.exec(select(Unit).where(col(Unit.code).in_(wanted))).all() if wanted else ()
    return {place.code: place for place in _named(session, units)}


def _below(paths: Iterable[str], levels: Sequence[str]) -> ColumnElement[bool]:
    inside = [col(Unit.path).startswith(path, autoescape=True) for path in dict.fromkeys(paths)]
    today = clock.now().date()
    valid = (col(Unit.valid_from) <= today, or_(col(Unit.valid_to).is_(None), col(Unit.valid_to) >= today))
    return and_(or_(*inside) if inside else false(), col(Unit.level).in_(levels), col(Unit.kind) == "territory", *valid)


def _fits(word: str) -> ColumnElement[bool]:
    """Its characters in this order in the place's name, or the word in the name of something it lies in."""
    spread = "%".join(re.sub(r"[%_\\]", r"\\\g<0>", piece) for piece in _PIECES.findall(word))
    around = select(func.array_agg(col(Unit.id))).where(
        func.strpos(col(Unit.name), word) > 0, col(Unit.level).not_in(("building", "city", "province"))
    )
    return or_(
        col(Unit.name).ilike(f"%{spread}%", escape="\\"),
        _WAY.op("&&")(around.correlate(None).scalar_subquery()),
    )


def _named(session: Session, units: Sequence[Unit]) -> list[Place]:
    above = {number for unit in units for number in ids_of(unit.path)[:-1]}
    rows = session.execute(
        select(Unit.id, Unit.name).where(col(Unit.id).in_(above), col(Unit.level) == "community")
    ).all()
    names: dict[int, str] = {number: name for number, name in rows}
    return [
        Place(
            unit.code,
            unit.name,
            unit.level,
            tuple(names[number] for number in ids_of(unit.path)[:-1] if number in names),
        )
        for unit in units
    ]
