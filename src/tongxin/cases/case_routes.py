"""Pages of a case: the case itself, its diagram and files, opening one, withdrawing it for a resident."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import (
    access,
    actions,
    case_page,
    held,
    lifecycle,
    opening,
    privacy,
    queries,
    reminding,
    start_page,
    uploads,
)
from tongxin.cases.models import Attachment, Case
from tongxin.cases.routes import live_fields
from tongxin.people.identity import Person
from tongxin.people.signed_in import SignedIn
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.web import pages, problems
from tongxin.web.guards import NotFound
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _, retold

router = APIRouter(route_class=Committing)


def my_case(case_id: int, session: Transaction, me: SignedIn) -> Case:
    """A case this person may see; else 404."""
    case = queries.case_by_id(session, case_id) if 0 < case_id < 2**62 else None
    if case is None or not visible(session, me, case):
        raise NotFound(NotFound.__doc__)
    return case


MyCase = Annotated[Case, Depends(my_case)]


def visible(session: Session, me: Person, case: Case) -> bool:
    """Whether a case is this person's to see; also when its diagram has told them of it: the news leads there."""
    definition = catalogue.by_id(session, case.definition_id)
    unit, _place = queries.units_of(session, case)
    if access.may_see(me, definition, unit.path, list(queries.tasks_of(session, case.id)), case):
        return True
    return queries.was_told(session, case.id, me.id)


def reads_sensitive(session: Session, me: Person, case: Case) -> bool:
    """Whether this person reads a case's sensitive values whole."""
    definition = catalogue.by_id(session, case.definition_id)
    unit, _place = queries.units_of(session, case)
    return access.may_read_sensitive(me, definition, unit.path, queries.tasks_of(session, case.id), case)


def startable(key: str, session: Transaction, me: SignedIn) -> Definition:
    """The current version of a procedure this person may open; else 404."""
    try:
        definition = catalogue.current(session, key)
    except catalogue.NoSuchProcedure:
        raise NotFound(NotFound.__doc__) from None
    if not access.may_start(me, definition):
        raise NotFound(NotFound.__doc__)
    return definition


Startable = Annotated[Definition, Depends(startable)]


@router.get("/cases/start")
def list_procedures(request: Request, session: Transaction, me: SignedIn) -> Response:
    """What this person may open."""
    return pages.page(request, "cases/start_index.html", start_page.start_index(session, me))


def _about(session: Session, me: Person, definition: Definition, number: str) -> Case | None:
    """The case one is opened about, if this person may see it and the procedure is of that kind."""
    if definition.file.start.about is None or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    case = queries.case_by_id(session, int(number))
    return case if case is not None and visible(session, me, case) else None


@router.get("/cases/start/{key}")
def show_start(
    request: Request, session: Transaction, me: SignedIn, definition: Startable, about: str = ""
) -> Response:
    """The form that opens a case; `about`: the one it is about."""
    other = _about(session, me, definition, about)
    return pages.page(request, "cases/start.html", start_page.start(session, me, definition, about=other))


@router.post("/cases/start/{key}")
def open_case(
    request: Request, session: Transaction, me: SignedIn, definition: Startable, posted: PostedForm
) -> Response:
    """Open a case for a resident; the same form sent twice opens one."""
    earlier = opening.opened_by_form(session, posted.get("once"))
    if earlier is not None:
        return pages.go(request, f"/cases/{earlier.id}")
    form = definition.forms[definition.file.start.form]
    values = forms.parse(form, posted.without("csrf", "place", "once", "about"))
    about = _about(session, me, definition, posted.get("about"))
    errors = _take_files(request, session, form, posted, values, me.id)
    place = opening.place_by_code(session, posted.get("place"))
    if place is None or not access.may_start_at(me, definition, place):
        errors = (*opening.without_place(definition, values, by_staff=True), *errors)
    try:
        if errors or place is None:
            raise lifecycle.InvalidValues(errors)
        tied = about.id if about else None
        outcome = opening.open_by_form(session, definition, place, values, posted.get("once"), me.actor, tied)
    except lifecycle.InvalidValues as invalid:
        context = start_page.start(
            session,
            me,
            definition,
            typed=values,
            place=start_page.placed(posted.fields),
            errors=invalid.errors,
            about=about,
        )
        return pages.page(request, "cases/start.html", context, status=422)
    except opening.NotOpened as obstacle:
        context = start_page.start(
            session, me, definition, typed=values, place=start_page.placed(posted.fields), about=about
        )
        problem = _(
            "暂时收不下，已记下原因：{obstacle} 您填的内容还在，请稍后再试，或告诉管理员。",
            obstacle=retold(str(obstacle)),
        )
        return pages.page(request, "cases/start.html", {**context, "problem": problem}, status=409)
    return pages.go(request, f"/cases/{outcome.case_id}")


@router.post("/cases/start/{key}/fields")
def show_start_fields(
    request: Request, session: Transaction, me: SignedIn, definition: Startable, posted: PostedForm
) -> Response:
    """The fields of that form which depend on what is being typed, as they are now."""
    return live_fields(request, start_page.live_start(session, me, definition, posted.without("csrf", "once")))


@router.get("/cases/{case_id}")
def show_case(request: Request, session: Transaction, me: SignedIn, case: MyCase) -> Response:
    """Everything about a case."""
    return pages.page(request, "cases/show.html", case_page.show(session, me, case, str(request.base_url)))


