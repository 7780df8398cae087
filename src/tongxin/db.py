"""Connections and sessions: the engine of this process, JSON at the border, one session per transaction."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine
from sqlmodel import Session

Transactions = Callable[[], AbstractContextManager[Session]]
"""Opens transactions, each its own: what jobs and the sweeper run in."""

_encoder = msgspec.json.Encoder(decimal_format="number")
_canonical = msgspec.json.Encoder(decimal_format="number", order="sorted")


def _number(text: str) -> int | Decimal:
    """The number as PostgreSQL's JSONB gives it back: 1E2 is 100 there, 1.50 keeps its zeros, zero has no sign."""
    number = Decimal(text) if Decimal(text) else Decimal(text).copy_abs()
    return int(number) if int(number.as_tuple().exponent) > 0 else number


_decoder = msgspec.json.Decoder(float_hook=_number)


def to_json(value: Any) -> str:
    """JSON text as PostgreSQL stores it: Decimal as a number, times as text with offset."""
    return _encoder.encode(value).decode()


def from_json(text: str | bytes) -> Any:
    """The reverse of `to_json`, but times stay text: only a data dictionary knows which text is a time."""
    return _decoder.decode(text)


def canonical_json(value: Any) -> bytes:
    """JSON with one spelling for one value: read back, keys sorted. What hashes are taken of."""
    return _canonical.encode(from_json(_encoder.encode(value)))


def connect(url: str, *, pool_size: int = 10, patient: bool = False) -> Engine:
    """An engine for `url` (postgresql://…, any form libpq takes); its pool never grows past `pool_size`.

    `patient`: ask before each use whether a connection still lives, for work that nobody stands by to repeat.
    """
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=patient,
        json_serializer=to_json,
        json_deserializer=from_json,
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits at the end of the block and rolls back when it raises."""
    with session(engine) as opened, opened.begin():
        yield opened


def session(engine: Engine) -> Session:
    """A session that never writes by itself and keeps what it has read after the commit."""
    return Session(engine, autoflush=False, expire_on_commit=False)


@contextmanager
def savepoint(connection: Connection) -> Iterator[Session]:
    """The same inside a transaction that is open on the connection: nothing is final before that one commits."""
    with (
        Session(
            connection, autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session,
        session.begin(),
    ):
        yield session
