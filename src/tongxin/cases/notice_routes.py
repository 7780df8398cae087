"""A person's notices."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import update
from sqlmodel import col

from tongxin import clock, live
from tongxin.cases import queries, wording
from tongxin.cases.models import Notice
from tongxin.people.signed_in import SignedIn
from tongxin.web import pages
from tongxin.web.transactions import Committing, Transaction

router = APIRouter(route_class=Committing)


@router.get("/notices")
def show_notices(request: Request, session: Transaction, me: SignedIn, after: int | None = None) -> Response:
    """News, newest first."""
    rows = queries.notices_for(session, me, after)
    items = [
        {
            "text": row.text,
            "url": f"/tasks/{row.task_id}" if row.task_id else f"/cases/{row.case_id}",
            "at_text": wording.moment(row.created_at),
            "seen": row.seen_at is not None,
        }
        for row in rows
    ]
    unread = queries.unseen(session, me)
    following = str(rows[-1].id) if len(rows) == queries.PAGE else None
    return pages.page(request, "people/notices.html", {"items": items, "unread": unread, "next": following})


@router.post("/notices/seen")
def mark_all_seen(request: Request, session: Transaction, me: SignedIn) -> Response:
    """Everything has been seen."""
    statement = update(Notice).where(col(Notice.account_id) == me.id, col(Notice.seen_at).is_(None))
    session.execute(statement.values(seen_at=clock.now()))
    live.changed(session, live.of_account(me.id))
    return pages.go(request, "/notices")
