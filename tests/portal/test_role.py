"""What the role of the residents' pages can do in the database, table by table and function by function."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import Error, GeneratedAlways, InsufficientPrivilege, ObjectNotInPrerequisiteState, WrongObjectType
from sqlmodel import Session

from tests.callers import Browser
from tests.conftest import databases_on
from tests.fixtures import ORDERS, World
from tests.orders import Order, open_order
from tongxin import db, demo, migrate, postgres, rights
from tongxin.cases.models import Case
from tongxin.procedures import catalogue, package

NOTHING = frozenset[str]()
_MAY = {  # tables → what the role may try at all; policies narrow it to what was handed in
    ("unit", "definition", "setting", "case_link"): {"SELECT"},
    ("calendar_year", "calendar_day", "calendar_change"): {"SELECT"},
    ("cases", "task", "incident", "attachment"): {"SELECT", "INSERT", "UPDATE"},
    ("timer",): {"SELECT", "INSERT", "UPDATE", "DELETE"},
    ("subscription",): {"SELECT", "INSERT", "DELETE"},
    ("event", "procrastinate_jobs", "procrastinate_events"): {"INSERT"},
    ("notice",): {"SELECT", "INSERT"},
    ("store", "schedule"): NOTHING,
    ("account", "post", "sign_in", "token", "throttle", "allowance", "pass", "reply", "delivery", "draft"): NOTHING,
    ("board_rule", "board_case", "publication", "thanks", "alembic_version"): NOTHING,
    ("procrastinate_workers", "procrastinate_periodic_defers", "connector_call", "connector_twin"): NOTHING,
    ("procedure_draft", "draft_copy", "ledger_export"): NOTHING,
}
MAY = {table: verbs for tables, verbs in _MAY.items() for table in tables}
TABLES = """
    SELECT c.relname, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY c.relname"""
OF_CASES = ("cases", "task", "timer", "subscription", "attachment", "case_link", "incident")
DEFINERS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
NOT_CALLED = {"note_made"}  # by triggers alone


@dataclass(frozen=True, slots=True)
class Two:
    """Two orders of different residents."""

    mine: Order
    other: Order


@pytest.fixture
def two(world: World) -> Two:
    found = Two(open_order(world, "处置"), open_order(world, "处置"))
    with psycopg.connect(world.database.owner_url) as owner:  # rows in every table that belongs to cases
        for order in (found.mine, found.other):
            owner.execute(
                "INSERT INTO attachment (id, case_id, name, media_type, size, sha256, uploaded_at) "
                "VALUES (%s, %s, 'a', 'image/jpeg', 1, 'x', now())",
                [int(order.id) + 5000, order.id],
            )
            owner.execute(
                "INSERT INTO incident (case_id, node, cause, input, at) VALUES (%s, 'n', 'c', '{}', now())", [order.id]
            )
            owner.execute(
                "INSERT INTO timer (case_id, key, node, due_at, derivation) VALUES (%s, 999, 'n', now(), '{}')",
                [order.id],
            )
        owner.execute("INSERT INTO case_link VALUES (%s, %s, 'merged', now())", [found.other.id, found.other.id])
    return found


@contextmanager
def portal(world: World) -> Iterator[psycopg.Connection]:
    with psycopg.connect(world.database.portal_url) as connection:
        yield connection
        connection.rollback()


def present(connection: psycopg.Connection, order: Order, token: str = "") -> int | None:
    row = connection.execute("SELECT case_by_link(%s, %s)", [int(order.id), token or order.link]).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def allowed(connection: psycopg.Connection, statement: str) -> bool:
    """Whether the role may try; what the statement itself lacks does not matter."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL(statement))
    except InsufficientPrivilege:
        return False
    except Error:
        return True
    return True


def test_each_table_is_decided_on(world: World) -> None:
    with psycopg.connect(world.database.owner_url) as owner:
        columns = dict(owner.execute(TABLES).fetchall())
    assert columns.keys() == MAY.keys(), "a new table: decide what the residents' pages may do with it"
    with portal(world) as connection:
        for table, names in columns.items():
            tries = {
                "SELECT": [f'SELECT "{name}" FROM {table}' for name in names],
                "INSERT": [f'INSERT INTO {table} ("{name}") VALUES (NULL)' for name in names],
                "UPDATE": [f'UPDATE {table} SET "{name}" = NULL' for name in names],
                "DELETE": [f"DELETE FROM {table}"],
                "TRUNCATE": [f"TRUNCATE {table}"],
            }
            may = {verb for verb, some in tries.items() if any(granted(connection, one) for one in some)}
            assert may == MAY[table], table


