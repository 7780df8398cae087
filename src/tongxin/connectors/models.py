"""What is known of the calls: a row each, and which connector a demo installation has exchanged for a twin."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Index
from sqlmodel import Field, SQLModel


class Call(SQLModel, table=True):
    """One call of an outside system, and how it went."""

    __tablename__ = "connector_call"
    __table_args__ = (Index("connector_call_at", "connector", "at"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    connector: str = Field(max_length=80)
    at: datetime = Field(sa_type=DateTime(timezone=True))
    error: str | None = Field(default=None, max_length=300)


class Twin(SQLModel, table=True):
    """A connector that its demo or failing twin stands in for; heeded in demo installations only."""

    __tablename__ = "connector_twin"

    connector: str = Field(primary_key=True, max_length=80)
    twin: str = Field(max_length=16)  # demo | failing
    since: datetime = Field(sa_type=DateTime(timezone=True))
    by: int = Field(sa_type=BigInteger, foreign_key="account.id")
