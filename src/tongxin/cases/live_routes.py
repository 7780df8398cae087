"""The live stream of whoever is signed in, and what is new on the page they have open."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from tongxin import clock, db, live
from tongxin.cases import queries, task_page
from tongxin.cases.case_routes import visible
from tongxin.cases.event_stream import EventStream, Topics
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.people.signed_in import COOKIE, MaybePerson
from tongxin.web.guards import NotFound
from tongxin.web.transactions import Committing, Transaction

router = APIRouter(route_class=Committing)
MOST_CASES = 20
SIGNED_OUT = 401  # plainly: the sign-in page would be no stream, and nobody sees it
log = structlog.get_logger()


@router.get("/live")
def open_stream(
    request: Request,
    session: Transaction,
    person: MaybePerson,
    case: Annotated[list[int], Query(default_factory=list)],
) -> Response:
    """Tells when to look again: at one's inbox and notices, and at the cases (at most 20) open in one's tabs."""
    if person is None:
        return Response(status_code=SIGNED_OUT)
    cases = case[:MOST_CASES]
    topics = _topics(session, person, cases)
    if cases and not any(live.of_case(one) in topics for one in cases):
        raise NotFound(NotFound.__doc__)
    token = request.cookies[COOKIE]
    return EventStream(request.app.state.live, topics, partial(_still, request.app, token, cases))


@router.get("/live/news")
def show_news(
    session: Transaction,
    person: MaybePerson,
    scope: queries.Scope | None = None,
    newest: int = 0,
    count: int = 0,
    case: int = 0,
    length: int = 0,
    task: int = 0,
) -> Response:
    """What has come since a page was drawn; each part is told to those whose page has it."""
    if person is None:
        return Response(status_code=SIGNED_OUT)
    news: dict[str, object] = {"unread": queries.unseen(session, person)}
    if scope:
        before = queries.Seen(newest, count)
        news["tasks"] = queries.count_new(session, person, scope, clock.now(), before)
    if case:
        news["case"] = _length(session, person, case) > length
    if task:
        news["task"] = task_page.overtaken(session, person, task)
    return JSONResponse(news, headers={"Cache-Control": "no-store"})


def _topics(session: Session, person: Person, cases: Iterable[int]) -> Topics:
    """Oneself, the pools one's posts take from, and the cases one may see."""
    return frozenset(
        (
            live.of_account(person.id),
            live.of_sign_ins(person.id),
            *(live.of_pool(post.unit_id, post.role) for post in person.posts),
            *(live.of_case(one) for one in cases if _length(session, person, one)),
        )
    )


def _length(session: Session, person: Person, case_id: int) -> int:
    """How many events a case has; 0 when it is not this person's to see."""
    case = queries.case_by_id(session, case_id) if 0 < case_id < 2**62 else None
    return case.chain_length if case is not None and visible(session, person, case) else 0


async def _still(app: FastAPI, token: str, cases: list[int]) -> Topics | None:
    """A transaction of its own, for a moment, inside the same limit as requests."""
    slots: asyncio.Semaphore = app.state.slots
    try:
        async with slots:
            return await run_in_threadpool(_look_again, app, token, cases)
    except SQLAlchemyError as error:  # the database is away: the browser comes back and looks again
        log.warning("stream_ended", error=str(error).splitlines()[0])
        return None


def _look_again(app: FastAPI, token: str, cases: list[int]) -> Topics | None:
    with db.transaction(app.state.engine) as session:
        person = identity.by_session(session, token, clock.now())
        return None if person is None else _topics(session, person, cases)
