"""What a transaction changes is announced after its commit, never before, never when it is rolled back."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from tests.fixtures import World
from tongxin import db, live
from tongxin.live.topics import AGAIN, CHANNEL, payloads, read


@pytest.fixture
def heard(world: World) -> Iterator[psycopg.Connection]:
    """A connection that listens."""
    with psycopg.connect(world.database.app_url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield connection


def topics(connection: psycopg.Connection, patience: float = 5, at_least: int = 1) -> list[str]:
    """What is announced from now on, until there are so many topics or it has been quiet for that long."""
    found: list[str] = []
    for notice in connection.notifies(timeout=patience):
        found += read(notice.payload)
        if len(found) >= at_least:
            break
    return found


def test_after_the_commit_only(world: World, heard: psycopg.Connection) -> None:
    with live.announcing(world.engine, world.database.app_url):
        with db.transaction(world.engine) as session:
            session.execute(text("SELECT 1"))
            live.changed(session, "c1", "a7")
            assert topics(heard, patience=0.6) == []
        assert topics(heard, at_least=2) == ["c1", "a7"]


def test_what_is_rolled_back_is_not_announced(world: World, heard: psycopg.Connection) -> None:
    with live.announcing(world.engine, world.database.app_url):
        with pytest.raises(RuntimeError), db.transaction(world.engine) as session:
            session.execute(text("SELECT 1"))
            live.changed(session, "c1")
            raise RuntimeError
        with db.transaction(world.engine) as session:
            session.execute(text("SELECT 1"))
            live.changed(session, "c2")
        assert topics(heard) == ["c2"]


def test_many_commits_are_few_announcements(world: World, heard: psycopg.Connection) -> None:
    began = time.monotonic()
    with live.announcing(world.engine, world.database.app_url):
        for number in range(100):
            with db.transaction(world.engine) as session:
                session.execute(text("SELECT 1"))
                live.changed(session, f"c{number % 10}")
        took = time.monotonic() - began
    notices = list(heard.notifies(timeout=1))
    assert {topic for notice in notices for topic in read(notice.payload)} == {f"c{number}" for number in range(10)}
    assert len(notices) <= took / 0.2 + 2  # five a second


def test_what_waits_is_told_when_the_process_ends(world: World, heard: psycopg.Connection) -> None:
    with live.announcing(world.engine, world.database.app_url), db.transaction(world.engine) as session:
        session.execute(text("SELECT 1"))
        live.changed(session, "c3")
    assert topics(heard) == ["c3"]


def test_no_payload_is_too_large_and_nothing_is_lost() -> None:
    given = [f"p{number}:community_clerk" for number in range(1000)]
    parts = list(payloads(given))
    assert len(parts) > 1 and max(len(part.encode()) for part in parts) < 8000
    assert [topic for part in parts for topic in read(part)] == given


@pytest.mark.parametrize("payload", ["", "no json", "{}", "7"])
def test_what_strangers_announce_means_look_again(payload: str) -> None:
    assert read(payload) == [AGAIN]
