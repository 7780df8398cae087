"""Cases that were kept elsewhere until now: open ones go on here, closed ones are kept as they ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from tongxin import clock, engine
from tongxin.cases import codes, opening, save
from tongxin.cases.models import Case
from tongxin.events import Actor, Happening
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition

Value = Any


@dataclass(frozen=True, slots=True)
class Record:
    """One of them. `once` tells it from all others; `outcome` (id of an end event) makes it a closed one."""

    place: Unit
    values: Mapping[str, Value]
    once: str
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = None


def is_known(session: Session, once: str) -> bool:
    """Whether it has been taken in before."""
    return session.exec(select(Case.id).where(col(Case.once) == codes.once_hash(once))).first() is not None


def take_in(session: Session, definition: Definition, record: Record, by: Actor) -> int:
    """Take one in and return its case's id. Raises opening.NotOpened, directory.NoSuchUnit or what the step raises."""
    if record.outcome is None:
        return opening.open_record(session, definition, record.place, record.values, record.once, record.opened_at, by)
    now = clock.now()
    asked = opening.at(session, definition, record.place, {})
    held, values = opening.to_open(session, asked, lambda _env, _area: dict(record.values), by, now)
    case = held.case
    case.once, case.opened_at = codes.once_hash(record.once), record.opened_at
    case.status, case.outcome, case.closed_at = "closed", record.outcome, record.closed_at or now
    case.state = engine.nothing_left()
    session.execute(insert(Case), [case.model_dump()])
    encoded = definition.dictionary.encode(values)
    happening = Happening("imported", {"values": encoded, "place": held.area.place_name})
    save.rewrite(session, held, values, [happening], by, now)
    return case.id