@router.get("/cases/{case_id}/diagram.bpmn")
def show_diagram(session: Transaction, case: MyCase) -> Response:
    """The diagram of the version the case follows."""
    diagram = catalogue.by_id(session, case.definition_id).diagram
    return Response(diagram, media_type="application/xml", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/cases/{case_id}/link.svg")
def show_link_code(request: Request, session: Transaction, me: SignedIn, case: MyCase) -> Response:
    """The personal link as a QR code, for those who may hand it over."""
    link = case_page.personal_link(session, me, case, str(request.base_url))
    if link is None:
        raise NotFound(NotFound.__doc__)
    return pages.qr(link)


@router.post("/cases/{case_id}/reminders")
def remind_of_case(request: Request, session: Transaction, me: SignedIn, case: MyCase, posted: PostedForm) -> Response:
    """Ask those who have it that it goes on."""
    found = held.by_case(session, case.id, clock.now())
    assert found is not None  # MyCase found it
    try:
        reminding.remind(session, found, posted.get("text"), me.actor)
    except lifecycle.InvalidValues as invalid:
        problem = problems.Problem(422, _("没有办成"), str(invalid))
        return problems.answer(request, problem)
    return pages.go(request, f"/cases/{case.id}#reminder")


@router.post("/cases/{case_id}/withdrawal")
def withdraw_case(request: Request, session: Transaction, me: SignedIn, case: MyCase, posted: PostedForm) -> Response:
    """Withdraw a case: one's own, or for a resident who asked by phone."""
    found = held.by_case(session, case.id, clock.now())
    assert found is not None  # MyCase found it
    if not access.may_withdraw(me, found.definition, found.case, found.area.nearest):
        raise NotFound(NotFound.__doc__)
    offer = next(iter(actions.offered(session, found.definition, case.id, REPORTER)), None)
    if offer is None:
        raise lifecycle.NotReady(_("已经有人到场或已经办完，不能再撤回。"))
    form = found.definition.form_of(offer.action.form)
    values = forms.parse(form, posted.without("csrf")) if form else {}
    try:
        outcome = lifecycle.send_message(session, found, offer.subscription.key, offer.name, values, me.actor)
    except lifecycle.InvalidValues as invalid:
        refused = actions.Refused(values, invalid.errors)
        context = case_page.show(session, me, case, str(request.base_url), refused=refused)
        return pages.page(request, "cases/show.html", context, status=422)
    if outcome.incident:
        return problems.stuck(request, outcome.incident)
    return pages.go(request, f"/cases/{case.id}")


@router.post("/cases/{case_id}/withdrawal/fields")
def show_withdrawal_fields(
    request: Request, session: Transaction, me: SignedIn, case: MyCase, posted: PostedForm
) -> Response:
    """The fields of that form which depend on what is being typed, as they are now."""
    view = case_page.unlocked(session, case, clock.now())
    offer = next(iter(actions.offered(session, view.definition, case.id, REPORTER)), None)
    if offer is None or not access.may_withdraw(me, view.definition, view.case, view.area.nearest):
        raise NotFound(NotFound.__doc__)
    fields = actions.live_fields(session, view, offer.action, posted.without("csrf"), resident=False)
    return live_fields(request, fields, prefix="w-")


@router.get("/attachments/{attachment_id}")
def show_attachment(
    request: Request, session: Transaction, me: SignedIn, attachment_id: int, small: bool = False
) -> Response:
    """A file of a case this person may see, or one they have just uploaded; photos also `small`."""
    row = session.get(Attachment, attachment_id) if 0 < attachment_id < 2**62 else None
    if row is None:
        raise NotFound(NotFound.__doc__)
    case = queries.case_by_id(session, row.case_id) if row.case_id else None
    if row.uploaded_by != me.id and (case is None or not visible(session, me, case) or _hides(session, me, case, row)):
        raise NotFound(NotFound.__doc__)
    return file_answer(request, row, small=small)


def _hides(session: Session, me: Person, case: Case, row: Attachment) -> bool:
    """Whether the file belongs to a sensitive field, and this person does not read those."""
    definition = catalogue.by_id(session, case.definition_id)
    if not any(field.sensitive and field.widget in forms.FILES for field in definition.facts.fields):
        return False
    details = [event.details for event in queries.events_of(session, case.id)]
    hidden = privacy.hidden_files(definition, case.variables, details)
    return row.id in hidden and not reads_sensitive(session, me, case)


def file_answer(request: Request, row: Attachment, *, small: bool) -> FileResponse:
    """A stored file: photos are shown, everything else is only ever downloaded."""
    shown = "inline" if row.media_type.startswith("image/") else "attachment"
    try:
        path = request.app.state.store.path(row.sha256, small=small)
    except FileNotFoundError:
        raise NotFound(_("这个文件不在了，请告诉管理员。")) from None
    return FileResponse(
        path,
        media_type=row.media_type,
        filename=row.name,
        content_disposition_type=shown,
        headers={"Cache-Control": "private, max-age=86400"},
    )


def _take_files(
    request: Request,
    session: Session,
    form: forms.Form,
    posted: Posted,
    values: dict[str, Any],
    account_id: int | None,
) -> tuple[forms.Error, ...]:
    return uploads.take_files(session, request.app.state.store, form, posted.uploads(), values, account_id)
