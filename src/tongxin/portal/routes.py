"""Residents' pages."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session

from tongxin import clock, forms, jobs
from tongxin.cases import actions, case_page, choices, codes, held, lifecycle, opening, queries, reminding, uploads
from tongxin.cases.case_routes import file_answer
from tongxin.cases.held import Held
from tongxin.cases.models import Attachment, Case
from tongxin.cases.routes import live_fields
from tongxin.events import REPORTER as RESIDENT
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.portal import allowances, passes, progress
from tongxin.portal.allowances import PhotosWait
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.web import pages, problems
from tongxin.web.guards import NotFound, require_same_origin
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import N_, _

router = APIRouter(route_class=Committing)
SHORTEST_ONCE = 16
NOT_FIELDS = ("csrf", "place", "once", "procedure")  # of the report's page, beside the form's own
NOT_TAKEN = N_("网上暂时收不下，请打社区电话；您填的内容还在。")


def linked(request: Request, token: str, session: Transaction, _posted: PostedForm) -> Held:
    """The case a personal link speaks of, locked when something is about to change; else 404."""
    require_same_origin(request)
    case = _case_of(session, token)
    if request.method == "GET":
        return case_page.unlocked(session, case, clock.now())
    found = held.by_case(session, case.id, clock.now())
    assert found is not None  # it was there a moment ago
    return found


Linked = Annotated[Held, Depends(linked)]


def linked_to_read(request: Request, token: str, session: Transaction, _posted: PostedForm) -> Held:
    """The same, never locked: what is asked while somebody types holds nobody up."""
    require_same_origin(request)
    return case_page.unlocked(session, _case_of(session, token), clock.now())


LinkedToRead = Annotated[Held, Depends(linked_to_read)]


def _case_of(session: Session, token: str) -> Case:
    case = passes.by_link(session, token)
    if case is None:
        raise NotFound(_("这个链接打不开了。请检查链接是否完整，或用编号查进度。"))
    return case


@router.get("/q/{code}")
def scan_plate(request: Request, code: str) -> Response:
    """A building's QR plate leads to the report form with the place filled in."""
    return pages.go(request, f"/report?place={code[:24]}")


@router.get("/report")
def show_report(request: Request, session: Transaction, place: str = "", procedure: str = "") -> Response:
    """The report form, emergency numbers first."""
    return allowances.remember(
        request,
        pages.page(request, "portal/report.html", _report(session, procedure, case_page.placed({"place": [place]}))),
    )


@router.post("/report")
def report(request: Request, session: Transaction, wait: PhotosWait, posted: PostedForm) -> Response:
    """Report something; the same form sent twice is one report."""
    require_same_origin(request)
    once = _once(posted)
    earlier = passes.by_form(session, once)
    if earlier is not None:
        return _reported(request, earlier.id, once)
    key, code = posted.get("procedure"), posted.get("place")
    definition = _reportable(session, key)
    form = definition.forms[definition.file.start.form]
    values, where = forms.parse(form, posted.without(*NOT_FIELDS)), case_page.placed(posted.fields)
    passes.hold_files(session, form, values)
    try:
        if wait is not None:
            raise wait
        _count_searches(request, session, values, where)
        errors = uploads.take_files(session, request.app.state.store, form, posted.uploads(), values, None)
        case_id = _open(request, session, definition, opening.place_by_code(session, code), values, errors, once)
    except lifecycle.InvalidValues as invalid:
        context = _report(session, key, where, typed=values, errors=invalid.errors)
        return pages.page(request, "portal/report.html", context, status=422)
    except (opening.NotOpened, allowances.MustWait) as obstacle:
        waits = isinstance(obstacle, allowances.MustWait)
        problem = str(obstacle) if waits else _(NOT_TAKEN)
        context = {**_report(session, key, where, typed=values), "once": once, "problem": problem}
        return pages.page(request, "portal/report.html", context, status=429 if waits else 409)
    return _reported(request, case_id, once)


@router.post("/report/fields")
def show_report_fields(request: Request, session: Transaction, posted: PostedForm) -> Response:
    """The fields of the report that depend on what is being typed, as they are now."""
    require_same_origin(request)
    definition = _reportable(session, posted.get("procedure"))
    form = definition.forms[definition.file.start.form]
    typed, where = forms.parse(form, posted.without(*NOT_FIELDS)), case_page.placed(posted.fields)
    passes.hold_files(session, form, typed)
    try:
        _count_searches(request, session, typed, where)
    except allowances.MustWait as wait:
        return PlainTextResponse(str(wait), 429)
    fields = list(_fields(session, definition, opening.place_by_code(session, posted.get("place")), typed, ()))
    fields += [case_page.place_field(session, ["/"], where, ())] if where.finds["place"] else []
    return live_fields(request, fields, photos=uploads.kept_names(session, form, typed, None))


def _count_searches(request: Request, session: Session, *typed: forms.Sent | dict[str, Any]) -> None:
    """Looking through the places of a whole county costs more than reading a page; raises MustWait."""
    if any(text for one in typed if isinstance(one, forms.Sent) for text in one.finds.values()):
        allowances.spend(session, allowances.SEARCHES, allowances.asked_by(request))


