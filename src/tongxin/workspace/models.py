"""What is being changed and not published yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tongxin.people.models import moment


class ProcedureDraft(SQLModel, table=True):
    """A procedure's next version, in the making: one for all its owners.

    Revisions count up for ever, over all drafts: whoever opened an older draft is found out.
    """

    __tablename__ = "procedure_draft"

    key: str = Field(primary_key=True, max_length=40)
    based_on: int = Field(sa_type=BigInteger, foreign_key="definition.id")
    package: dict[str, str] = Field(sa_type=JSONB)
    begun: int = Field(sa_type=BigInteger)  # the revision at which this draft began
    revision: int = Field(sa_type=BigInteger)
    written: dict[str, int] = Field(sa_type=JSONB)  # file -> the revision that last wrote it
    changed_at: datetime = moment()
    changed_by: int = Field(sa_type=BigInteger, foreign_key="account.id")


class DraftCopy(SQLModel, table=True):
    """A draft put aside: replaced by another's, thrown away, or left for an older version."""

    __tablename__ = "draft_copy"
    __table_args__ = (Index("draft_copy_key", "key"),)

    id: Any = Field(default=None, primary_key=True, sa_type=BigInteger)
    key: str = Field(max_length=40)
    based_on: int = Field(sa_type=BigInteger, foreign_key="definition.id")
    package: dict[str, str] = Field(sa_type=JSONB)
    kept_at: datetime = moment()
    made_by: int = Field(sa_type=BigInteger, foreign_key="account.id")
