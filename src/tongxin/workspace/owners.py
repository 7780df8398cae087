"""Who may change procedures: those with the post of a process owner. To everybody else nothing is here."""

from typing import Annotated

from fastapi import Depends

from tongxin.people.identity import Person
from tongxin.people.signed_in import SignedIn
from tongxin.procedures import catalogue
from tongxin.web.guards import NotFound
from tongxin.web.posted import Posted
from tongxin.web.transactions import Transaction
from tongxin.workspace import drafts
from tongxin.workspace.drafts import Seen, Work

ROLE = "process_owner"


def may_change(person: Person | None) -> bool:
    """Whether to offer the workspace."""
    return person is not None and ROLE in person.roles


def _owner(me: SignedIn) -> Person:
    if not may_change(me):
        raise NotFound(NotFound.__doc__)
    return me


Owner = Annotated[Person, Depends(_owner)]


def _my_work(key: str, session: Transaction, me: Owner) -> Work:
    """A procedure as it stands, for its owners; else 404."""
    try:
        return drafts.work(session, key)
    except catalogue.NoSuchProcedure:
        raise NotFound(NotFound.__doc__) from None


MyWork = Annotated[Work, Depends(_my_work)]


def seen(posted: Posted) -> Seen:
    """What the page was made from."""
    numbers = [posted.get(name) for name in ("revision", "base")]
    revision, base = (int(one) if one.isascii() and one.isdigit() and len(one) < 19 else -1 for one in numbers)
    return Seen(revision, base)
