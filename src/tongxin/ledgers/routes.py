"""The pages of the ledgers: read, taken out, taken in."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tongxin import clock
from tongxin.ledgers import exporting, importing, pages, reading
from tongxin.ledgers.reading import Filters
from tongxin.people.signed_in import SignedIn
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.web import pages as web
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def my_ledger(session: Transaction, me: SignedIn, key: str) -> Definition:
    """A procedure whose ledger this person has; else 404."""
    try:
        definition = catalogue.current(session, key[:40].replace("\0", ""))
    except catalogue.NoSuchProcedure:
        raise NotFound(NotFound.__doc__) from None
    if not definition.ledger or not reading.may_see(me, definition):
        raise NotFound(NotFound.__doc__)
    return definition


def my_intake(session: Transaction, me: SignedIn, key: str) -> Definition:
    """A procedure whose ledger this person may take rows into; else 404."""
    definition = my_ledger(session, me, key)
    if not reading.may_import(me, definition):
        raise NotFound(NotFound.__doc__)
    return definition


Ledger = Annotated[Definition, Depends(my_ledger)]
Intake = Annotated[Definition, Depends(my_intake)]


@router.get("/ledgers")
def list_ledgers(request: Request, session: Transaction, me: SignedIn) -> Response:
    """Every ledger this person has."""
    return web.page(request, "ledgers/index.html", pages.index(session, me))


@router.get("/ledgers/exports")
def list_exports(request: Request, session: Transaction, me: SignedIn) -> Response:
    """Who has taken which ledger out; for administrators."""
    if not me.is_administrator:
        raise NotFound(NotFound.__doc__)
    return web.page(request, "ledgers/exports.html", exporting.history(session))


@router.get("/ledgers/{key}")
def show_ledger(request: Request, session: Transaction, me: SignedIn, ledger: Ledger) -> Response:
    """A page of a ledger, narrowed and sorted as its address says."""
    filters = Filters.read(request.query_params)
    return web.page(request, "ledgers/show.html", pages.show(session, me, ledger, filters))


@router.get("/ledgers/{key}/export")
def export_ledger(request: Request, session: Transaction, me: SignedIn, ledger: Ledger) -> Response:
    """The same as a spreadsheet; who took it out is kept."""
    if not reading.may_export(me, ledger):
        raise NotFound(NotFound.__doc__)
    content = exporting.export(session, me, ledger, Filters.read(request.query_params), clock.now())
    return _file(content, f"{_('{title}台账', title=ledger.file.title)}{clock.now():%Y%m%d}.xlsx")


@router.get("/ledgers/{key}/import")
def show_import(request: Request, session: Transaction, me: SignedIn, ledger: Intake) -> Response:
    """Where a ledger kept elsewhere is handed in."""
    return web.page(request, "ledgers/import.html", importing.show(session, me, ledger))


@router.get("/ledgers/{key}/import/template")
def show_template(ledger: Intake) -> Response:
    """An empty spreadsheet with the headings."""
    return _file(importing.template(ledger), _("{title}台账模板.xlsx", title=ledger.file.title))


@router.post("/ledgers/{key}/import")
def import_ledger(request: Request, session: Transaction, me: SignedIn, ledger: Intake, posted: PostedForm) -> Response:
    """Look at what was handed in, or take it in; what is wrong with it is told row by row."""
    context, done = importing.hand_in(session, me, ledger, posted)
    return web.page(request, "ledgers/import.html", context, status=200 if done else 422)


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type=SPREADSHEET, headers=headers)
