"""Units, accounts, posts and the ways an account proves itself."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

LEVELS = ("building", "grid", "community", "township", "county", "city", "province")
"""Levels from the ground up; an index into this tuple is the level's rank."""


def moment(**options: Any) -> Any:
    """A column for an instant."""
    return Field(sa_type=DateTime(timezone=True), **options)


class Unit(SQLModel, table=True):
    """A place that governs or is governed, or a department serving one. `path` lists ids, root first: /1/4/9/."""

    __table_args__ = (
        Index("unit_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
        Index("unit_parent", "parent_id"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    code: str = Field(unique=True, max_length=24)
    name: str = Field(max_length=80)
    level: str = Field(max_length=16)
    kind: str = Field(default="territory", max_length=16)  # territory | department
    parent_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="unit.id")
    path: str = Field(default="")
    phone: str | None = Field(default=None, max_length=30)  # to call instead of writing; shown to everybody
    valid_from: date = Field(default=date(2000, 1, 1))
    valid_to: date | None = None


class Account(SQLModel, table=True):
    """Somebody who signs in."""

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    login: str = Field(unique=True, max_length=64)
    phone: str | None = Field(default=None, unique=True, max_length=20)
    name: str = Field(max_length=40)
    password_hash: str
    active: bool = True
    demo: bool = False
    created_at: datetime = moment()


class Post(SQLModel, table=True):
    """A role somebody holds at a unit, from one day to another."""

    __table_args__ = (Index("post_unit_role", "unit_id", "role"), Index("post_account", "account_id"))

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    unit_id: int = Field(sa_type=BigInteger, foreign_key="unit.id")
    role: str = Field(max_length=40)
    valid_from: date
    valid_to: date | None = None


class SignIn(SQLModel, table=True):
    """A server-side session; the cookie holds a token of which only the hash is here."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("sign_in_account", "account_id"),)

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    csrf: str = Field(max_length=64)
    device: str = Field(default="", max_length=200)
    created_at: datetime = moment()
    expires_at: datetime = moment()


class Token(SQLModel, table=True):
    """A bearer token of another system, acting as an account."""

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    name: str = Field(default="", max_length=80)
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)


class Throttle(SQLModel, table=True):
    """How often something guessable was guessed wrong, and until when the guesser waits."""

    key: str = Field(primary_key=True, max_length=200)
    failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    until: datetime = moment()


class Allowance(SQLModel, table=True):
    """How much of what residents may do somebody has used up lately: a bucket that will be empty at that moment."""

    key: str = Field(primary_key=True, max_length=200)
    empty_at: datetime = moment()
