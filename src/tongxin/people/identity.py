"""Who is asking: a signed-in person with the posts they hold today, found in one statement."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, TextualSelect, column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session

from tongxin import config
from tongxin.events import Actor
from tongxin.people.models import LEVELS


@dataclass(frozen=True, slots=True)
class HeldPost:
    """One role at one unit. `reach` is the path of everything the post answers for."""

    role: str
    unit_id: int
    unit_code: str
    unit_name: str
    level: str
    reach: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in (or an API client acting as somebody)."""

    id: int
    login: str
    name: str
    posts: tuple[HeldPost, ...]
    csrf: str | None = None  # None: came with a bearer token, which no browser sends by itself
    session_hash: bytes | None = None

    @property
    def roles(self) -> frozenset[str]:
        """The roles held today, anywhere."""
        return frozenset(post.role for post in self.posts)

    def holds(self, role: str, unit_id: int) -> bool:
        """Whether one of the posts is exactly this role at this unit."""
        return any(post.role == role and post.unit_id == unit_id for post in self.posts)

    def answers_for(self, path: str, roles: frozenset[str] | set[str]) -> bool:
        """Whether one of the posts has one of these roles at a unit whose subtree holds `path`."""
        return any(post.role in roles and path.startswith(post.reach) for post in self.posts)

    @property
    def actor(self) -> Actor:
        """Whom the history names, with the posts held just now."""
        return Actor("person", self.id, frozenset((post.role, post.unit_id) for post in self.posts))

    @property
    def is_administrator(self) -> bool:
        """Whether this person may watch and mend running cases."""
        return "administrator" in self.roles


def fingerprint(token: str) -> bytes:
    """What is stored of a token: enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).digest()


_WHO = "SELECT a.id, a.login, a.name, {columns}, p.role, u.id, u.code, u.name, u.level, u.kind, u.path"
_POSTS = """
    LEFT JOIN post p ON p.account_id = a.id AND p.valid_from <= :today AND (p.valid_to IS NULL OR p.valid_to >= :today)
    LEFT JOIN unit u ON u.id = p.unit_id
"""
_ACTIVE = "a.active AND (:demo OR NOT a.demo)"
# Told beforehand, so that SQLAlchemy need not find them out from each answer.
_COLUMNS: list[ColumnClause[Any]] = [column(f"c{number}") for number in range(12)]


def _who(statement: str) -> TextualSelect:
    return text(statement).columns(*_COLUMNS)


_BY_SESSION = _who(f"""
    {_WHO.format(columns="s.csrf, s.token_hash")} FROM sign_in s JOIN account a ON a.id = s.account_id {_POSTS}
    WHERE s.token_hash = :hash AND s.expires_at > :now AND {_ACTIVE}
""")
_BY_TOKEN = _who(f"""
    {_WHO.format(columns="NULL, NULL")} FROM token t JOIN account a ON a.id = t.account_id {_POSTS}
    WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND {_ACTIVE}
""")
# The same as one value, for a statement that asks for more: NULL when the token is nobody's.
TOKEN_HOLDER = (
    text(f"""
        SELECT jsonb_agg(jsonb_build_array(
          a.id, a.login, a.name, p.role, u.id, u.code, u.name, u.level, u.kind, u.path)) AS rows
        FROM token t JOIN account a ON a.id = t.account_id {_POSTS}
        WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND {_ACTIVE}
    """)
    .columns(column("rows", JSONB))
    .cte("token_holder")
)
_BY_ACCOUNT = _who(f"""
    {_WHO.format(columns="NULL, NULL")} FROM account a {_POSTS} WHERE a.id = :account AND {_ACTIVE}
""")


def by_session(session: Session, token: str, now: datetime) -> Person | None:
    """The person whose browser holds this session token; None when unknown, expired or deactivated."""
    return _person(session, _BY_SESSION, hash=fingerprint(token), now=now, today=now.date())


def by_token(session: Session, token: str, now: datetime) -> Person | None:
    """The account a bearer token acts as."""
    return _person(session, _BY_TOKEN, **asking(token, now))


def asking(token: str, now: datetime) -> dict[str, object]:
    """What TOKEN_HOLDER asks with."""
    return {"hash": fingerprint(token), "today": now.date(), "demo": config.settings().demo}


def token_holder(rows: list[list[Any]]) -> Person:
    """The person that TOKEN_HOLDER found."""
    account_id, login, name = rows[0][:3]
    return Person(account_id, login, name, tuple(_post(*row[3:]) for row in rows if row[3]))


def by_account(session: Session, account_id: int, now: datetime) -> Person | None:
    """An account as it would sign in now: for the command line and scenarios."""
    return _person(session, _BY_ACCOUNT, account=account_id, today=now.date())


def _person(session: Session, statement: TextualSelect, **parameters: object) -> Person | None:
    """One row a post, or one without when somebody holds none."""
    rows = session.connection().execute(statement, {"demo": config.settings().demo, **parameters}).fetchall()
    if not rows:
        return None
    account_id, login, name, csrf, session_hash = rows[0][:5]
    return Person(account_id, login, name, tuple(_post(*row[5:]) for row in rows if row[5]), csrf, session_hash)


def _post(role: str, unit_id: int, code: str, name: str, level: str, kind: str, path: str) -> HeldPost:
    """A department answers for everything below the unit it serves."""
    reach = path.removesuffix(f"{unit_id}/") if kind == "department" else path
    return HeldPost(role, unit_id, code, name, level, reach)


def rank(level: str) -> int:
    """How high a level stands: 0 = building."""
    return LEVELS.index(level)
