"""The first page: for everybody, or of the residents' pages alone."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tongxin.people.signed_in import MaybePerson
from tongxin.web import pages
from tongxin.web.transactions import Committing

router = APIRouter(route_class=Committing)
residents = APIRouter()


@router.get("/")
def show_home(request: Request, person: MaybePerson) -> Response:
    """Staff go to their inbox, residents choose what they want."""
    if person is not None:
        return pages.go(request, "/tasks")
    return pages.page(request, "portal/home.html", {"staff_sign_in": True})


@residents.get("/")
def show_residents_home(request: Request) -> Response:
    """Residents choose what they want; nobody signs in here."""
    return pages.page(request, "portal/home.html", {"staff_sign_in": False})
