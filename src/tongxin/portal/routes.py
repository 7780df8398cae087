"""What residents do by their personal link."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session

from tongxin import clock, forms, jobs
from tongxin.cases import actions, case_page, held, lifecycle, queries, reminding, uploads
from tongxin.cases.case_routes import file_answer
from tongxin.cases.held import Held
from tongxin.cases.models import Attachment, Case
from tongxin.cases.routes import live_fields
from tongxin.events import REPORTER as RESIDENT
from tongxin.jobs import Job
from tongxin.portal import allowances, passes, progress, report
from tongxin.portal.allowances import PhotosWait
from tongxin.procedures.definition import REPORTER
from tongxin.web import pages, problems
from tongxin.web.guards import NotFound, require_same_origin
from tongxin.web.posted import Posted, PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)


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


def _too_many(request: Request, session: Session, form: forms.Form | None, posted: Posted) -> Response | None:
    """The answer to somebody who looks through the places too often."""
    try:
        allowances.spend_searches(request, session, *([forms.parse(form, posted.without("csrf"))] if form else []))
    except allowances.MustWait as wait:
        return PlainTextResponse(str(wait), 429)
    return None


@router.get("/r/{token}/done")
def show_done(request: Request, session: Transaction, token: str, linked_case: Linked) -> Response:
    """The code, large, and the personal link."""
    case = linked_case.case
    link = case_page.address_of(token, str(request.base_url))
    emergency = report.alerts(linked_case)
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
        allowances.spend_searches(request, session, values)
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
        allowances.spend_searches(request, session, values)
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


def _path(request: Request) -> str:
    return request.url.path.removesuffix("done")
