"""How far an administrator sees: the units at and below their posts."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import ColumnElement, exists, not_, or_, true
from sqlmodel import Session, col, select

from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.people.signed_in import SignedIn
from tongxin.web.guards import NotFound
from tongxin.web.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Reach:
    """The paths somebody administers; `whole`: nothing of the installation lies outside them."""

    person: Person
    paths: tuple[str, ...]
    whole: bool

    def holds(self, unit_id: Any) -> ColumnElement[bool]:
        """Whether a column's unit is theirs."""
        return true() if self.whole else unit_id.in_(select(Unit.id).where(self.below(col(Unit.path))))

    def below(self, path: Any) -> ColumnElement[bool]:
        """Whether a path lies at or below one of theirs."""
        return or_(*(path.startswith(one, autoescape=True) for one in self.paths))


def reach_of(session: Session, person: Person) -> Reach:
    """How far this administrator sees."""
    paths = tuple(dict.fromkeys(post.reach for post in person.posts if post.role == "administrator"))
    theirs = or_(*(col(Unit.path).startswith(one, autoescape=True) for one in paths))
    elsewhere = select(exists().where(col(Unit.parent_id).is_(None), not_(theirs)))
    return Reach(person, paths, not session.scalar(elsewhere))


def _administrator(session: Transaction, me: SignedIn) -> Reach:
    if not me.is_administrator:
        raise NotFound(NotFound.__doc__)
    return reach_of(session, me)


Administrator = Annotated[Reach, Depends(_administrator)]
"""The signed-in administrator's reach; everybody else gets 404."""


async def _of_everything(reach: Administrator) -> Reach:
    if not reach.whole:
        raise NotFound(NotFound.__doc__)
    return reach


OfEverything = Annotated[Reach, Depends(_of_everything)]
"""The same, for what is of the whole installation."""
