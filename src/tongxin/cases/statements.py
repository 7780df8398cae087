"""The statements of a step, built once: building them anew for every step took longer than running them."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ScalarSelect,
    Select,
    TextualSelect,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from tongxin import workdays
from tongxin.cases.models import Case, Task, Timer
from tongxin.people.identity import TOKEN_HOLDER
from tongxin.people.models import Unit
from tongxin.procedures.models import DefinitionRow, Setting
from tongxin.procedures.package import CASE_ENDED

# A step is written by one statement. Each part below belongs to it only when the step has such rows, and takes them
# from :rows, one JSON object. All parts see the same snapshot: none reads what another writes, except by RETURNING.
_PARTS = {
    "completed": """
        UPDATE task SET status = 'completed', result = CAST(:result AS jsonb), closed_at = :now, closed_by = :by
        WHERE case_id = :case AND key IN (SELECT jsonb_array_elements_text(rows->'completed')::int FROM given)""",
    "mended": """
        UPDATE incident SET resolved_at = :now
        WHERE case_id = :case AND resolved_at IS NULL AND (:status = 'closed' OR node = :node OR task_id IN (
          SELECT task.id FROM given, task WHERE task.case_id = :case AND task.key IN (
            SELECT jsonb_array_elements_text(coalesce(rows->'settled', '[]'))::int)))""",
    "cancelled": """
        UPDATE task SET status = 'cancelled', closed_at = :now
        WHERE case_id = :case AND key IN (SELECT jsonb_array_elements_text(rows->'cancelled')::int FROM given)""",
    "opened": """
        INSERT INTO task (case_id, key, node, name, role, unit_id, assignee_id, named, status, form, local, opened_at,
          due_at, derivation, paused_at, paused_due_at, paused_by)
        SELECT :case, key, node, name, role, unit_id, assignee_id, named, 'open', form, local, :now, due_at, derivation,
          paused_at, paused_due_at, paused_by
        FROM given, jsonb_to_recordset(rows->'opened') AS row(key int, node text, name text, role text, unit_id bigint,
          assignee_id bigint, named boolean, form text, local jsonb, due_at timestamptz, derivation jsonb,
          paused_at timestamptz, paused_due_at timestamptz, paused_by jsonb)
        RETURNING id, key""",
    "noticed": """
        INSERT INTO notice (account_id, case_id, task_id, text, created_at)
        SELECT row.assignee_id, :case, opened.id, row.notice, :now
        FROM given, opened JOIN jsonb_to_recordset((SELECT rows->'opened' FROM given))
          AS row(key int, assignee_id bigint, notice text) USING (key)
        WHERE row.notice IS NOT NULL RETURNING id""",
    "timers_cleared": """
        DELETE FROM timer
        WHERE case_id = :case AND key IN (SELECT jsonb_array_elements_text(rows->'timers_cleared')::int FROM given)""",
    "timers_set": """
        INSERT INTO timer (case_id, key, node, due_at, derivation, paused_at, paused_by)
        SELECT :case, key, node, due_at, derivation, paused_at, paused_by FROM given,
          jsonb_to_recordset(rows->'timers_set') AS row(key int, node text, due_at timestamptz, derivation jsonb,
            paused_at timestamptz, paused_by jsonb)""",
    "tasks_timed": """
        UPDATE task SET due_at = row.due_at, derivation = row.derivation, paused_at = row.paused_at,
          paused_due_at = row.paused_due_at, paused_by = row.paused_by
        FROM given, jsonb_to_recordset(rows->'tasks_timed') AS row(key int, due_at timestamptz, derivation jsonb,
          paused_at timestamptz, paused_due_at timestamptz, paused_by jsonb)
        WHERE case_id = :case AND task.key = row.key""",
    "timers_timed": """
        UPDATE timer SET due_at = row.due_at, derivation = row.derivation, paused_at = row.paused_at,
          paused_by = row.paused_by
        FROM given, jsonb_to_recordset(rows->'timers_timed') AS row(key int, due_at timestamptz, derivation jsonb,
          paused_at timestamptz, paused_by jsonb)
        WHERE case_id = :case AND timer.key = row.key""",
    "waits_cleared": """
        DELETE FROM subscription
        WHERE case_id = :case AND key IN (SELECT jsonb_array_elements_text(rows->'waits_cleared')::int FROM given)""",
    "waits_set": """
        INSERT INTO subscription (case_id, key, node, message, correlation, kind)
        SELECT :case, key, node, message, correlation, kind FROM given, jsonb_to_recordset(rows->'waits_set')
          AS row(key int, node text, message text, correlation text, kind text)""",
    "stored": """
        INSERT INTO store (procedure, name, value, changed_at)
        SELECT :procedure, key, value, :now FROM given, jsonb_each(rows->'stored')
        ON CONFLICT (procedure, name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at""",
    "events": """
        INSERT INTO event (case_id, seq, at, kind, actor_kind, actor_id, task_id, details, salt, digest, hash)
        SELECT :case, seq, at, kind, actor_kind, actor_id, task_id, details, decode(salt, 'base64'),
          decode(digest, 'base64'), decode(hash, 'base64')
        FROM given, jsonb_to_recordset(rows->'events') AS row(seq int, at timestamptz, kind text, actor_kind text,
          actor_id bigint, task_id bigint, details jsonb, salt text, digest text, hash text)""",
    "attachments": """
        UPDATE attachment SET case_id = :case
        WHERE id IN (SELECT jsonb_array_elements_text(rows->'attachments')::bigint FROM given)""",
    "unlink": """
        DELETE FROM case_link WHERE from_id = :case AND (to_id, kind) IN
          (SELECT (pair->>0)::bigint, pair->>1 FROM given, jsonb_array_elements(rows->'unlink') AS pair)""",
    "links": """
        INSERT INTO case_link (from_id, to_id, kind, created_at)
        SELECT :case, (pair->>0)::bigint, pair->>1, :now FROM given, jsonb_array_elements(rows->'links') AS pair
        ON CONFLICT DO NOTHING""",
    "told": """
        INSERT INTO notice (account_id, case_id, text, created_at)
        SELECT account, :case, text, :now FROM given,
          jsonb_to_recordset(rows->'told') AS row(account bigint, text text)
        RETURNING id""",
    "told_posted": """
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
        SELECT 'default', 'post_notice', 0, jsonb_build_object('notice_id', id) FROM told""",
    "jobs": """
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
        SELECT 'default', job->>'task', 0, job->'args' FROM given, jsonb_array_elements(rows->'jobs') AS job""",
    "ended": f"""
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
        SELECT 'default', 'tell_end', 0, jsonb_build_object('case_id', CAST(:case AS bigint))
        WHERE EXISTS (SELECT FROM subscription
          WHERE message = '{CASE_ENDED}' AND correlation = CAST(CAST(:case AS bigint) AS text))""",
    "posted": """
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args)
        SELECT 'default', 'post_notice', 0, jsonb_build_object('notice_id', id) FROM noticed""",
}
_GIVEN = "WITH given AS (SELECT CAST(:rows AS jsonb) AS rows)"
_CASE = """
        UPDATE cases SET state = :state, variables = CAST(:variables AS jsonb), ledger = CAST(:ledger AS jsonb),
          visited = CAST(:visited AS jsonb), urgent = :urgent, colour = :colour, status = :status, outcome = :outcome,
          closed_at = :closed_at, chain_head = :chain_head, chain_length = :chain_length
        WHERE id = :case"""
_HANDED_OVER = _CASE.replace("urgent = :urgent", "urgent = :urgent, level = :level")
_CHAIN = "UPDATE cases SET chain_head = :chain_head, chain_length = :chain_length WHERE id = :case"


@lru_cache(1024)
def save_step(parts: frozenset[str]) -> TextualSelect:
    """The statement that writes a step with these kinds of rows; it returns the opened tasks' (key, id)."""
    wanted = [part for part in _PARTS if part in parts]
    bodies = "".join(f",\n{name} AS ({_PARTS[name]})" for name in wanted)
    answer = "SELECT key, id FROM opened" if "opened" in wanted else "SELECT 0, 0 WHERE false"
    case = _HANDED_OVER if "level" in parts else _CASE
    return text(f"{_GIVEN},\nwritten AS ({case}){bodies}\n{answer}").columns(column("key"), column("id"))


