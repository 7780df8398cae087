"""Who may do what in the database: the application's role, and that of the residents' pages in front of it.

The second one reads and writes only what a resident's link, code or form has opened in the same transaction: policies
that hold for it alone ask the table `pass`, which only the functions of migration 0004 write.
"""

import hashlib

from sqlalchemy import Connection, text

from tongxin.postgres import APPLICATION, PORTAL

_APPLICATION = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE ON event, definition, alembic_version FROM {role}",
)
_ACT = "ANY((SELECT passes('{act}'))::bigint[])"
_LOOK = "ANY((SELECT passes('{act,look}'))::bigint[])"
_FILE = "ANY((SELECT passes('{file}'))::bigint[])"
_MOVED = "state, variables, ledger, visited, urgent, colour, status, outcome, closed_at, chain_head, chain_length"
# Ids come from sequences alone: whoever could choose them would take the numbers of everybody's next rows.
_TASK = (
    "case_id, key, node, name, role, unit_id, assignee_id, named, status, form, local, opened_at, due_at, derivation, "
    "paused_at, paused_due_at, paused_by"
)
# A resident's step may let limits stand still or go on.
_TIMED = "due_at, derivation, paused_at, paused_by"
_EVENT = "case_id, seq, at, kind, actor_kind, actor_id, task_id, details, salt, digest, hash"
_STUCK = "resolved_at, times, last_at, retried_at, kind, input, by_kind, by_id, key"
TABLES = {  # what the residents' pages may do; whatever is not here, nothing
    "unit": "SELECT",
    "definition": "SELECT",
    "setting": "SELECT",
    "calendar_year": "SELECT",
    "calendar_day": "SELECT",
    "calendar_change": "SELECT (id, token, hours)",
    "cases": f"SELECT, INSERT, UPDATE ({_MOVED})",
    "task": f"SELECT, INSERT ({_TASK}), UPDATE (status, result, closed_at, closed_by, paused_due_at, {_TIMED})",
    "timer": f"SELECT, INSERT, DELETE, UPDATE ({_TIMED})",
    "subscription": "SELECT, INSERT, DELETE",
    "event": f"INSERT ({_EVENT})",
    "attachment": "SELECT, INSERT, UPDATE (case_id)",
    "case_link": "SELECT",
    "incident": f"SELECT, INSERT (case_id, task_id, node, cause, at, {_STUCK}), UPDATE ({_STUCK})",
    "notice": "SELECT (id), INSERT (account_id, case_id, task_id, text, created_at)",
    "procrastinate_jobs": "INSERT (queue_name, task_name, priority, args)",
    "procrastinate_events": "INSERT (job_id, type)",  # by a trigger of the jobs
}
SEQUENCES = ("cases_id_seq", "task_id_seq", "event_id_seq", "incident_id_seq", "notice_id_seq")
SEQUENCES_OF_JOBS = ("procrastinate_jobs_id_seq", "procrastinate_events_id_seq")
POLICIES = {  # table → which of its rows
    "cases": (
        f"FOR SELECT USING (id = {_LOOK})",
        "FOR INSERT WITH CHECK (opened_by IS NULL AND link_hash IS NULL AND chain_length = 0 "
        "AND id = currval('cases_id_seq') "
        "AND EXISTS (SELECT FROM definition d WHERE d.id = definition_id AND d.by_residents))",
        f"FOR UPDATE USING (id = {_ACT})",
    ),
    "task": (
        f"FOR SELECT USING (case_id = {_LOOK})",
        f"FOR INSERT WITH CHECK (case_id = {_ACT} AND status = 'open' AND closed_by IS NULL)",
        f"FOR UPDATE USING (case_id = {_ACT}) WITH CHECK (case_id = {_ACT} AND closed_by IS NULL)",
    ),
    "event": (f"FOR INSERT WITH CHECK (case_id = {_ACT} AND actor_kind = 'reporter' AND actor_id IS NULL)",),
    "attachment": (
        f"FOR SELECT USING (case_id = {_ACT} OR id = {_FILE} OR (case_id IS NULL AND offered_to = {_ACT}))",
        "FOR INSERT WITH CHECK (case_id IS NULL AND uploaded_by IS NULL "
        f"AND (offered_to IS NULL OR offered_to = {_ACT}))",
        f"FOR UPDATE USING (case_id = {_ACT} OR id = {_FILE}) WITH CHECK (case_id = {_ACT})",
    ),
    "case_link": (f"USING (from_id = {_ACT} OR to_id = {_ACT})",),
    "procrastinate_jobs": ("FOR INSERT WITH CHECK (queue_name = 'default' AND may_defer(task_name, args))",),
    "incident": (
        f"FOR SELECT USING (case_id = {_ACT})",
        f"FOR INSERT WITH CHECK (case_id = {_ACT} AND by_kind = 'reporter' AND by_id IS NULL "
        "AND kind IN ('task', 'message'))",
        f"FOR UPDATE USING (case_id = {_ACT})",  # what it may make of them: the trigger `reporters_own`
    ),
    **dict.fromkeys(("timer", "subscription", "notice"), (f"USING (case_id = {_ACT})",)),
}
FUNCTIONS = (
    *("passes", "case_by_link", "case_by_form", "case_by_code", "hold_files", "may_defer"),
    *("answering_unit", "unit_of_holder", "spend"),
    *("board_definitions", "board_page", "board_numbers", "board_result"),
    *("board_thanked", "board_thank", "board_unthank"),
)


def grant(connection: Connection) -> None:
    """Give each role that exists its rights, and take from it what it should not have."""
    mine = connection.scalar(text("SELECT current_user"))
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")).all()) - {mine}
    if APPLICATION in known:
        for statement in _APPLICATION:
            connection.exec_driver_sql(statement.format(role=APPLICATION))
    if PORTAL in known:
        _hold_to_passes(connection)
        _grant_portal(connection)


def _hold_to_passes(connection: Connection) -> None:
    """Row level security: everybody else sees every row, as before, and is asked nothing."""
    for table, rules in POLICIES.items():
        wanted = f"{PORTAL} {hashlib.sha256(' '.join(rules).encode()).hexdigest()[:16]}"
        held = text(
            "SELECT obj_description(oid, 'pg_policy') FROM pg_policy "
            "WHERE polrelid = to_regclass(:table) AND polname = 'everybody'"
        )
        if connection.scalar(held, {"table": table}) == wanted:
            continue  # making them anew would wait for everybody at work on the table
        old = text("SELECT polname FROM pg_policy WHERE polrelid = to_regclass(:table)")
        for name in connection.scalars(old, {"table": table}).all():
            connection.exec_driver_sql(f"DROP POLICY {name} ON {table}")
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"CREATE POLICY everybody ON {table} USING (true)")
        connection.exec_driver_sql(f"COMMENT ON POLICY everybody ON {table} IS '{wanted}'")
        for number, rule in enumerate(rules, 1):
            command, kind, using = rule.partition("USING" if "USING" in rule else "WITH CHECK")
            connection.exec_driver_sql(
                f"CREATE POLICY residents_{number} ON {table} AS RESTRICTIVE {command} TO {PORTAL} {kind}{using}"
            )


def _grant_portal(connection: Connection) -> None:
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        connection.exec_driver_sql(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {PORTAL}")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {PORTAL}")
    for table, rights in TABLES.items():
        connection.exec_driver_sql(f"GRANT {rights} ON {table} TO {PORTAL}")
    for sequence in (*SEQUENCES, *SEQUENCES_OF_JOBS):
        connection.exec_driver_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {PORTAL}")
    for function in FUNCTIONS:
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {function} TO {PORTAL}")
