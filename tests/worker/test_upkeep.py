"""What is past its time is thrown away; what is in use stays."""

from datetime import timedelta

from sqlalchemy import text

from tests.fixtures import Clock, World
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
