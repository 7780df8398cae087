"""Where residents report something."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session

from tongxin import forms
from tongxin.cases import codes, lifecycle, opening, start_page, uploads
from tongxin.cases.routes import live_fields
from tongxin.events import REPORTER as RESIDENT
from tongxin.people.models import Unit
from tongxin.portal import allowances, passes, report
from tongxin.portal.allowances import PhotosWait
from tongxin.procedures.definition import Definition
from tongxin.web import pages
from tongxin.web.guards import require_same_origin
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import N_, _

router = APIRouter(route_class=Committing)
SHORTEST_ONCE = 16
NOT_FIELDS = ("csrf", "place", "once", "procedure")  # of the report's page, beside the form's own
NOT_TAKEN = N_("网上暂时收不下，请打社区电话；您填的内容还在。")


@router.get("/q/{code}")
def scan_plate(request: Request, code: str) -> Response:
    """A building's QR plate leads to the report form with the place filled in."""
    return pages.go(request, f"/report?place={code[:24]}")


@router.get("/report")
def show_report(request: Request, session: Transaction, place: str = "", procedure: str = "") -> Response:
    """What it is about, or the form of that; emergency numbers first."""
    kinds = None if procedure else report.choose(session, place[:24].replace("\0", ""))
    if kinds is not None:
        return pages.page(request, "portal/choose.html", kinds)
    context = report.show(session, procedure, start_page.placed({"place": [place]}))
    return allowances.remember(request, pages.page(request, "portal/report.html", context))


@router.post("/report")
def send_report(request: Request, session: Transaction, wait: PhotosWait, posted: PostedForm) -> Response:
    """Report something; the same form sent twice is one report."""
    require_same_origin(request)
    once = _once(posted)
    earlier = passes.by_form(session, once)
    if earlier is not None:
        return _reported(request, earlier.id, once)
    key, code = posted.get("procedure"), posted.get("place")
    definition = report.reportable(session, key)
    form = definition.forms[definition.file.start.form]
    values, where = forms.parse(form, posted.without(*NOT_FIELDS)), start_page.placed(posted.fields)
    passes.hold_files(session, form, values)
    try:
        if wait is not None:
            raise wait
        allowances.spend_searches(request, session, values, where)
        errors = uploads.take_files(session, request.app.state.store, form, posted.uploads(), values, None)
        case_id = _open(request, session, definition, opening.place_by_code(session, code), values, errors, once)
    except lifecycle.InvalidValues as invalid:
        context = report.show(session, key, where, typed=values, errors=invalid.errors)
        return pages.page(request, "portal/report.html", context, status=422)
    except (opening.NotOpened, allowances.MustWait) as obstacle:
        waits = isinstance(obstacle, allowances.MustWait)
        problem = str(obstacle) if waits else _(NOT_TAKEN)
        context = {**report.show(session, key, where, typed=values), "once": once, "problem": problem}
        return pages.page(request, "portal/report.html", context, status=429 if waits else 409)
    return _reported(request, case_id, once)


@router.post("/report/fields")
def show_report_fields(request: Request, session: Transaction, posted: PostedForm) -> Response:
    """The fields of the report that depend on what is being typed, as they are now."""
    require_same_origin(request)
    definition = report.reportable(session, posted.get("procedure"))
    form = definition.forms[definition.file.start.form]
    typed, where = forms.parse(form, posted.without(*NOT_FIELDS)), start_page.placed(posted.fields)
    passes.hold_files(session, form, typed)
    try:
        allowances.spend_searches(request, session, typed, where)
    except allowances.MustWait as wait:
        return PlainTextResponse(str(wait), 429)
    fields = list(report.fields(session, definition, opening.place_by_code(session, posted.get("place")), typed, ()))
    fields += [start_page.place_field(session, ["/"], where, ())] if where.finds["place"] else []
    return live_fields(request, fields, photos=uploads.kept_names(session, form, typed, None))


def _open(
    request: Request,
    session: Session,
    definition: Definition,
    place: Unit | None,
    values: dict[str, Any],
    errors: tuple[forms.Error, ...],
    once: str,
) -> int:
    """Open the case, and count that; raises what stands in the way, and then neither is done."""
    if place is None:
        errors = (*opening.without_place(definition, values, by_staff=False), *errors)
    if errors or place is None:
        raise lifecycle.InvalidValues(errors)
    with session.begin_nested():
        allowances.spend(session, allowances.REPORTS, allowances.asked_by(request))
        return opening.open_by_form(session, definition, place, values, once, RESIDENT).case_id


def _once(posted: Posted) -> str:
    """The form's own token, of which the personal link is made; one too short to be ours is drawn anew."""
    given = posted.get("once")[:40].replace("\0", "")
    return given if len(given) >= SHORTEST_ONCE else secrets.token_urlsafe(12)


def _reported(request: Request, case_id: int, once: str) -> Response:
    return pages.go(request, f"/r/{codes.form_token(case_id, once)}/done")