def granted(connection: psycopg.Connection, statement: str) -> bool:
    """Whether the role has the privilege, if only on one column; a policy may still refuse the row."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL(statement))
    except InsufficientPrivilege as refused:
        return "row-level security" in str(refused)
    except (GeneratedAlways, ObjectNotInPrerequisiteState, WrongObjectType):  # nobody can write like that
        return False
    except Error:
        return True
    return True


def test_only_cases_that_residents_may_begin_are_opened(world: World, two: Two) -> None:
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute("UPDATE definition SET by_residents = false")
    insert = (
        "INSERT INTO cases (id, code, definition_id, unit_id, level, title, status, urgent, link_version, variables, "
        "ledger, visited, state, chain_head, chain_length, opened_at) SELECT nextval('cases_id_seq'), 'X', "
        "definition_id, unit_id, level, title, 'open', false, 1, '{}', '{}', '[]', '', '', 0, now() FROM cases LIMIT 1"
    )
    with portal(world) as connection:
        present(connection, two.mine)
        with pytest.raises(InsufficientPrivilege):
            connection.execute(insert)


def test_nothing_of_any_case_without_a_link(world: World, two: Two) -> None:
    with portal(world) as connection:
        for table in OF_CASES:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        assert connection.execute("UPDATE cases SET status = 'closed'").rowcount == 0
        assert connection.execute("UPDATE task SET status = 'completed'").rowcount == 0
        assert connection.execute("UPDATE timer SET due_at = now()").rowcount == 0
        assert connection.execute("DELETE FROM timer").rowcount == 0


def test_a_link_opens_its_own_case_and_no_other(world: World, two: Two) -> None:
    mine, other = int(two.mine.id), int(two.other.id)
    with portal(world) as connection:
        assert present(connection, two.mine) == mine
        assert connection.execute("SELECT id FROM cases").fetchall() == [(mine,)]
        for table in ("task", "timer", "attachment", "incident"):
            seen = {row[0] for row in connection.execute(f"SELECT case_id FROM {table}")}
            assert seen == {mine}, table
        assert connection.execute("SELECT count(*) FROM case_link").fetchone() == (0,)
        for forged in (
            f"UPDATE task SET case_id = {other}",
            f"UPDATE cases SET link_hash = sha256('x') WHERE id = {mine}",
            f"UPDATE cases SET unit_id = 1 WHERE id = {mine}",
            f"UPDATE cases SET paused_at = now() WHERE id = {mine}",
            f"UPDATE timer SET case_id = {other}",
            "UPDATE timer SET held = true",
            f"DELETE FROM cases WHERE id = {mine}",
            f"DELETE FROM event WHERE case_id = {mine}",
            f"INSERT INTO incident (case_id, node, cause, input, at) VALUES ({other}, 'n', 'c', '{{}}', now())",
            f"INSERT INTO timer (case_id, key, node, due_at, derivation) VALUES ({other}, 99, 'n', now(), '{{}}')",
            event(other, "reporter", "NULL"),
            event(mine, "person", "1"),
            event(mine, "system", "NULL"),
            event(mine, "reporter", "1"),
            "INSERT INTO notice (account_id, case_id, text, created_at) " + f"VALUES (1, {other}, 'x', now())",
            f"INSERT INTO pass VALUES (pg_current_xact_id()::text::bigint, 'act', {other})",
        ):
            assert not allowed(connection, forged), forged
        assert allowed(connection, event(mine, "reporter", "NULL"))
        assert connection.execute("UPDATE cases SET status = 'closed'").rowcount == 1
        (timers,) = connection.execute("SELECT count(*) FROM timer").fetchone() or (0,)
        assert connection.execute("UPDATE timer SET due_at = now()").rowcount == timers > 0


def event(case_id: int, kind: str, actor: str) -> str:
    return (
        "INSERT INTO event (case_id, seq, at, kind, actor_kind, actor_id, digest, hash) "
        f"VALUES ({case_id}, 999, now(), 'x', '{kind}', {actor}, 'x', 'x')"
    )


def test_a_link_opens_for_one_transaction(world: World, two: Two) -> None:
    with portal(world) as connection:
        present(connection, two.mine)
        connection.commit()
        assert connection.execute("SELECT count(*) FROM cases").fetchone() == (0,)
    with portal(world) as first, portal(world) as second:
        present(first, two.mine)
        assert second.execute("SELECT count(*) FROM cases").fetchone() == (0,)


def test_a_code_lets_look_only(world: World, two: Two) -> None:
    with portal(world) as connection:
        row = connection.execute("SELECT case_by_code(%s)", [two.mine.code.replace("-", "")]).fetchone()
        assert row == (int(two.mine.id),)
        assert connection.execute("SELECT id FROM cases").fetchall() == [(int(two.mine.id),)]
        assert connection.execute("UPDATE cases SET status = 'closed'").rowcount == 0
        for table in ("timer", "attachment", "subscription", "incident"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        assert not allowed(connection, event(int(two.mine.id), "reporter", "NULL"))
        # what is stored of the ways in opens nothing
        for kept in connection.execute("SELECT link_hash, once FROM cases").fetchall():
            assert present(connection, two.mine, str(kept[0])) is None
            assert present(connection, two.mine, kept[0].hex()) is None


def test_forged_input_of_every_function(world: World, two: Two) -> None:
    """Every function with the owner's rights, with what somebody makes up: it opens nothing and tells nothing."""
    mine, other = int(two.mine.id), int(two.other.id)
    with psycopg.connect(world.database.owner_url) as owner:
        definers = {row[0] for row in owner.execute(DEFINERS)}
        paths = {row[0] for row in owner.execute(DEFINERS.replace("SELECT proname", "SELECT proconfig::text"))}
        assert paths == {'{"search_path=public, pg_temp"}'}
    forged = {
        "passes": [("SELECT passes('{act,look,file}')", [])],
        "case_by_link": [
            ("SELECT case_by_link(%s, %s)", [other, token])
            for token in ("", "x", two.mine.link, f"{other:x}.", f"{other:x}." + "a" * 24, two.other.link.upper() + " ")
        ]
        + [("SELECT case_by_link(NULL, NULL)", [])],
        "case_by_form": [("SELECT case_by_form(%s)", [one]) for one in ("", "x", "%", "a" * 40)],
        "case_by_code": [("SELECT case_by_code(%s)", [one]) for one in ("", "%", two.mine.code, str(mine))],
        "hold_files": [("SELECT hold_files(%s)", [[mine + 5000, other + 5000, 0, -1]])],
        "may_defer": [
            ("SELECT may_defer(%s, jsonb_build_object('case_id', %s::bigint))", [task, other])
            for task in ("deliver_message", "call_connector", "catch_up", "x")
        ],
        "answering_unit": [("SELECT answering_unit('{}', '{}', 'x', now()::date)", [])],
        "unit_of_holder": [("SELECT unit_of_holder(1, 'x', '/', '{}', now()::date)", [])],
        "spend": [("SELECT spend('report:x', 1, '1 second', '0 seconds', now()) IS NULL", [])],
        "board_definitions": [("SELECT board_definitions('{0,-1}')", [])],
        "board_page": [("SELECT * FROM board_page('{0,-1}', '', NULL, 1000, 0)", [])],
        "board_numbers": [("SELECT nullif(opened + closed, 0) FROM board_numbers('{0}', '-infinity')", [])],
        "board_result": [("SELECT board_result(1)", [])],
        "board_thanked": [("SELECT board_thanked('{1}', '{x}')", [])],
        "board_thank": [("SELECT board_thank(1, 'x', now())", []), ("SELECT board_thank(1, sha256('x'), now())", [])],
        "board_unthank": [("SELECT board_unthank(1, 'x')", [])],
    }
    assert forged.keys() | NOT_CALLED == definers == set(rights.FUNCTIONS) | NOT_CALLED
    with portal(world) as connection:
        for name, tries in forged.items():
            for statement, values in tries:
                told = [row[0] for row in connection.execute(statement, values).fetchall()]  # type: ignore[arg-type]
                assert not any(told), (name, values, told)
                assert connection.execute("SELECT passes('{act,look,file}')").fetchone() == ([],)
                connection.rollback()
        for table in OF_CASES:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_no_job_for_others(world: World, two: Two) -> None:
    def job(task: str, case_id: int) -> str:
        return (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args) "
            f"VALUES ('default', '{task}', 0, '{{\"case_id\": {case_id}}}')"
        )

    with portal(world) as connection:
        present(connection, two.mine)
        assert allowed(connection, job("call_connector", int(two.mine.id)))
        for task, whose in (("call_connector", two.other), ("deliver_message", two.other), ("catch_up", two.mine)):
            assert not allowed(connection, job(task, int(whose.id))), task


