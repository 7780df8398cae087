"""The statements of a step, built once: building them anew for every step took longer than running them."""

from typing import Any

from sqlalchemy import ScalarSelect, Select, Table, bindparam, func, literal, literal_column, select, text, update
from sqlalchemy import insert as sql_insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

from tongxin.cases.models import Case, CaseLink, Subscription, Task, Timer
from tongxin.events import Event
from tongxin.people.models import Unit
from tongxin.procedures.models import DefinitionRow, Setting


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


_CASE = _table(Case)

UPDATE_CASE = (
    update(_CASE)
    .where(_CASE.c.id == bindparam("case"))
    .values(
        {
            name: bindparam(name, type_=_CASE.c[name].type)
            for name in (
                "state",
                "variables",
                "ledger",
                "visited",
                "urgent",
                "status",
                "outcome",
                "closed_at",
                "chain_head",
                "chain_length",
            )
        }
    )
)
UPDATE_CHAIN = text("UPDATE cases SET chain_head = :chain_head, chain_length = :chain_length WHERE id = :case")

COMPLETE_TASKS = text("""
    UPDATE task SET status = 'completed', result = :result, closed_at = :now, closed_by = :by
    WHERE case_id = :case AND key = ANY(:keys)
""").bindparams(bindparam("result", type_=JSONB(none_as_null=True)))
CANCEL_TASKS = text("""
    UPDATE task SET status = 'cancelled', closed_at = :now WHERE case_id = :case AND key = ANY(:keys)
""")
INSERT_TASKS = sql_insert(_table(Task)).returning(_table(Task).c.key, _table(Task).c.id)

DELETE_TIMERS = text("DELETE FROM timer WHERE case_id = :case AND key = ANY(:keys)")
INSERT_TIMERS = sql_insert(_table(Timer)).returning(_table(Timer).c.key)
DELETE_SUBSCRIPTIONS = text("DELETE FROM subscription WHERE case_id = :case AND key = ANY(:keys)")
INSERT_SUBSCRIPTIONS = sql_insert(_table(Subscription)).returning(_table(Subscription).c.key)

INSERT_EVENTS = sql_insert(_table(Event)).returning(_table(Event).c.seq)

TAKE_ATTACHMENTS = text("UPDATE attachment SET case_id = :case WHERE id = ANY(:ids)")
DELETE_LINK = text("DELETE FROM case_link WHERE from_id = :from AND to_id = :to AND kind = :kind")
INSERT_LINKS = sql_insert(_table(CaseLink)).returning(_table(CaseLink).c.to_id)

INSERT_NOTICES = text("""
    WITH written AS (
      INSERT INTO notice (account_id, case_id, task_id, text, created_at)
      SELECT account_id, case_id, task_id, text, :now
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row(account_id bigint, case_id bigint, task_id bigint, text text)
      RETURNING id
    )
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW('default', 'post_notice', 0, NULL, NULL,
      jsonb_build_object('notice_id', id), NULL)::procrastinate_job_to_defer_v1)) FROM written
""")

_place = aliased(Unit, name="place")


def _settings_along(procedure: Any, path: Any) -> ScalarSelect[Any]:
    """All settings in force at :now along a path, as JSON rows [parameter, unit, value, valid from]."""
    row = func.jsonb_build_array(Setting.parameter, Setting.unit_id, Setting.value, Setting.valid_from)
    return (
        select(func.jsonb_agg(row))
        .where(
            col(Setting.procedure) == procedure,
            func.strpos(path, func.concat("/", Setting.unit_id, "/")) > 0,
            col(Setting.valid_from) <= bindparam("now"),
        )
        .scalar_subquery()
    )


def _held(about: Any) -> Select[Any]:
    statement: Select[Any] = (
        select(
            Case,
            about,
            Unit.code,
            Unit.name,
            Unit.path,
            _place.name,
            _place.path,
            _settings_along(col(DefinitionRow.key), col(Unit.path)).label("settings"),
        )
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_place, col(Case.place_id) == col(_place.id))
        .execution_options(populate_existing=True)
    )
    return statement


# Case and task in one lock: locking the case alone would show the second clerk a stale open task.
LOCK_BY_TASK = (
    _held(Task)
    .join(Task, col(Task.case_id) == col(Case.id))
    .where(col(Task.id) == bindparam("task"))
    .with_for_update(of=[Case, Task])
)
LOCK_BY_CASE = _held(literal(None).label("nothing")).where(col(Case.id) == bindparam("case")).with_for_update(of=[Case])
# A timer gone, not due, or of a case somebody else is at gives no row.
LOCK_BY_TIMER = (
    _held(Timer)
    .join(Timer, col(Timer.case_id) == col(Case.id))
    .where(
        col(Timer.case_id) == bindparam("case"),
        col(Timer.key) == bindparam("key"),
        col(Timer.due_at) <= bindparam("now"),
        col(Timer.held).is_(literal_column("false")),
    )
    .with_for_update(of=[Case, Timer], skip_locked=True)
)
SETTINGS_ALONG = select(_settings_along(bindparam("procedure"), bindparam("path")))
