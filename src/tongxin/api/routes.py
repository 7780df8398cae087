"""API v1."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tongxin import clock, config, files, forms
from tongxin.api import bodies
from tongxin.api.callers import AnyCaller, Staff, case_for, lock_task, may, number
from tongxin.api.replies import Answering
from tongxin.cases import (
    access,
    actions,
    case_routes,
    codes,
    held,
    history,
    ledger_words,
    lifecycle,
    opening,
    privacy,
    queries,
    reminding,
    uploads,
)
from tongxin.cases.models import Case
from tongxin.people import directory
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Transaction
from tongxin.words import _

router = APIRouter(prefix="/api/v1", tags=["v1"], route_class=Answering)
LARGEST_PAGE = 200


@router.post("/cases", status_code=201)
def open_case(session: Transaction, me: Staff, new: bodies.NewCase) -> bodies.CaseOpened:
    """Open a case."""
    definition = catalogue.current(session, new.procedure)
    if not access.may_start(me, definition):
        raise NotFound(NotFound.__doc__)
    place = opening.place_by_code(session, new.unit)
    if place is None or not access.may_start_at(me, definition, place):
        raise directory.NoSuchUnit(_("没有这个地点，或不归您报。请检查 unit。"))
    outcome = opening.open_case(session, opening.at(session, definition, place, new.values), me.actor)
    link = codes.link_token(config.settings().secret, outcome.case_id, 1)
    return bodies.CaseOpened(
        id=str(outcome.case_id), code=outcome.code, status=outcome.status, tasks=bodies.opened(outcome), link=link
    )


@router.get("/tasks")
def list_tasks(
    session: Transaction,
    me: Staff,
    scope: Literal["mine", "open"] = "mine",
    procedure: str = "",
    limit: int = queries.PAGE,
    after: str = "",
) -> bodies.TaskList:
    """Tasks given to the caller (`mine`), or free for one of the caller's posts (`open`); what is due first, first."""
    wanted = min(max(limit, 1), LARGEST_PAGE)
    rows, following = queries.inbox(session, me, scope, clock.now(), procedure=procedure, after=after, limit=wanted)
    return bodies.TaskList(items=[bodies.task_item(row.task) for row in rows], next=following)


@router.get("/tasks/{task_id}/form")
def show_form(session: Transaction, caller: AnyCaller, task_id: str) -> bodies.TaskForm:
    """The JSON Schema of what the task's completion takes as values."""
    found = held.to_read(session, number(task_id), clock.now())
    if found is None or found.task is None or not may(caller, found):
        raise NotFound(NotFound.__doc__)
    form = found.definition.form_of(found.task.form)
    return bodies.TaskForm(values=forms.schema(form) if form else None)


@router.post("/tasks/{task_id}/claim")
def claim_task(request: Request, session: Transaction, task_id: str) -> bodies.TaskItem:
    """Take a task for oneself."""
    called = lock_task(request, session, task_id)
    lifecycle.claim_task(session, called.held, called.staff.id)
    return _task_now(session, called.id)


@router.post("/tasks/{task_id}/release")
def release_task(request: Request, session: Transaction, task_id: str) -> bodies.TaskItem:
    """Put a claimed task back."""
    called = lock_task(request, session, task_id)
    lifecycle.release_task(session, called.held, called.staff.id)
    return _task_now(session, called.id)


@router.post("/tasks/{task_id}/completion")
def complete_task(
    request: Request, session: Transaction, task_id: str, completion: bodies.Completion
) -> bodies.Stepped:
    """Complete a task with its form's values."""
    called = lock_task(request, session, task_id)
    outcome = lifecycle.complete_task(
        session, called.held, completion.values, called.caller.actor, taken_by_phone=called.is_by_phone
    )
    return bodies.stepped(outcome)


@router.post("/tasks/{task_id}/messages/{name}")
def send_message(
    request: Request, session: Transaction, task_id: str, name: str, completion: bodies.Completion
) -> bodies.Stepped:
    """Send one of the messages a task's holder may send, such as giving it back."""
    called = lock_task(request, session, task_id)
    offer = actions.offer(session, called.held, "assignee", name)
    if offer is None or called.row.assignee_id != called.staff.id:
        raise lifecycle.NotReady(lifecycle.NotReady.__doc__)
    outcome = lifecycle.send_message(
        session, called.held, offer.subscription.key, name, completion.values, called.caller.actor
    )
    return bodies.stepped(outcome)


