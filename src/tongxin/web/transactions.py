"""The one transaction around a request: opened late, committed before the answer is sent."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from tongxin import db
from tongxin.web.posted import Posted, read_posted


async def _slot(request: Request, _read_first: Annotated[Posted, Depends(read_posted)]) -> AsyncIterator[None]:
    """At most as many requests inside as there are connections.

    Without it, threads waiting for a connection can hold every thread that would give one back. What was
    posted is read before, so that a slow upload keeps nobody waiting.
    """
    slots: asyncio.Semaphore = request.app.state.slots
    async with slots:
        yield


def _session(request: Request, _inside: Annotated[None, Depends(_slot, scope="function")]) -> Iterator[Session]:
    with db.transaction(request.app.state.engine) as session:
        yield session


Transaction = Annotated[Session, Depends(_session, scope="function")]
"""The request's session. A route that raises rolls back; one that returns has committed before it is answered."""
