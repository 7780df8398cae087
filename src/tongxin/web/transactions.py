"""The one transaction around a request: opened late, committed before the answer is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial, wraps
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from sqlmodel import Session

from tongxin import db
from tongxin.web.posted import read_posted


async def _session(request: Request) -> AsyncIterator[Session]:
    """At most as many requests inside as there are connections.

    Without the semaphore, threads waiting for a connection can hold every thread that would give one back. What was
    posted is read before, so that a slow upload keeps nobody waiting. One dependency, since each more costs every
    request that names it.
    """
    await read_posted(request)
    slots: asyncio.Semaphore = request.app.state.slots
    async with slots:
        session = db.session(request.app.state.engine)  # connects at its first statement, in the route's thread
        try:
            yield session
            if session.in_transaction():
                await run_in_threadpool(session.commit)
        finally:
            if session.in_transaction():
                await run_in_threadpool(session.rollback)
            session.close()


Transaction = Annotated[Session, Depends(_session, scope="function")]
"""The request's session. A route that raises rolls back; one that returns has committed before it is answered."""


class Committing(APIRoute):
    """A route that runs in a thread and commits there, which saves handing the commit to another."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _committing(endpoint), **options)


def _committing(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    def work(**given: Any) -> Any:
        answer = endpoint(**given)
        for value in given.values():
            if isinstance(value, Session):
                value.commit()
        return answer

    @wraps(endpoint)
    async def run(**given: Any) -> Any:
        """In the loop's own threads: FastAPI's way into one takes a tenth of a short request."""
        loop, context = asyncio.get_running_loop(), copy_context()
        working = loop.run_in_executor(None, partial(context.run, work, **given))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            while not working.done():  # nobody may close a session that its thread is still at
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([working])
            raise

    return run
