"""Days that differ from the rule Monday to Friday, the years whose days are known, and who changed them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tongxin.people.models import moment


class CalendarYear(SQLModel, table=True):
    """A year whose days off have been published."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    by_hand: bool = False  # published or corrected here: a newer library leaves it alone


class CalendarDay(SQLModel, table=True):
    """A day off, or a weekend that is worked."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True, sa_type=Date)
    year: int = Field(
        sa_column=Column(ForeignKey("calendar_year.year", ondelete="CASCADE"), nullable=False, index=True)
    )
    works: bool
    name: str = Field(default="", max_length=40)  # the holiday's


class CalendarChange(SQLModel, table=True):
    """What was changed by whom; the newest one's token tells the calendar from all others."""

    __tablename__ = "calendar_change"
    __table_args__ = (Index("calendar_change_at", "at"),)

    id: int = Field(default=None, primary_key=True, sa_type=BigInteger)
    token: str = Field(max_length=32)
    at: datetime = moment()
    account_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    year: int | None = None
    text: str = Field(max_length=500)
    hours: list[Any] = Field(sa_type=JSONB)  # the office hours from then on
