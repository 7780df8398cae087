"""The hearing side: one connection of a web process listens, and hands what it hears to everybody who subscribed."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog

from tongxin.live.topics import AGAIN, CHANNEL, read

MOST = 4000  # subscribers of one process
ALIVE = 30  # seconds of silence after which the connection is asked whether it still lives
ANSWER = 10  # seconds it has for that
log = structlog.get_logger()


class TooMany(Exception):
    """This process can take no more subscribers."""


class Subscriber:
    """Somebody who hears of some topics. What they have not fetched yet is a set, so it never grows beyond these."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.ended = False
        self._heard: set[str] = set()
        self._woken = asyncio.Event()

    async def hear(self, patience: float) -> set[str]:
        """What was announced since the last time; waits for it so many seconds. Then, or at the end, nothing."""
        if not self._woken.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), patience)
        self._woken.clear()
        heard, self._heard = self._heard, set()
        return heard

    def tell(self, topic: str) -> None:
        """One of the topics was announced."""
        self._heard.add(topic)
        self._woken.set()

    def end(self) -> None:
        """No more is to be heard."""
        self.ended = True
        self._woken.set()


class Listener:
    """All subscribers of a web process. Listens from the first on; everything but `end` belongs to the event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Task[None] | None = None
        self._everybody: set[Subscriber] = set()
        self._by_topic: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._ended = False

    @property
    def subscribers(self) -> int:
        """How many there are now."""
        return len(self._everybody)

    @contextmanager
    def subscribed(self, topics: frozenset[str]) -> Iterator[Subscriber]:
        """Somebody hears of these topics inside the block. Raises TooMany."""
        if self._ended or len(self._everybody) >= MOST:
            raise TooMany(TooMany.__doc__)
        subscriber = Subscriber(topics)
        self._everybody.add(subscriber)
        self._enter(subscriber, topics)
        if self._listening is None:
            self._loop = asyncio.get_running_loop()
            self._listening = asyncio.create_task(self._listen())
        try:
            yield subscriber
        finally:
            self._everybody.discard(subscriber)
            self._leave(subscriber, subscriber.topics)

    def change(self, subscriber: Subscriber, topics: frozenset[str]) -> None:
        """From now on a subscriber hears of these topics."""
        self._leave(subscriber, subscriber.topics - topics)
        self._enter(subscriber, topics - subscriber.topics)
        subscriber.topics = topics

    def end(self) -> None:
        """Everybody's streams end now, and no new ones begin. From any thread, also from a signal handler."""
        self._ended = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_all)

    async def close(self) -> None:
        """End everything and let the connection go."""
        self._ended = True
        self._end_all()
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    def _end_all(self) -> None:
        for subscriber in self._everybody:
            subscriber.end()

    def _enter(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        for topic in topics:
            self._by_topic[topic].add(subscriber)

    def _leave(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        for topic in topics:
            self._by_topic[topic].discard(subscriber)
            if not self._by_topic[topic]:
                del self._by_topic[topic]

    def _announced(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for subscriber in self._everybody if topic == AGAIN else self._by_topic.get(topic, ()):
                subscriber.tell(topic)

    async def _listen(self) -> None:
        """For ever. After each connection everybody looks again: nobody knows what was announced before it."""
        while True:
            try:
                async with await _connect(self._url) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._announced([AGAIN])
                    while True:
                        async for notice in connection.notifies(timeout=ALIVE):
                            self._announced(read(notice.payload))
                        await asyncio.wait_for(connection.execute("SELECT 1"), ANSWER)
            except Exception as error:  # whatever it was: without a listener everybody's pages stand still
                log.warning("not_listening", error=repr(error))
            await asyncio.sleep(random.uniform(0.5, 2))


async def _connect(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=5, application_name="tongxin listener"
    )
