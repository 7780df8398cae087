"""Who is asking: a signed-in person with the posts they hold today, found in one statement."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from tongxin import config
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
    def is_administrator(self) -> bool:
        """Whether this person may watch and mend running cases."""
        return "administrator" in self.roles


def fingerprint(token: str) -> bytes:
    """What is stored of a token: enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).digest()


_POSTS = """
    coalesce((
      SELECT json_agg(json_build_array(p.role, u.id, u.code, u.name, u.level,
               CASE WHEN u.kind = 'department' THEN left(u.path, -length(u.id::text) - 1) ELSE u.path END)
             ORDER BY p.id)
      FROM post p JOIN unit u ON u.id = p.unit_id
      WHERE p.account_id = a.id AND p.valid_from <= :today AND (p.valid_to IS NULL OR p.valid_to >= :today)
    ), '[]'::json)
"""
_BY_SESSION = text(f"""
    SELECT a.id, a.login, a.name, {_POSTS} AS posts, s.csrf, s.token_hash
    FROM sign_in s JOIN account a ON a.id = s.account_id AND a.active AND (:demo OR NOT a.demo)
    WHERE s.token_hash = :hash AND s.expires_at > :now
""")
_BY_TOKEN = text(f"""
    SELECT a.id, a.login, a.name, {_POSTS} AS posts, NULL AS csrf, NULL AS token_hash
    FROM token t JOIN account a ON a.id = t.account_id AND a.active AND (:demo OR NOT a.demo)
    WHERE t.token_hash = :hash AND t.revoked_at IS NULL
""")
_BY_ACCOUNT = text(f"""
    SELECT a.id, a.login, a.name, {_POSTS} AS posts, NULL AS csrf, NULL AS token_hash
    FROM account a WHERE a.id = :account AND a.active AND (:demo OR NOT a.demo)
""")


def by_session(session: Session, token: str, now: datetime) -> Person | None:
    """The person whose browser holds this session token; None when unknown, expired or deactivated."""
    return _person(session, _BY_SESSION, hash=fingerprint(token), now=now, today=now.date())


def by_token(session: Session, token: str, now: datetime) -> Person | None:
    """The account a bearer token acts as."""
    return _person(session, _BY_TOKEN, hash=fingerprint(token), today=now.date())


def by_account(session: Session, account_id: int, now: datetime) -> Person | None:
    """An account as it would sign in now: for the command line and scenarios."""
    return _person(session, _BY_ACCOUNT, account=account_id, today=now.date())


def _person(session: Session, statement: object, **parameters: object) -> Person | None:
    row = session.connection().execute(statement, {**parameters, "demo": config.settings().demo}).one_or_none()  # type: ignore[call-overload]
    if row is None:
        return None
    posts = tuple(HeldPost(*post) for post in row.posts)
    return Person(row.id, row.login, row.name, posts, row.csrf, row.token_hash)


def rank(level: str) -> int:
    """How high a level stands: 0 = building."""
    return LEVELS.index(level)
