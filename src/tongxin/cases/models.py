"""What a case is made of: one row for itself, rows for what waits, what happened and what was handed in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from tongxin.events import REPORTER, SYSTEM, Actor
from tongxin.people.models import moment


def _id() -> Any:
    return Field(default=None, primary_key=True, sa_type=BigInteger)


OCCASION = "="  # how `Case.once` begins where nobody's form opened the case: no form's token becomes that


class Case(SQLModel, table=True):
    """One running or finished procedure."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("cases_unit_opened", "unit_id", "opened_at"),
        Index("cases_place", "place_id"),
        Index("cases_bare_code", text("replace(code, '-', '')")),
        Index("cases_open", "definition_id", "unit_id", postgresql_where=text("status = 'open'")),
        Index("cases_closed", "closed_at", postgresql_where=text("status = 'closed'")),
        Index("cases_without_link", "id", postgresql_where=text("link_hash IS NULL")),
    )

    id: int = _id()
    code: str = Field(unique=True, max_length=40)
    definition_id: int = Field(sa_type=BigInteger, foreign_key="definition.id")
    unit_id: int = Field(sa_type=BigInteger, foreign_key="unit.id")
    place_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="unit.id")
    level: str = Field(max_length=16)
    title: str = Field(max_length=200)
    status: str = Field(default="open", max_length=16)  # open | closed
    outcome: str | None = Field(default=None, max_length=80)  # the end event it reached
    urgent: bool = False
    colour: str | None = Field(default=None, max_length=1)  # 红 | 橙 | 黄 | 蓝, as the procedure says
    opened_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    once: str | None = Field(default=None, unique=True, max_length=40)  # hash of the form that opened it
    link_version: int = 1  # raised to make every earlier personal link void
    link_hash: bytes | None = Field(default=None, sa_type=LargeBinary)  # of the link's token that staff hand over
    form_hash: bytes | None = Field(default=None, sa_type=LargeBinary)  # of the one made of the resident's form
    variables: dict[str, Any] = Field(sa_type=JSONB)
    ledger: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    visited: list[str] = Field(default_factory=list, sa_type=JSONB)  # nodes and flows, each once
    state: bytes = Field(sa_type=LargeBinary)
    chain_head: bytes = Field(sa_type=LargeBinary)
    chain_length: int = 0
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(default=None)
    paused_at: datetime | None = moment(default=None)  # an administrator has stopped all its clocks
    reminders: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})  # how often it was asked about
    reminded_at: datetime | None = moment(default=None)  # when its resident did last

    @property
    def opener(self) -> Actor:
        """Who opened it; what nobody did, began by itself on some occasion."""
        if self.opened_by is not None:
            return Actor("person", self.opened_by)
        return SYSTEM if self.once is not None and self.once.startswith(OCCASION) else REPORTER


class Task(SQLModel, table=True):
    """A human step: open, completed or cancelled. While its limit stands still it is due at no time."""

    __table_args__ = (
        Index("task_case_key", "case_id", "key", unique=True),
        Index("task_mine", "assignee_id", "due_at", "id", postgresql_where=text("status = 'open'")),
        Index(
            "task_pool",
            "unit_id",
            "role",
            "due_at",
            "id",
            postgresql_where=text("status = 'open' AND assignee_id IS NULL"),
        ),
    )

    id: int = _id()
    case_id: int = Field(sa_type=BigInteger, foreign_key="cases.id")
    key: int
    node: str = Field(max_length=120)
    name: str = Field(max_length=200)
    role: str = Field(max_length=40)
    unit_id: int = Field(sa_type=BigInteger, foreign_key="unit.id")
    assignee_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    named: bool = False  # the diagram names the assignee: nobody else may take it
    status: str = Field(default="open", max_length=16)  # open | completed | cancelled
    form: str | None = Field(default=None, max_length=80)
    local: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    opened_at: datetime = moment()
    due_at: datetime | None = moment(default=None)
    derivation: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    paused_at: datetime | None = moment(default=None)  # since when its limit stands still
    paused_due_at: datetime | None = moment(default=None)  # when it was due until then
    paused_by: list[str | None] | None = Field(default=None, sa_type=JSONB)  # names of steps; None: an administrator
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    closed_at: datetime | None = moment(default=None)
    closed_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")


class Draft(SQLModel, table=True):
    """What somebody has typed into a task's form but not handed in, as the form sent it."""

    task_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="task.id")
    account_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="account.id")
    fields: dict[str, list[str]] = Field(sa_type=JSONB)
    saved_at: datetime = moment()


class Timer(SQLModel, table=True):
    """A moment at which a case goes on by itself. A held one failed and waits for an administrator.

    While `paused_at` it stands still, and `due_at` says when it was due until then.
    """

    __table_args__ = (Index("timer_due", "due_at", postgresql_where=text("NOT held")),)

    case_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="cases.id")
    key: int = Field(primary_key=True)
    node: str = Field(max_length=120)
    due_at: datetime = moment()
    derivation: dict[str, Any] = Field(sa_type=JSONB)
    held: bool = Field(default=False, sa_type=Boolean, sa_column_kwargs={"server_default": text("false")})
    paused_at: datetime | None = moment(default=None)
    paused_by: list[str | None] | None = Field(default=None, sa_type=JSONB)


