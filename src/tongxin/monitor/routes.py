"""Pages to watch by: the overview, cases, connectors. What mends is in `mending_routes`."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tongxin import clock, config
from tongxin.connectors import calls
from tongxin.monitor import case_list
from tongxin.monitor import pages as contexts
from tongxin.monitor.reach import Administrator, OfEverything
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction

router = APIRouter(route_class=Committing)


@router.get("/monitor")
def show_overview(request: Request, session: Transaction, reach: Administrator) -> Response:
    """How everything runs."""
    return pages.page(request, "monitor/index.html", contexts.overview(session, reach))


@router.get("/monitor/cases")
def list_cases(
    request: Request,
    session: Transaction,
    reach: Administrator,
    state: case_list.State = "open",
    procedure: str = "",
    version: str = "",
    unit: str = "",
    who: str = "",
    overdue: bool = False,
    q: str = "",
    before: int | None = None,
) -> Response:
    """Cases by what is asked for."""
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else None
    filters = case_list.Filters(state, procedure, number if procedure else None, unit, who, overdue, q)
    return pages.page(request, "monitor/cases.html", contexts.cases(session, reach, filters, before))


@router.get("/monitor/connectors")
def list_connectors(request: Request, session: Transaction, reach: OfEverything, switched: str = "") -> Response:
    """Outside systems and how they do."""
    return pages.page(request, "monitor/connectors.html", contexts.connectors(session, reach, switched=switched))


@router.post("/monitor/connectors/{name}/twin")
def switch_connector(
    request: Request, session: Transaction, reach: OfEverything, name: str, posted: PostedForm
) -> Response:
    """Let a twin stand in for a connector; only in a demo."""
    if not config.settings().demo:
        raise NotFound(NotFound.__doc__)
    calls.switch(session, name, posted.get("twin") or None, reach.person.id, clock.now())
    return pages.go(request, f"/monitor/connectors?switched={name}")
