"""Releasing a case's result to the public board, and taking it down."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tongxin import clock
from tongxin.cases import access, case_page, held, publicity
from tongxin.cases.case_routes import MyCase
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import InvalidValues
from tongxin.people.signed_in import SignedIn
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction

router = APIRouter(route_class=Committing)


def publishable(session: Transaction, me: SignedIn, case: MyCase) -> Held:
    """The case, locked, if this person may release its result and it has a board to stand on; else 404."""
    found = held.by_case(session, case.id, clock.now())
    assert found is not None  # MyCase found it
    if not access.may_publish(me, found.definition, found.area.path) or publicity.board_of(session, found) is None:
        raise NotFound(NotFound.__doc__)
    return found


Publishable = Annotated[Held, Depends(publishable)]


@router.post("/cases/{case_id}/publication")
def publish_result(
    request: Request, session: Transaction, me: SignedIn, case: Publishable, posted: PostedForm
) -> Response:
    """Release the result as it is written, or say what has to be looked at first."""
    text = posted.get("text")
    try:
        publicity.publish(session, case, text, me.actor, confirmed=posted.get("confirmed") == "yes")
    except InvalidValues as invalid:
        card = publicity.card(session, me, case, clock.now(), typed=text, errors=invalid.errors)
    except publicity.Doubtful as doubtful:
        card = publicity.card(session, me, case, clock.now(), typed=text, found=doubtful.doubts)
    else:
        return pages.go(request, f"/cases/{case.case.id}#publication")
    context = case_page.show(session, me, case.case, str(request.base_url))
    return pages.page(request, "cases/show.html", {**context, "publication": card}, status=422)


@router.post("/cases/{case_id}/publication/removal")
def take_result_down(request: Request, session: Transaction, me: SignedIn, case: Publishable) -> Response:
    """Take the result off the board."""
    publicity.take_down(session, case, me.actor)
    return pages.go(request, f"/cases/{case.case.id}#publication")
