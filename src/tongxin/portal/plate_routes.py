"""Staff choose buildings and print their plates."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tongxin.cases import queries
from tongxin.people.signed_in import SignedIn
from tongxin.portal import plates
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)


def reach(session: Transaction, me: SignedIn) -> list[str]:
    """Where this person may print plates; nowhere: 404."""
    found = plates.reach(session, me)
    if not found:
        raise NotFound(NotFound.__doc__)
    return found


Reach = Annotated[list[str], Depends(reach)]


@router.get("/plates")
def choose(request: Request, session: Transaction, me: SignedIn, within: Reach, community: str = "") -> Response:
    """Choose a community, and of it buildings."""
    context = {**plates.choice(session, within, community), "unread": queries.unseen(session, me)}
    return pages.page(request, "plates/choose.html", context)


@router.get("/plates/sheets")
def print_sheets(
    request: Request,
    session: Transaction,
    me: SignedIn,
    within: Reach,
    place: Annotated[list[str] | None, Query()] = None,
    community: str = "",
) -> Response:
    """The sheets to print; without a choice, say so where one is made."""
    found = plates.chosen_plates(session, within, place or (), str(request.base_url))
    if not found:
        problem = _("还没有选楼。请勾选要打印的楼，再点“看样张并打印”。")
        context = {**plates.choice(session, within, community), "problem": problem}
        context["unread"] = queries.unseen(session, me)
        return pages.page(request, "plates/choose.html", context, status=422)
    context = {"sheets": plates.sheets(found), "number": len(found), "community": community, "words": plates.WORDS}
    return pages.page(request, "plates/sheets.html", context)
