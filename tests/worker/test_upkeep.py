"""What is past its time is thrown away; what is in use stays."""

from datetime import timedelta

import psycopg
from sqlalchemy import text

from tests.callers import Browser
from tests.fixtures import Clock, World
from tests.orders import open_order
from tongxin import db
from tongxin.worker import upkeep

_FILL = """
    INSERT INTO sign_in (token_hash, account_id, csrf, device, created_at, expires_at)
      VALUES ('old', 1, '', '', :now, :past), ('new', 1, '', '', :now, :future);
    INSERT INTO throttle (key, failures, until) VALUES ('old', 9, :past), ('new', 9, :now);
    INSERT INTO reply (caller, key, request_hash, status, body, created_at)
      VALUES ('a', 'old', '', 200, '{}', :past), ('a', 'new', '', 200, '{}', :now);
    INSERT INTO attachment (id, name, media_type, size, sha256, uploaded_at)
      VALUES (1, 'old', '', 1, '', :past), (2, 'new', '', 1, '', :now)
"""
_LEFT = """
    SELECT (SELECT string_agg(encode(token_hash, 'escape'), ' ') FROM sign_in),
      (SELECT string_agg(key, ' ') FROM throttle), (SELECT string_agg(key, ' ') FROM reply),
      (SELECT string_agg(name, ' ') FROM attachment)
"""


def test_only_what_is_past_its_time_goes(world: World, still: Clock) -> None:
    moments = {"now": still(), "past": still() - timedelta(days=10), "future": still() + timedelta(hours=1)}
    with db.transaction(world.engine) as session:
        for statement in _FILL.split(";"):
            used = {name: moment for name, moment in moments.items() if f":{name}" in statement}
            session.connection().execute(text(statement), used)
        upkeep.tidy(session, still())
        assert tuple(session.connection().execute(text(_LEFT)).one()) == ("new", "new", "new", "new")


def test_the_residents_pages_learn_of_what_was_before_them(world: World) -> None:
    """Cases and versions of an earlier release: their links and their board come to the database with the upkeep."""
    order = open_order(world)
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute("UPDATE cases SET link_hash = NULL")
        owner.execute("DELETE FROM board_rule")
    tries = {
        "SELECT case_by_link(%(case)s, %(link)s)": ((None,), (int(order.id),)),
        "SELECT count(*) FROM board_page((SELECT array_agg(id) FROM unit), '', NULL, 9, 0)": ((0,), (1,)),
    }
    assert "待核实" not in Browser(world).get("/board/YY").text
    for before in (True, False):
        with psycopg.connect(world.database.portal_url) as portal:
            for statement, (first, then) in tries.items():
                given = {"case": int(order.id), "link": order.link}
                assert portal.execute(statement, given).fetchone() == (first if before else then)  # type: ignore[arg-type]
        with db.transaction(world.engine) as session:
            upkeep.make_ready(session)
    assert "待核实" in Browser(world).get("/board/YY").text


def test_passes_of_ended_transactions_go(world: World, still: Clock) -> None:
    order = open_order(world)
    with psycopg.connect(world.database.portal_url) as portal:
        portal.execute("SELECT case_by_link(%s, %s)", [int(order.id), order.link])
    with psycopg.connect(world.database.portal_url) as portal:
        portal.execute("SELECT case_by_link(%s, %s)", [int(order.id), order.link])
        with db.transaction(world.engine) as session:
            upkeep.tidy(session, still())
        assert portal.execute("SELECT count(*) FROM cases").fetchone() == (1,)  # still going on
    with psycopg.connect(world.database.owner_url) as owner:
        assert owner.execute("SELECT count(*) FROM pass").fetchone() == (1,)