@router.post("/cases/{case_id}/reminders")
def remind_of_case(session: Transaction, caller: AnyCaller, case_id: str, reminder: bodies.Reminder) -> bodies.Reminded:
    """Ask those who have a case that it goes on; nothing in it moves."""
    case = _case(session, caller, case_id)
    found = held.by_case(session, case.id, clock.now())
    assert found is not None  # it was just found
    return bodies.Reminded(told=reminding.remind(session, found, reminder.text, caller.actor))


@router.post("/cases/{case_id}/withdrawal")
def withdraw_case(
    session: Transaction, caller: AnyCaller, case_id: str, completion: bodies.Completion
) -> bodies.Stepped:
    """Withdraw a case: its resident, or staff who may report for residents there; one that staff open, who did."""
    found = held.by_case(session, number(case_id), clock.now())
    if found is None or not (
        found.case.id == caller.case_id
        or (caller.person and access.may_withdraw(caller.person, found.definition, found.case, found.area.nearest))
    ):
        raise NotFound(NotFound.__doc__)
    offers = actions.offered(session, found.definition, found.case.id, "reporter")
    if not offers:
        raise lifecycle.NotReady(_("已经有人到场或已经办完，不能再撤回。"))
    offer = offers[0]
    outcome = lifecycle.send_message(
        session, found, offer.subscription.key, offer.name, completion.values, caller.actor
    )
    return bodies.stepped(outcome)


@router.get("/cases/{case_id}")
def show_case(session: Transaction, caller: AnyCaller, case_id: str) -> bodies.CaseView:
    """A case by id or code. Its resident sees neither the ledger nor what others have to do.

    Sensitive values in the ledger are masked for staff who neither have the case in hand nor answer for it.
    """
    case = _case(session, caller, case_id)
    definition = catalogue.by_id(session, case.definition_id)
    tasks = queries.tasks_of(session, case.id)
    reveal = caller.person is not None and case_routes.reads_sensitive(session, caller.person, case)
    if caller.person is None:  # the ledger names people and says what offices wrote for themselves
        return bodies.case_view(case, definition.key, [task for task in tasks if task.role == REPORTER], {})
    (ledger,) = ledger_words.told(session, definition, [case.ledger], reveal=reveal)
    return bodies.case_view(case, definition.key, tasks, ledger)


@router.get("/cases/{case_id}/events")
def list_events(session: Transaction, caller: AnyCaller, case_id: str) -> bodies.EventList:
    """A case's history. A resident sees no details: they may hold what others wrote for themselves.

    Sensitive values are left out for staff who may see the case but neither have it in hand nor answer for it.
    """
    case = _case(session, caller, case_id)
    events = queries.events_of(session, case.id)
    items = [bodies.event_item(event) for event in events]
    if caller.person is None:
        items = [item.model_copy(update={"details": None}) for item in items]
    elif not case_routes.reads_sensitive(session, caller.person, case):
        told = history.with_versions(session, catalogue.by_id(session, case.definition_id), events)
        plain = [privacy.without_sensitive(version, event.details, case.variables) for event, version in told[::-1]]
        items = [item.model_copy(update={"details": one}) for item, one in zip(items, plain, strict=True)]
    return bodies.EventList(items=items)


@router.post("/attachments", status_code=201)
def upload(request: Request, session: Transaction, caller: AnyCaller, posted: PostedForm) -> bodies.AttachmentView:
    """Upload one file as multipart/form-data, field `file`; use its id in a photo field."""
    given = [one for some in posted.files.values() for one in some]
    if len(given) != 1:
        raise files.FileRefused(_("请用 multipart/form-data 上传一个文件，字段名 file。"))
    content = files.read_any(given[0].name, given[0].content)
    row = uploads.keep(session, request.app.state.store, content, caller.actor.account_id)
    return bodies.AttachmentView(id=str(row.id), name=row.name, media_type=row.media_type, size=row.size)


@router.get("/attachments/{attachment_id}")
def download(request: Request, session: Transaction, me: Staff, attachment_id: str) -> Response:
    """A file of a case the caller may see."""
    return case_routes.show_attachment(request, session, me, number(attachment_id))


def _case(session: Any, caller: Any, id_or_code: str) -> Case:
    if id_or_code.isascii() and id_or_code.isdecimal():
        case = queries.case_by_id(session, number(id_or_code))
    else:
        case = queries.case_by_code(session, id_or_code[:60])
    seen = case is not None and caller.person is not None and case_routes.visible(session, caller.person, case)
    return case_for(caller, case, seen)


def _task_now(session: Any, task_id: int) -> bodies.TaskItem:
    row = queries.row_of(session, task_id)
    if row is None:
        raise NotFound(NotFound.__doc__)
    session.refresh(row.task)
    return bodies.task_item(row.task)