def test_a_raised_version_voids_the_link_for_both(world: World, two: Two) -> None:
    with Session(world.engine) as session:
        session.get_one(Case, int(two.mine.id)).link_version = 2
        session.commit()
    with portal(world) as connection:
        assert present(connection, two.mine) is None
        assert present(connection, two.other) is not None
    assert Browser(world).get(f"/r/{two.mine.link}").status_code == 404


def test_the_application_is_not_slowed(world: World, two: Two) -> None:
    """No policy is left in the plans of its own role."""
    with psycopg.connect(world.database.app_url) as connection:
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN SELECT * FROM cases WHERE id = {two.mine.id}"))
    assert "passes" not in plan
    assert "SubPlan" not in plan and "InitPlan" not in plan


def test_on_the_oldest_server(oldest_server: postgres.Server) -> None:
    """The same rights and functions on PostgreSQL 15; made twice, the second time nothing changes."""
    with databases_on(oldest_server)() as database:
        owner = db.connect(database.owner_url, pool_size=1)
        migrate.upgrade(owner)
        migrate.upgrade(owner)
        with db.transaction(owner) as session:
            demo.load(session)
            catalogue.publish_folder_package(session, package.read_folder(ORDERS))
        owner.dispose()
        with psycopg.connect(database.portal_url) as connection:
            assert connection.execute("SELECT count(*) FROM cases").fetchone() == (0,)
            assert connection.execute("SELECT spend('report:x', 1, '1 second', '1 second', now())").fetchone() == (0,)
            assert not allowed(connection, "SELECT login FROM account")