def _too_many(request: Request, session: Session, form: forms.Form | None, posted: Posted) -> Response | None:
    """The answer to somebody who looks through the places too often."""
    try:
        _count_searches(request, session, *([forms.parse(form, posted.without("csrf"))] if form else []))
    except allowances.MustWait as wait:
        return PlainTextResponse(str(wait), 429)
    return None


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


@router.get("/r/{token}/done")
def show_done(request: Request, session: Transaction, token: str, linked_case: Linked) -> Response:
    """The code, large, and the personal link."""
    case = linked_case.case
    link = case_page.address_of(token, str(request.base_url))
    emergency = _alerts(linked_case)
    tasks = queries.tasks_of(session, case.id)
    context = {
        "code": case.code,
        "personal_link": link,
        "qr_url": f"{_path(request)}link.svg",
        "alerts": emergency,
        "sentence": progress.sentence(linked_case, tasks, clock.now(), has_answer=False),
    }
    return pages.page(request, "portal/done.html", context)


@router.get("/r/{token}/link.svg")
def show_link_code(request: Request, token: str, _linked_case: Linked) -> Response:
    """The personal link as a QR code."""
    return pages.qr(case_page.address_of(token, str(request.base_url)))


@router.get("/r/{token}")
def show_progress(request: Request, session: Transaction, token: str, linked_case: Linked, done: str = "") -> Response:
    """Progress by personal link."""
    sent = {one.name: _("“{title}”已经收到。", title=one.title) for one in linked_case.definition.file.messages}
    flash = {**sent, "step": _("谢谢，已经收到。"), "reminder": _("已经催了，办事的人会看到。")}.get(done, "")
    return pages.page(
        request, "portal/progress.html", progress.show(session, linked_case.case, token=token, flash=flash)
    )


@router.post("/r/{token}/tasks/{task_id}/completion")
def complete_step(
    request: Request,
    session: Transaction,
    token: str,
    task_id: int,
    wait: PhotosWait,
    linked_case: Linked,
    posted: PostedForm,
) -> Response:
    """A resident's own step, such as rating."""
    found = held.by_task(session, task_id, clock.now()) if 0 < task_id < 2**62 else None
    if found is None or found.task is None or found.case.id != linked_case.case.id or found.task.role != REPORTER:
        raise NotFound(NotFound.__doc__)
    form = found.definition.form_of(found.task.form)
    values = forms.parse(form, posted.without("csrf")) if form else {}
    store, files = request.app.state.store, posted.uploads()
    if form is not None:
        passes.hold_files(session, form, values)
    try:
        _count_searches(request, session, values)
    except allowances.MustWait as searched:
        wait = searched
    if wait is not None:
        context = progress.show(session, found.case, token=token, typed=values, problem=str(wait))
        return pages.page(request, "portal/progress.html", context, status=429)
    errors = uploads.take_files(session, store, form, files, values, None, linked_case.case.id) if form else ()
    try:
        if errors:
            raise lifecycle.InvalidValues(errors)
        outcome = lifecycle.complete_task(session, found, values, RESIDENT)
    except lifecycle.InvalidValues as invalid:
        context = progress.show(session, found.case, token=token, task_errors=invalid.errors, typed=values)
        return pages.page(request, "portal/progress.html", context, status=422)
    if outcome.incident:
        context = progress.show(session, found.case, token=token, typed=values, problem=_(progress.STUCK))
        return pages.page(request, "portal/progress.html", context, status=422)
    return pages.go(request, f"/r/{token}?done=step")


@router.post("/r/{token}/messages/{name}")
def send_message(
    request: Request, session: Transaction, token: str, name: str, linked_case: Linked, posted: PostedForm
) -> Response:
    """Press one of the resident's buttons, such as withdrawing."""
    offer = actions.offer(session, linked_case, "reporter", name)
    if offer is None:
        raise lifecycle.NotReady(_("已经有人到场或已经办完，不能再撤回。"))
    form = linked_case.definition.form_of(offer.action.form)
    values = forms.parse(form, posted.without("csrf")) if form else {}
    try:
        _count_searches(request, session, values)
    except allowances.MustWait as wait:
        return problems.answer(request, problems.Problem(429, _("请稍等"), str(wait)))
    try:
        outcome = lifecycle.send_message(session, linked_case, offer.subscription.key, name, values, RESIDENT)
    except lifecycle.InvalidValues as invalid:
        refused = actions.Refused(values, invalid.errors)
        context = progress.show(session, linked_case.case, token=token, refused=refused)
        return pages.page(request, "portal/progress.html", context, status=422)
    if outcome.incident:
        return problems.answer(request, problems.Problem(409, _("没有办成"), _(progress.STUCK)))
    return pages.go(request, f"/r/{token}?done={name}")


