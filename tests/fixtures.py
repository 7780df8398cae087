"""The application under test: a migrated database with the demo organisation and the published procedures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from tests.conftest import Database, FreshDatabase
from tongxin import app, clock, config, db, demo, migrate
from tongxin.people import accounts
from tongxin.people.models import Account
from tongxin.procedures import catalogue, package

accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # slow only where it must be

ORDERS = config.PROJECT / "processes" / "orders"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        """Go on by so much."""
        self.at += by


@dataclass(frozen=True, slots=True)
class World:
    """One test's own installation: its database, the application on it, and tokens for the demo's people."""

    database: Database
    engine: Engine
    client: TestClient

    def token(self, login: str) -> str:
        """A bearer token for a demo account."""
        with db.transaction(self.engine) as session:
            account = session.exec(select(Account).where(col(Account.login) == login)).one()
            return accounts.issue_token(session, account, "test", clock.now())

    def account_id(self, login: str) -> str:
        """An account's id as the API gives it."""
        with Session(self.engine) as session:
            return str(session.exec(select(Account.id).where(col(Account.login) == login)).one())


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[config.Settings]:
    """Settings of a demo installation in a folder of the test's own; no call reads those of another."""
    monkeypatch.setenv("TONGXIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TONGXIN_DEMO", "1")
    monkeypatch.setenv("TONGXIN_SECRET", "only for tests")
    config.settings.cache_clear()
    yield config.settings()
    config.settings.cache_clear()


@pytest.fixture
def still() -> Iterator[Clock]:
    """The clock stands at 2026-03-05 08:30 until the test moves it."""
    stopped = Clock(datetime(2026, 3, 5, 8, 30, tzinfo=clock.LOCAL))
    clock.use(stopped)
    yield stopped
    clock.use(None)


@pytest.fixture(scope="session")
def template(fresh_database: FreshDatabase) -> Iterator[str]:
    """The name of a database to copy: migrated, with the demo organisation and the procedures published."""
    with fresh_database() as database:
        owner = db.connect(database.owner_url, pool_size=1)
        migrate.upgrade(owner)
        with db.transaction(owner) as session:
            demo.load(session)
            catalogue.publish_folder_package(session, package.read_folder(ORDERS))
        owner.dispose()
        yield database.name


@pytest.fixture
def world(template: str, fresh_database: FreshDatabase, settings: config.Settings) -> Iterator[World]:
    """A fresh installation."""
    with fresh_database(template) as database:
        engine = db.connect(database.app_url, pool_size=5)
        made = app.make_app(settings, database.app_url)
        with TestClient(made, base_url="http://tongxin.test", follow_redirects=False) as client:
            yield World(database, engine, client)
        made.state.engine.dispose()
        engine.dispose()
    for published in [known for known in catalogue._compiled if known > 1]:
        del catalogue._compiled[published]  # in the next test's database the number is another's


@pytest.fixture
def transaction(world: World) -> Callable[[], Iterator[Session]]:
    """`with transaction() as session:` on the test's database."""
    return lambda: db.transaction(world.engine)  # type: ignore[return-value]
