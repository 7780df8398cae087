"""Signed out in the middle of a form: what was sent waits on the sign-in page and becomes the signer's draft."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from tongxin import clock
from tongxin.cases import access, drafts, held
from tongxin.people import routes as people
from tongxin.people.identity import Person
from tongxin.people.signed_in import MaybePerson
from tongxin.web import pages
from tongxin.web.guards import NotSignedIn, require_same_origin
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction

router = APIRouter(route_class=Committing)
KEPT = "kept."


class SignedOut(NotSignedIn):
    """Nobody is signed in any more, but a task's form came along."""

    def __init__(self, task_id: int, posted: Posted) -> None:
        super().__init__(NotSignedIn.__doc__)
        self.task_id = task_id
        self.posted = posted


def _still_signed_in(request: Request, task_id: int, person: MaybePerson, posted: PostedForm) -> Person:
    if person is not None:
        return person
    if pages.is_htmx(request):  # js/draft.js has kept it in the browser
        raise NotSignedIn(NotSignedIn.__doc__)
    raise SignedOut(task_id, posted)


StillSignedIn = Annotated[Person, Depends(_still_signed_in)]
"""Who is signed in; stands before the task among a route's parameters, so that it is asked first."""


async def ask(request: Request, error: Exception) -> Response:
    """The sign-in page, with the form's fields in it."""
    assert isinstance(error, SignedOut)  # registered for nothing else
    carried = error.posted.without("csrf")
    context = _carrying(error.task_id, carried, photos=bool(error.posted.files))
    return pages.page(request, "people/sign_in.html", context, status=401)


@router.post("/tasks/{task_id}/sign-in")
def sign_in_again(request: Request, session: Transaction, posted: PostedForm, task_id: int) -> Response:
    """Sign in, keep the form as a draft if the task is the signer's, and go on with it."""
    require_same_origin(request)
    carried = {name.removeprefix(KEPT): some for name, some in posted.fields.items() if name.startswith(KEPT)}
    photos = posted.get("photos") == "yes"
    response, person = people.attempt(request, session, posted, _carrying(task_id, carried, photos=photos))
    if person is not None:
        _keep(session, task_id, person, carried)
    return response


def _keep(session: Session, task_id: int, person: Person, fields: dict[str, list[str]]) -> None:
    now = clock.now()
    found = held.by_task(session, task_id, now) if 0 < task_id < 2**62 else None
    if found is not None and found.task is not None and found.task.status == "open" and access.may_do(person, found):
        drafts.save(session, task_id, person.id, fields, now)


def _carrying(task_id: int, fields: dict[str, list[str]], *, photos: bool) -> dict[str, object]:
    return {
        "action": f"/tasks/{task_id}/sign-in",
        "carried": [(KEPT + name, value) for name, values in fields.items() for value in values],
        "photos_lost": photos,
        "next": f"/tasks/{task_id}",
        "login": "",
    }