class Subscription(SQLModel, table=True):
    """A message or signal a case waits for."""

    __table_args__ = (Index("subscription_message", "message", "correlation"),)

    case_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="cases.id")
    key: int = Field(primary_key=True)
    node: str = Field(max_length=120)
    message: str = Field(max_length=80)
    correlation: str | None = Field(default=None, max_length=200)
    kind: str = Field(default="message", max_length=8, sa_column_kwargs={"server_default": text("'message'")})


class Store(SQLModel, table=True):
    """A data store of a procedure: a variable that all its cases share."""

    procedure: str = Field(primary_key=True, max_length=40)
    name: str = Field(primary_key=True, max_length=80)
    value: Any = Field(default=None, sa_type=JSONB, nullable=True)
    changed_at: datetime = moment()


class CaseLink(SQLModel, table=True):
    """One case's tie to another: merged, child, referred, agenda, continues."""

    __tablename__ = "case_link"
    __table_args__ = (Index("case_link_to", "to_id"),)

    from_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="cases.id")
    to_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="cases.id")
    kind: str = Field(primary_key=True, max_length=16)
    created_at: datetime = moment()


class Attachment(SQLModel, table=True):
    """A file handed in; its content lies under its hash. `case_id` is None until a step takes it."""

    __table_args__ = (Index("attachment_case", "case_id"),)

    id: int = _id()
    case_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="cases.id")
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=80)
    size: int
    sha256: str = Field(max_length=64)
    uploaded_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    offered_to: int | None = Field(default=None, sa_type=BigInteger, foreign_key="cases.id")  # in whose form it came
    uploaded_at: datetime = moment()


class Publication(SQLModel, table=True):
    """The result of a case as staff release it to the public board; kept when it is taken down."""

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})  # drawn at random
    case_id: int = Field(sa_type=BigInteger, foreign_key="cases.id", unique=True)
    text: str = Field(max_length=1000)
    public: bool = False
    changed_at: datetime = moment()
    changed_by: int = Field(sa_type=BigInteger, foreign_key="account.id")


class Thanks(SQLModel, table=True):
    """A resident's thanks for a released result, once a device: of the device only a keyed hash of its own."""

    publication_id: int = Field(primary_key=True, sa_type=BigInteger, foreign_key="publication.id")
    device: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    at: datetime = moment()


class Notice(SQLModel, table=True):
    """A line of news for one person, and how far it got."""

    __table_args__ = (
        Index("notice_account", "account_id", "id"),
        Index("notice_case", "case_id"),
        Index("notice_unseen", "account_id", postgresql_where=text("seen_at IS NULL")),
    )

    id: int = _id()
    account_id: int = Field(sa_type=BigInteger, foreign_key="account.id")
    case_id: int = Field(sa_type=BigInteger, foreign_key="cases.id")
    task_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="task.id")
    text: str = Field(max_length=300)
    created_at: datetime = moment()
    sent_at: datetime | None = moment(default=None)
    seen_at: datetime | None = moment(default=None)
    failed: str | None = Field(default=None, max_length=300)  # why the last attempt to post it out failed


class Incident(SQLModel, table=True):
    """Something in a case that needs an administrator; the case itself was left as it was."""

    __table_args__ = (
        Index("incident_open", "case_id", postgresql_where=text("resolved_at IS NULL")),
        Index("incident_case", "case_id"),
    )

    id: int = _id()
    case_id: int = Field(sa_type=BigInteger, foreign_key="cases.id")
    task_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="task.id")
    kind: str | None = Field(default=None, max_length=16)  # task | message | timer | call; None: of an earlier release
    node: str = Field(max_length=120)
    key: int | None = None  # of what was tried, in the engine
    cause: str = Field(max_length=1000)
    input: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    by_kind: str | None = Field(default=None, max_length=16)  # who tried: person | reporter | system
    by_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    times: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})  # how often it failed like this
    at: datetime = moment()
    last_at: datetime | None = moment(default=None)  # when it failed last, if more than once
    retried_at: datetime | None = moment(default=None)  # an administrator let it try again; None once it has failed
    resolved_at: datetime | None = moment(default=None)
    settled_by: int | None = Field(default=None, sa_type=BigInteger, foreign_key="account.id")
    note: str | None = Field(default=None, max_length=500)  # how it was settled by hand


class Reply(SQLModel, table=True):
    """What an API call answered, kept so that the same Idempotency-Key gets the same answer."""

    __tablename__ = "reply"

    caller: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=200)
    request_hash: str = Field(max_length=64)
    status: int
    body: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = moment()


class Pass(SQLModel, table=True):
    """What a transaction of the residents' pages may see or do; only functions of the database write here.

    Numbers of transactions never come again, so rows of ended ones open nothing.
    """

    __table_args__ = (Index("pass_xact", "xact"),)
    __mapper_args__: ClassVar = {"primary_key": ["xact", "kind", "id"]}

    xact: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=8)  # act | look: a case; file: one that is in no case yet
    id: int = Field(sa_type=BigInteger)


class Delivery(SQLModel, table=True):
    """A message between cases that has been delivered, so that a job run twice delivers once."""

    id: str = Field(primary_key=True, max_length=120)
    at: datetime = moment()
