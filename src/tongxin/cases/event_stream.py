"""A stream of server-sent events: where to look again, never what is there."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tongxin import live
from tongxin.live import Listener, Subscriber

HEARTBEAT = 20  # seconds; proxies close what is silent for a minute
LOOK_AGAIN = 60  # seconds after which a stream makes sure that its person is still signed in and may hear this
COME_BACK = (1000, 5000)  # milliseconds; after a restart not everybody at once

Topics = frozenset[str]
Check = Callable[[], Awaitable[Topics | None]]
"""What somebody may hear of by now; None: nothing any more."""


class EventStream(Response):
    """Goes on until the browser leaves, the person signs out or the server stops. Holds no connection meanwhile."""

    media_type = "text/event-stream"

    def __init__(self, listener: Listener, topics: Topics, check: Check) -> None:
        # Response's own would announce a length of 0.
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._listener = listener
        self._topics = topics
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell what is heard; refused when there are too many streams: then the page asks now and then."""
        try:
            with self._listener.subscribed(self._topics) as subscriber:
                leaving = asyncio.create_task(_end_when_gone(receive, subscriber))
                try:
                    await self._tell(subscriber, send)
                finally:
                    leaving.cancel()
                    with suppress(asyncio.CancelledError):
                        await leaving
        except live.TooMany:
            await Response(status_code=503, headers={"Retry-After": "60"})(scope, receive, send)

    async def _tell(self, subscriber: Subscriber, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _write(send, f"retry: {random.randint(*COME_BACK)}\n\n")
        time = asyncio.get_running_loop().time
        due = time() + _about(LOOK_AGAIN)
        while True:
            heard = await subscriber.hear(HEARTBEAT)
            if subscriber.ended:
                break
            if time() > due or any(live.is_of_sign_ins(topic) for topic in heard):
                due = time() + _about(LOOK_AGAIN)
                topics = await self._check()
                if topics is None:
                    break
                self._listener.change(subscriber, topics)
                heard &= topics | {live.AGAIN}
            await _write(send, "".join(_messages(heard)) or ":\n\n")
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _end_when_gone(receive: Receive, subscriber: Subscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end()


async def _write(send: Send, text: str) -> None:
    """Waits while the browser does not read."""
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _messages(heard: Iterable[str]) -> Iterable[str]:
    told = {json.dumps(one): None for topic in sorted(heard) for one in live.told(topic)}
    return (f"data: {one}\n\n" for one in told)


def _about(seconds: float) -> float:
    return seconds * random.uniform(0.8, 1.2)