REWRITE = text("""
    UPDATE cases SET variables = CAST(:variables AS jsonb), ledger = CAST(:ledger AS jsonb), urgent = :urgent,
      colour = :colour
    WHERE id = :case""")
RECORD = text(f"{_GIVEN},\nwritten AS ({_CHAIN})\n{_PARTS['events']}")

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


# Not joined: who waited for the lock while a case went over to another version would find no row any more.
_PROCEDURE = (
    select(col(DefinitionRow.key))
    .where(col(DefinitionRow.id) == col(Case.definition_id))
    .correlate(Case)
    .scalar_subquery()
)


def _held(about: Any) -> Select[Any]:
    statement: Select[Any] = (
        select(  # type: ignore[call-overload]
            Case,
            about,
            Unit.code,
            Unit.name,
            Unit.path,
            _place.name,
            _place.path,
            _settings_along(_PROCEDURE, col(Unit.path)).label("settings"),
            workdays.VERSION.label("calendar"),
        )
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_place, col(Case.place_id) == col(_place.id))
        .execution_options(populate_existing=True)
    )
    return statement


READ_BY_TASK = _held(Task).join(Task, col(Task.case_id) == col(Case.id)).where(col(Task.id) == bindparam("task"))
# Case and task in one lock: locking the case alone would show the second clerk a stale open task.
LOCK_BY_TASK = READ_BY_TASK.with_for_update(of=[Case, Task])
# The same with who asks, in one look-up: a token that is nobody's gives no row and locks nothing.
LOCK_FOR_TOKEN = (
    READ_BY_TASK.add_columns(TOKEN_HOLDER.c.rows)
    .join(TOKEN_HOLDER, TOKEN_HOLDER.c.rows.is_not(None))
    .with_for_update(of=[Case, Task])
)
LOCK_BY_CASE = _held(literal(None).label("nothing")).where(col(Case.id) == bindparam("case")).with_for_update(of=[Case])
# A timer gone, not due, standing still, or of a case somebody else is at gives no row.
LOCK_BY_TIMER = (
    _held(Timer)
    .join(Timer, col(Timer.case_id) == col(Case.id))
    .where(
        col(Timer.case_id) == bindparam("case"),
        col(Timer.key) == bindparam("key"),
        col(Timer.due_at) <= bindparam("now"),
        col(Timer.held).is_(literal_column("false")),
        col(Timer.paused_at).is_(literal_column("NULL")),
    )
    .with_for_update(of=[Case, Timer], skip_locked=True)
)
# The limits and timers under these keys, or all of the case's that stand still.
CLOCKS = text("""
    SELECT 'task', key, node, name, coalesce(paused_due_at, due_at), derivation, paused_at, paused_by FROM task
    WHERE case_id = :case AND status = 'open' AND (key = ANY(:keys) OR paused_at IS NOT NULL)
    UNION ALL SELECT 'timer', key, node, NULL, due_at, derivation, paused_at, paused_by FROM timer
    WHERE case_id = :case AND (key = ANY(:keys) OR paused_at IS NOT NULL) ORDER BY key""")
# What the cases of a procedure share; the step that may write it waits for another that does.
MAKE_STORES = text("""
    INSERT INTO store (procedure, name, changed_at) VALUES (:procedure, :name, :now) ON CONFLICT DO NOTHING""")
STORES = text("SELECT name, value FROM store WHERE procedure = :procedure ORDER BY name")
LOCK_STORES = text(f"{STORES.text} FOR UPDATE")
SETTINGS_ALONG = select(_settings_along(bindparam("procedure"), bindparam("path")), workdays.VERSION)
