"""Who has taken a ledger out of the house."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tongxin.people.models import moment


class Export(SQLModel, table=True):
    """One spreadsheet: of which procedure, by whom, what was asked for, how many rows."""

    __tablename__ = "ledger_export"
    __table_args__ = (Index("ledger_export_at", "at"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    procedure: str = Field(max_length=40)
    filters: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    rows: int
    at: datetime = moment()