@router.post("/r/{token}/reminders")
def remind(request: Request, session: Transaction, token: str, linked_case: Linked) -> Response:
    """Ask that it goes on; the workers tell those who have it, whom these pages do not know."""
    tasks = [one for one in queries.tasks_of(session, linked_case.case.id) if one.status == "open"]
    obstacle = reminding.hindered(session, linked_case.case, tasks, RESIDENT, clock.now())
    if obstacle:
        raise lifecycle.NotReady(obstacle)
    jobs.defer(session, [Job("remind", {"case_id": linked_case.case.id, "text": ""})])
    return pages.go(request, f"/r/{token}?done=reminder")


@router.post("/r/{token}/tasks/{task_id}/fields")
def show_step_fields(
    request: Request, session: Transaction, token: str, task_id: int, linked_case: LinkedToRead, posted: PostedForm
) -> Response:
    """The fields of a resident's step that depend on what is being typed, as they are now."""
    tasks = queries.tasks_of(session, linked_case.case.id)
    task = next((one for one in tasks if one.id == task_id and one.status == "open" and one.role == REPORTER), None)
    if task is None:
        raise NotFound(NotFound.__doc__)
    form = linked_case.definition.form_of(task.form)
    if (said := _too_many(request, session, form, posted)) is not None:
        return said
    fields = progress.live_fields(session, linked_case, task, posted.without("csrf"))
    return live_fields(request, fields, photos=f"/r/{token}/attachments/")


@router.post("/r/{token}/messages/{name}/fields")
def show_message_fields(
    request: Request, session: Transaction, name: str, linked_case: LinkedToRead, posted: PostedForm
) -> Response:
    """The same for one of the resident's buttons."""
    offer = actions.offer(session, linked_case, "reporter", name)
    if offer is None:
        raise NotFound(NotFound.__doc__)
    form = linked_case.definition.form_of(offer.action.form)
    if (said := _too_many(request, session, form, posted)) is not None:
        return said
    fields = actions.live_fields(session, linked_case, offer.action, posted.without("csrf"), resident=True)
    return live_fields(request, fields, prefix="w-")


@router.get("/r/{token}/attachments/{attachment_id}")
def show_attachment(
    request: Request, session: Transaction, attachment_id: int, linked_case: Linked, small: bool = False
) -> Response:
    """A photo the resident handed in themselves or has in a form that is not right yet, or one of the result."""
    row = session.get(Attachment, attachment_id) if 0 < attachment_id < 2**62 else None
    if row is None or not progress.may_open(linked_case, row):
        raise NotFound(NotFound.__doc__)
    return file_answer(request, row, small=small)


def _once(posted: Posted) -> str:
    """The form's own token, of which the personal link is made; one too short to be ours is drawn anew."""
    given = posted.get("once")[:40].replace("\0", "")
    return given if len(given) >= SHORTEST_ONCE else secrets.token_urlsafe(12)


def _reported(request: Request, case_id: int, once: str) -> Response:
    return pages.go(request, f"/r/{codes.form_token(case_id, once)}/done")


def _reportable(session: Session, key: str) -> Definition:
    """The procedure residents report with: the one named, or the first there is."""
    for definition in catalogue.all_current(session):
        if REPORTER in definition.file.start.by and key in ("", definition.key):
            return definition
    raise NotFound(_("现在还不能在网上报事，请打社区电话。"))


def _report(
    session: Session,
    key: str,
    where: forms.Sent,
    *,
    typed: dict[str, Any] | None = None,
    errors: tuple[forms.Error, ...] = (),
) -> dict[str, Any]:
    definition = _reportable(session, key)
    form = definition.forms[definition.file.start.form]
    place = opening.place_by_code(session, str(where.get("place") or ""))
    place_errors = tuple(error for error in errors if error.field == "place")
    others = tuple(error for error in errors if error.field != "place")
    return {
        "procedure": definition.key,
        "primary": form.submit or _("报给社区"),
        "about": form.said(form.help, opening.scope(definition, by_staff=False), clock.now()),
        "once": secrets.token_urlsafe(12),
        "place": {"id": place.code, "name": directory.full_name(session, place)} if place else None,
        "place_field": None if place else case_page.place_field(session, ["/"], where, place_errors),
        "kept": uploads.kept_names(session, form, typed or {}, None),
        "fields": _fields(session, definition, place, typed or {}, others),
        "emergency": [(one.name, one.numbers, one.advice) for one in definition.file.emergency],
        "errors": [],
    }


def _fields(
    session: Session,
    definition: Definition,
    place: Unit | None,
    typed: dict[str, Any],
    errors: tuple[forms.Error, ...],
) -> tuple[forms.FieldView, ...]:
    form, now = definition.forms[definition.file.start.form], clock.now()
    options = choices.options_to_start(session, definition, ["/"], place, now, resident=True, typed=typed)
    scope = opening.scope(definition, by_staff=False)
    return forms.view(form, typed, scope, errors, now, options=options)


def _alerts(view: Held) -> list[str]:
    """Warnings that belong to what was reported, such as: call the fire brigade."""
    form = view.definition.forms[view.definition.file.start.form]
    fields = forms.view(form, view.variables, view.variables, now=clock.now())
    return [field.alert for field in fields if field.alert]


def _path(request: Request) -> str:
    return request.url.path.removesuffix("done")
