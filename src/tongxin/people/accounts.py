"""Accounts: making them, signing in and out, tokens, and waiting after wrong guesses."""

import secrets
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import case, delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from tongxin import live
from tongxin.people.identity import fingerprint
from tongxin.people.models import Account, Post, SignIn, Throttle, Token, Unit
from tongxin.words import _

DAY_SESSION = timedelta(hours=12)
DEVICE_SESSION = timedelta(days=60)
FREE_TRIES = 5
FREE_TRIES_OF_AN_ADDRESS = 100  # a whole office may stand behind one
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)  # without a wrong guess for so long, counting starts anew
SHORTEST_PASSWORD = 8

_hasher = PasswordHasher()


class AccountRefused(Exception):
    """That account cannot be made or changed like this; the message says what to do."""


class WrongCredentials(Exception):
    """账号或密码不对。请检查后再试。"""


class MustWait(Exception):
    """Guessed wrong too often."""

    def __init__(self, seconds: int) -> None:
        super().__init__(_("试错次数太多，请 {seconds} 秒后再试。", seconds=seconds))
        self.seconds = seconds


def add(
    session: Session,
    *,
    login: str,
    name: str,
    password: str,
    now: datetime,
    phone: str | None = None,
    demo: bool = False,
) -> Account:
    """A new account; raises AccountRefused when login or phone is taken or the password too short."""
    check_password(password)
    taken = session.exec(
        select(Account).where(or_(col(Account.login) == login, col(Account.phone) == (phone or "-")))
    ).first()
    if taken is not None:
        raise AccountRefused(_("登录名或手机号已被使用（{login}）。请换一个。", login=taken.login))
    account = Account(
        login=login, name=name, phone=phone, password_hash=_hasher.hash(password), demo=demo, created_at=now
    )
    session.add(account)
    session.flush()
    return account


def give_post(session: Session, account: Account, unit: Unit, role: str, valid_from: date) -> Post:
    """From that day on the account holds the role at the unit."""
    post = Post(account_id=account.id, unit_id=unit.id, role=role, valid_from=valid_from)
    session.add(post)
    session.flush()
    live.changed(session, live.of_sign_ins(account.id))
    return post


def end_post(session: Session, account: Account, unit: Unit, role: str, last_day: date) -> bool:
    """The account held the role there until that day; False when it does not hold it."""
    ended = session.execute(
        update(Post)
        .where(
            col(Post.account_id) == account.id,
            col(Post.unit_id) == unit.id,
            col(Post.role) == role,
            (col(Post.valid_to).is_(None)) | (col(Post.valid_to) > last_day),
        )
        .values(valid_to=last_day)
        .returning(col(Post.id))
    )
    live.changed(session, live.of_sign_ins(account.id))
    return ended.first() is not None


def reset_password(session: Session, account: Account, new: str) -> None:
    """A new password from an operator; every device has to sign in again."""
    check_password(new)
    account.password_hash = _hasher.hash(new)
    session.add(account)
    session.flush()
    close_all_sessions(session, account.id)


def check_password(password: str) -> None:
    """Raises AccountRefused when a password is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(_("密码太短，请至少用 {shortest} 个字符。", shortest=SHORTEST_PASSWORD))


def set_password(session: Session, account_id: int, old: str, new: str) -> None:
    """Change a password by somebody who knows the old one; every session and token stays."""
    account = session.get_one(Account, account_id)
    if not _matches(account.password_hash, old):
        raise AccountRefused(_("原密码不对。"))
    check_password(new)
    account.password_hash = _hasher.hash(new)
    session.add(account)
    session.flush()


def verify(session: Session, name: str, password: str, *, demo: bool) -> Account:
    """The account with this login or phone; takes as long for an unknown one. Raises WrongCredentials.

    `demo`: this installation is a demonstration; only there do demo accounts exist.
    """
    found = session.exec(
        select(Account).where(or_(col(Account.login) == name, col(Account.phone) == name), col(Account.active))
    ).first()
    matches = _matches(found.password_hash if found else _nobody(), password)
    if found is None or not matches or (found.demo and not demo):
        raise WrongCredentials(WrongCredentials.__doc__)
    return found


def open_session(session: Session, account: Account, *, device: str, own_device: bool, now: datetime) -> str:
    """A server-side session; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    lasts = DEVICE_SESSION if own_device else DAY_SESSION
    session.add(
        SignIn(
            token_hash=fingerprint(token),
            account_id=account.id,
            csrf=secrets.token_urlsafe(24),
            device=device[:200],
            created_at=now,
            expires_at=now + lasts,
        )
    )
    session.flush()
    return token


def close_session(session: Session, session_hash: bytes) -> None:
    """Sign out here."""
    whose = session.scalar(
        delete(SignIn).where(col(SignIn.token_hash) == session_hash).returning(col(SignIn.account_id))
    )
    if whose is not None:
        live.changed(session, live.of_sign_ins(whose))


def close_all_sessions(session: Session, account_id: int) -> None:
    """Sign out everywhere."""
    session.exec(delete(SignIn).where(col(SignIn.account_id) == account_id))
    live.changed(session, live.of_sign_ins(account_id))


def issue_token(session: Session, account: Account, name: str, now: datetime) -> str:
    """A bearer token for the API, shown once."""
    token = "tx_" + secrets.token_urlsafe(32)
    session.add(Token(token_hash=fingerprint(token), account_id=account.id, name=name, created_at=now))
    session.flush()
    return token


def revoke_tokens(session: Session, account_id: int, now: datetime) -> None:
    """Every token of the account stops working."""
    session.exec(update(Token).where(col(Token.account_id) == account_id).values(revoked_at=now))


def must_not_wait(session: Session, key: str, now: datetime, free: int = FREE_TRIES) -> None:
    """Raises MustWait while whoever guesses under `key` has to wait."""
    throttle = session.get(Throttle, key)
    if throttle is not None and throttle.failures >= free and throttle.until > now:
        raise MustWait(ceil((throttle.until - now).total_seconds()))


def guessed_wrong(session: Session, key: str, now: datetime, free: int = FREE_TRIES) -> None:
    """Count a wrong guess: after the `free` ones each further one doubles the wait, up to LONGEST_WAIT."""
    statement = insert(Throttle).values(key=key, failures=1, until=now)
    failures = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "until": now,
                "failures": case((col(Throttle.until) < now - FORGOTTEN, 1), else_=Throttle.failures + 1),
            },
        ).returning(col(Throttle.failures))
    )
    over = min(int(failures or 0) - free, 10)
    if over >= 0:
        wait = min(timedelta(seconds=10 * 2**over), LONGEST_WAIT)
        session.exec(update(Throttle).where(col(Throttle.key) == key).values(until=now + wait))


def guessed_right(session: Session, key: str) -> None:
    """Forget the wrong guesses."""
    session.exec(delete(Throttle).where(col(Throttle.key) == key))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@lru_cache(1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
