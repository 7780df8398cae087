"""Who calls: an account's bearer token, or a case's personal link token acting as its resident."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from tongxin import clock
from tongxin.cases import access, codes, held, links, queries
from tongxin.cases.held import Held
from tongxin.cases.models import Case, Task
from tongxin.events import REPORTER as RESIDENT
from tongxin.events import Actor
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.procedures.definition import REPORTER
from tongxin.web.guards import NotFound, NotSignedIn
from tongxin.web.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, or the resident of one case."""

    person: Person | None
    case_id: int | None = None

    @property
    def name(self) -> str:
        """Who it is, in one word."""
        return f"account:{self.person.id}" if self.person else f"case:{self.case_id}"

    @property
    def actor(self) -> Actor:
        """Whom the history names."""
        return self.person.actor if self.person else RESIDENT


def caller_of(request: Request, session: Transaction) -> Caller:
    """Who the bearer token stands for; raises NotSignedIn."""
    token = _token(request)
    case_id = codes.case_of_token(token)
    if case_id is not None:
        case = queries.case_by_id(session, case_id)
        if case is not None and links.fits(case, token):
            return Caller(None, case_id)
    person = identity.by_token(session, token, clock.now())
    if person is None:
        raise NotSignedIn(NotSignedIn.__doc__)
    return Caller(person)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn(NotSignedIn.__doc__)
    return token


AnyCaller = Annotated[Caller, Depends(caller_of)]


async def _staff(caller: AnyCaller) -> Person:
    if caller.person is None:
        raise NotFound(NotFound.__doc__)
    return caller.person


Staff = Annotated[Person, Depends(_staff)]


@dataclass(frozen=True, slots=True)
class CalledTask:
    """A task, locked, and who called for it."""

    held: Held
    caller: Caller

    @property
    def row(self) -> Task:
        """The task's row."""
        assert self.held.task is not None  # it was looked up by it
        return self.held.task

    @property
    def id(self) -> int:
        """The task's id."""
        return self.row.id

    @property
    def staff(self) -> Person:
        """The member of staff who called; a resident's link gets 404 where only staff may act."""
        if self.caller.person is None:
            raise NotFound(NotFound.__doc__)
        return self.caller.person

    @property
    def is_by_phone(self) -> bool:
        """Whether staff enter what the resident told them."""
        return self.caller.person is not None and self.row.role == REPORTER


def lock_task(request: Request, session: Session, task_id: str) -> CalledTask:
    """The task, locked, if it is the caller's; else 404.

    Called in the route's thread: as a dependency it would cost more than it does.
    """
    wanted, now, token = number(task_id), clock.now(), _token(request)
    both = held.for_token(session, wanted, token, now) if codes.case_of_token(token) is None else None
    caller = Caller(both[0]) if both else caller_of(request, session)
    # Not both: a resident's link, a token that is nobody's, or no such task.
    found = both[1] if both else held.by_task(session, wanted, now)
    if found is None or found.task is None or not may(caller, found):
        raise NotFound(NotFound.__doc__)
    return CalledTask(found, caller)


def number(text: str) -> int:
    """An id as it left the system; raises NotFound for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound(NotFound.__doc__)
    return int(text)


def case_for(caller: Caller, case: Case | None, visible: bool) -> Case:
    """The case, if it is the caller's own or one they may see; else NotFound."""
    if case is None or not (case.id == caller.case_id or visible):
        raise NotFound(NotFound.__doc__)
    return case


def may(caller: Caller, found: Held) -> bool:
    """Whether a task is the caller's to see and do."""
    if caller.person is not None:
        return access.may_do(caller.person, found)
    return found.task is not None and found.case.id == caller.case_id and found.task.role == REPORTER
