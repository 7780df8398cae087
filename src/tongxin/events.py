"""The history of a case: events chained by hash, so that a changed or missing one is found."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tongxin import db

START = bytes(32)
"""What the first event of a chain is hashed onto."""


class Event(SQLModel, table=True):
    """One thing that happened to a case. Erasing `details` and `salt` leaves the chain verifiable."""

    __table_args__ = (UniqueConstraint("case_id", "seq"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    case_id: int = Field(sa_type=BigInteger, foreign_key="cases.id")
    seq: int
    at: datetime = Field(sa_type=DateTime(timezone=True))
    kind: str = Field(max_length=40)
    actor_kind: str = Field(max_length=16)  # person | reporter | system
    actor_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    task_id: int | None = Field(default=None, sa_type=BigInteger)
    details: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    salt: bytes | None = None
    digest: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Happening:
    """An event not yet written."""

    kind: str
    details: Mapping[str, Any]
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in person, the case's own reporter, or the platform itself."""

    kind: str
    account_id: int | None = None
    posts: frozenset[tuple[str, int]] = frozenset()  # (role, unit) held as they act, where that was looked up


SYSTEM = Actor("system")
REPORTER = Actor("reporter")


def chained(
    case_id: int, head: bytes, length: int, happenings: Iterable[Happening], by: Actor, at: datetime
) -> tuple[list[dict[str, Any]], bytes]:
    """The rows to insert after `length` earlier events whose last hash is `head`, and the new head."""
    rows = []
    for seq, happening in enumerate(happenings, length + 1):
        details, salt = dict(happening.details), secrets.token_bytes(16)
        digest = _digest(salt, details)
        head = _link(head, case_id, seq, at, happening.kind, by.kind, by.account_id, happening.task_id, digest)
        rows.append(
            {
                "case_id": case_id,
                "seq": seq,
                "at": at,
                "kind": happening.kind,
                "actor_kind": by.kind,
                "actor_id": by.account_id,
                "task_id": happening.task_id,
                "details": details,
                "salt": salt,
                "digest": digest,
                "hash": head,
            }
        )
    return rows, head


def first_broken(events: Iterable[Event], head: bytes) -> int | None:
    """The sequence number of the first event that does not fit its chain; None when all fit up to `head`."""
    previous, seq = START, 0
    for event in events:
        seq += 1
        erased = event.salt is None and event.details is None
        genuine = erased or (event.salt is not None and event.digest == _digest(event.salt, event.details or {}))
        link = _link(
            previous,
            event.case_id,
            seq,
            event.at,
            event.kind,
            event.actor_kind,
            event.actor_id,
            event.task_id,
            event.digest,
        )
        if event.seq != seq or not genuine or event.hash != link:
            return seq
        previous = event.hash
    return None if previous == head else seq + 1


def _digest(salt: bytes, details: Mapping[str, Any]) -> bytes:
    canonical = db.canonical_json(details)
    return hashlib.sha256(salt + canonical).digest()


def _link(previous: bytes, *public: Any) -> bytes:
    *fields, digest = public
    text = "\x1f".join(_text(field) for field in fields)
    return hashlib.sha256(previous + text.encode() + digest).digest()


def _text(field: Any) -> str:
    if isinstance(field, datetime):
        return field.astimezone(UTC).isoformat(timespec="microseconds")
    return "" if field is None else str(field)