def test_a_role_made_later_gets_its_rights_by_migrating_again(oldest_server: postgres.Server) -> None:
    """And an installation without it keeps working."""
    with databases_on(oldest_server)() as database, psycopg.connect(database.url, autocommit=True) as server:
        server.execute(f"ALTER ROLE {postgres.PORTAL} RENAME TO somebody_else")
        try:
            owner = db.connect(database.owner_url, pool_size=1)
            migrate.upgrade(owner)
            assert server.execute("SELECT count(*) FROM pg_policies").fetchone() == (0,)
        finally:
            server.execute(f"ALTER ROLE somebody_else RENAME TO {postgres.PORTAL}")
        with psycopg.connect(database.portal_url) as connection:
            assert not allowed(connection, "SELECT FROM cases")
        migrate.upgrade(owner)
        owner.dispose()
        with psycopg.connect(database.portal_url) as connection:
            assert connection.execute("SELECT count(*) FROM cases").fetchone() == (0,)


def test_what_it_may_not_make_up(world: World, two: Two) -> None:
    """Ids of everybody's next rows, somebody else's attempts and finished work, and other cases' messages."""
    mine, other = int(two.mine.id), int(two.other.id)
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute("INSERT INTO case_link VALUES (%s, %s, 'merged', now())", [other, mine])
        owner.execute(
            "INSERT INTO incident (case_id, node, cause, input, at, kind, by_kind, by_id) "
            "VALUES (%s, 'n', 'c', '{}', now(), 'task', 'person', 1)",
            [mine],
        )
    task = "INSERT INTO task (case_id, key, node, name, role, unit_id, named, local, opened_at, status"
    values = f"VALUES ({mine}, 900, 'n', 'n', 'r', 1, false, '{{}}', now()"
    incident = "INSERT INTO incident (case_id, node, cause, input, at, kind, by_kind, by_id)"
    job = "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args) "
    job += "VALUES ('default', 'deliver_message', 0, "
    with portal(world) as connection:
        present(connection, two.mine)
        connection.execute("SELECT nextval('cases_id_seq')")
        for forged in (
            "INSERT INTO cases (id, chain_length) VALUES (99999, 0)",
            event(mine, "reporter", "NULL").replace("(case_id", "(id, case_id").replace(f"({mine}", f"(99999, {mine}"),
            f"{task}, id) {values}, 'open', 99999)",
            f"{task}, closed_by) {values}, 'completed', 1)",
            f"{task}) {values}, 'completed')",
            f"{incident} VALUES ({mine}, 'x', 'c', '{{}}', now(), 'task', 'person', 1)",
            f"{incident} VALUES ({mine}, 'x', 'c', '{{}}', now(), 'call', 'reporter', NULL)",
            f"UPDATE incident SET input = '{{\"forged\": 1}}' WHERE case_id = {mine} AND by_kind = 'person'",
            f"UPDATE incident SET by_kind = 'reporter', by_id = NULL, kind = 'call' WHERE case_id = {mine}",
            f"""{job} '{{"case_id": {other}, "message_id": "4711:5:4712", "message": "x", "payload": {{}}}}')""",
            f"""{job} '{{"case_id": {other}, "message_id": "{other}:5:{other}", "message": "x", "payload": {{}}}}')""",
        ):
            assert not allowed(connection, forged), forged
        for fine in (
            f"{task}) {values}, 'open')",
            f"{incident} VALUES ({mine}, 'x', 'c', '{{}}', now(), 'task', 'reporter', NULL)",
            f"UPDATE incident SET resolved_at = now() WHERE case_id = {mine}",
            f"UPDATE incident SET input = '{{}}', by_kind = 'reporter', by_id = NULL WHERE case_id = {mine}",
            f"""{job} '{{"case_id": {other}, "message_id": "{mine}:5:{other}", "message": "x", "payload": {{}}}}')""",
        ):
            connection.execute(sql.SQL(fine))
