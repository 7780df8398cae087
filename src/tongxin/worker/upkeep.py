"""What nobody needs any more is thrown away: expired sessions, old guesses, kept answers, files never handed in."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from tongxin.cases import links
from tongxin.procedures import catalogue

KEPT_ANSWERS = timedelta(days=7)
KEPT_GUESSES = timedelta(days=1)
FORGOTTEN_FILES = timedelta(days=2)  # longer than anybody takes to fill in a form

_STATEMENTS = tuple(
    text(statement)
    for statement in (
        "DELETE FROM sign_in WHERE expires_at < :now",
        "DELETE FROM throttle WHERE until < :guesses",
        "DELETE FROM allowance WHERE empty_at < :now",
        "DELETE FROM pass WHERE xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " OR xact >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",  # restored: of another server
        "DELETE FROM reply WHERE created_at < :answers",
        "DELETE FROM attachment WHERE case_id IS NULL AND uploaded_at < :files",
        "DELETE FROM draft USING task WHERE task.id = draft.task_id AND task.status <> 'open'",
    )
)


def tidy(session: Session, now: datetime) -> None:
    """Throw away what is past its time. The contents of files stay: others may share them."""
    moments = {
        "now": now,
        "guesses": now - KEPT_GUESSES,
        "answers": now - KEPT_ANSWERS,
        "files": now - FORGOTTEN_FILES,
    }
    for statement in _STATEMENTS:
        used = {name: moment for name, moment in moments.items() if f":{name}" in statement.text}
        session.connection().execute(statement, used)


def make_ready(session: Session) -> bool:
    """Some of what the residents' pages need of earlier cases and versions; whether there may be more."""
    catalogue.enter_boards(session)
    return links.make_some_known(session)
