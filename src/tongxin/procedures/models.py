"""Published versions of procedures, and an area's deviations from their parameters."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class DefinitionRow(SQLModel, table=True):
    """One published version: the whole package, never changed afterwards."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    key: str = Field(max_length=40)
    version: int
    title: str = Field(max_length=80)
    package: dict[str, str] = Field(sa_type=JSONB)  # path in the folder -> text
    hash: str = Field(max_length=64)
    source: str = Field(max_length=16)  # folder | workspace
    published_at: datetime = Field(sa_type=DateTime(timezone=True))
    published_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    by_residents: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})  # may begin cases
    note: str = Field(default="", max_length=500)


class Setting(SQLModel, table=True):
    """A parameter's value for a unit and everything below it, from a day on; the nearest unit wins."""

    __table_args__ = (Index("setting_lookup", "procedure", "unit_id"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    procedure: str = Field(max_length=40)
    parameter: str = Field(max_length=60)
    unit_id: int = Field(sa_type=BigInteger, foreign_key="unit.id")
    value: Any = Field(sa_type=JSONB)
    valid_from: datetime = Field(sa_type=DateTime(timezone=True))


class Schedule(SQLModel, table=True):
    """When a start event of a procedure's current version is due next, and `left` more times (None = for ever)."""

    __table_args__ = (Index("schedule_due", "due_at"),)

    procedure: str = Field(primary_key=True, max_length=40)
    node: str = Field(primary_key=True, max_length=120)
    text: str = Field(max_length=500)  # as the diagram says it: while that stays, the rhythm does
    due_at: datetime | None = Field(sa_type=DateTime(timezone=True))  # None: it was the last time
    left: int | None = None
    problem: str | None = Field(default=None, max_length=500)  # why it waits for the next version


class BoardRule(SQLModel, table=True):
    """What of a version's cases may stand on the public board, as the database itself reads it."""

    __tablename__ = "board_rule"

    definition_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="definition.id", sa_column_kwargs={"autoincrement": False}
    )
    rule: dict[str, Any] = Field(sa_type=JSONB)
