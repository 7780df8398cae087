"""The sending side: a transaction notes what it changes; after its commit a thread announces it, a few times a second.

A NOTIFY in the transaction itself would make all commits wait for one another.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event, Thread

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.event import listens_for
from sqlmodel import Session

from tongxin.live.topics import AGAIN, CHANNEL, payloads

PAUSE = 0.2  # seconds in which what changes is announced together: five times a second at most
PATIENCE = 2.0  # seconds until a database that is away is tried again
MOST = 5000  # topics that wait for a database that is away; more are one AGAIN
_NOTED = "live"
_announcers: dict[object, "Announcer"] = {}
log = structlog.get_logger()


def changed(session: Session, *topics: str) -> None:
    """Note what this transaction changes: announced after its commit, forgotten when it is rolled back."""
    session.info.setdefault(_NOTED, []).append(topics)


@contextmanager
def announcing(engine: Engine, url: str) -> Iterator[None]:
    """Inside the block what transactions on the engine change is announced."""
    announcer = Announcer(url)
    _announcers[engine] = announcer
    try:
        yield
    finally:
        del _announcers[engine]
        announcer.stop()


@listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    noted = session.info.get(_NOTED)
    if noted is None or session.in_nested_transaction():
        return
    del session.info[_NOTED]
    # A session inside somebody else's transaction is bound to its connection: that one may still be rolled back.
    announcer = _announcers.get(session.bind)
    if announcer is not None:
        announcer.announce(noted)


@listens_for(Session, "after_rollback")
def _rolled_back(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_NOTED, None)


class Announcer:
    """Announces in a thread, over a connection of its own that it opens when there is something to announce."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._queue: SimpleQueue[list[tuple[str, ...]] | None] = SimpleQueue()
        self._waiting: dict[str, None] = {}
        self._connection: psycopg.Connection | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Announce what is waiting, then no more."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(PATIENCE + 1)

    def announce(self, noted: list[tuple[str, ...]]) -> None:
        """Hand over what a committed transaction noted; never waits."""
        self._queue.put(noted)

    def _run(self) -> None:
        going_on = True
        while going_on:
            going_on = self._take(block=not self._waiting)
            self._stopping.wait(PAUSE)
            while going_on and not self._queue.empty():
                going_on = self._take(block=False)
            if self._waiting and not self._send():
                self._stopping.wait(PATIENCE)
        if self._connection is not None:
            self._connection.close()

    def _take(self, *, block: bool) -> bool:
        """Add one transaction's topics to what waits; False when there will be no more."""
        try:
            noted = self._queue.get(block)
        except Empty:
            return True
        for topics in noted or ():
            self._waiting |= dict.fromkeys(topics)
        if len(self._waiting) > MOST:
            self._waiting = {AGAIN: None}
        return noted is not None

    def _send(self) -> bool:
        try:
            if self._connection is None:
                self._connection = _connect(self._url)
            for payload in payloads(self._waiting):
                self._connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
        except psycopg.Error as error:
            log.warning("not_announced", error=repr(error))
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return False
        self._waiting = {}
        return True


def _connect(url: str) -> psycopg.Connection:
    connection = psycopg.connect(url, autocommit=True, connect_timeout=5, application_name="tongxin announcer")
    # What is lost with a crashed server is no loss, for whoever reconnects looks again: so it waits for no disk.
    connection.execute("SET synchronous_commit = off")
    return connection
