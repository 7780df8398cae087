"""One real database server for all tests, and quick databases on it."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog

from tongxin import postgres

pytest_plugins = ("tests.fixtures", "tests.commands")

structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])

OLDEST = Path("/usr/lib/postgresql/15/bin")  # Debian's package of the oldest PostgreSQL we support


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a test, as its roles reach it."""

    name: str
    url: str
    owner_url: str
    app_url: str
    portal_url: str


FreshDatabase = Callable[..., contextlib.AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """The server of this run: our own, or of the programs in the folder TONGXIN_TEST_POSTGRES names."""
    binaries = os.environ.get("TONGXIN_TEST_POSTGRES")
    home = tmp_path_factory.mktemp("server")
    with postgres.ensure(home, binaries=Path(binaries) if binaries else None, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def oldest_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """The same on the oldest PostgreSQL we support."""
    if not OLDEST.exists():
        pytest.skip(f"PostgreSQL 15 is not installed ({OLDEST} is missing)")
    with postgres.ensure(tmp_path_factory.mktemp("oldest"), binaries=OLDEST, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def fresh_database(server: postgres.Server) -> FreshDatabase:
    """`with fresh_database(template=None) as database:` a database that is dropped afterwards."""
    return databases_on(server)


def databases_on(server: postgres.Server) -> FreshDatabase:
    numbers = count(1)

    @contextlib.contextmanager
    def fresh(template: str | None = None) -> Iterator[Database]:
        name = f"test_{next(numbers)}"
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {name} OWNER {postgres.OWNER} TEMPLATE {template or 'template0'} STRATEGY file_copy"
            )
            try:
                roles = ("postgres", postgres.OWNER, postgres.APPLICATION, postgres.PORTAL)
                yield Database(name, *(server.address(role, name) for role in roles))
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return fresh
