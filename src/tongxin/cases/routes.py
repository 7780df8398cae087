"""Pages of case handlers: the inbox and a task. Cases themselves are in `case_routes`."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from tongxin import clock, forms
from tongxin.cases import access, actions, drafts, held, lifecycle, queries, task_page, uploads
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.cases.signed_out import StillSignedIn
from tongxin.people.identity import Person
from tongxin.people.signed_in import SignedIn
from tongxin.procedures.definition import REPORTER
from tongxin.web import pages, problems
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm, posted_with
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)


def my_task(task_id: int, session: Transaction, me: SignedIn) -> Held:
    """The task with its case, locked, if it is this person's to see; else 404."""
    return _mine(me, held.by_task(session, task_id, clock.now()) if 0 < task_id < 2**62 else None)


MyTask = Annotated[Held, Depends(my_task)]


def task_to_read(task_id: int, session: Transaction, me: SignedIn) -> Held:
    """The same, not locked: looking and keeping a draft hold nobody up."""
    return _mine(me, held.to_read(session, task_id, clock.now()) if 0 < task_id < 2**62 else None)


TaskToRead = Annotated[Held, Depends(task_to_read)]


def _mine(me: Person, found: Held | None) -> Held:
    if found is None or not access.may_do(me, found):
        raise NotFound(NotFound.__doc__)
    return found


@router.get("/tasks")
def show_inbox(
    request: Request,
    session: Transaction,
    me: SignedIn,
    scope: queries.Scope = "mine",
    q: str = "",
    procedure: str = "",
    after: str = "",
    done: int = 0,
) -> Response:
    """The inbox."""
    return pages.page(
        request,
        "tasks/index.html",
        task_page.inbox(session, me, scope, q=q, procedure=procedure, after=after, done=done),
    )


@router.get("/tasks/{task_id}")
def show_task(request: Request, session: Transaction, me: SignedIn, task: TaskToRead) -> Response:
    """A task with its form; a finished one leads to its case."""
    if task.task is None or task.task.status != "open":
        return pages.go(request, f"/cases/{task.case.id}")
    task_page.mark_seen(session, me, task)
    context = task_page.task(session, me, task)
    return pages.page(request, "tasks/show.html", context, block="task" if pages.is_htmx(request) else None)


@router.post("/tasks/{task_id}/claim")
def claim_task(request: Request, session: Transaction, me: SignedIn, task_id: int, task: MyTask) -> Response:
    """Take a task for oneself."""
    lifecycle.claim_task(session, task, me.id)
    if not pages.is_htmx(request):
        return pages.go(request, f"/tasks/{task_id}")
    if request.headers.get("hx-target", "").startswith("li"):
        return pages.page(request, "tasks/_row.html", task_page.claimed_row(session, me, task))
    mine = my_task(task_id, session, me)
    return pages.page(request, "tasks/show.html", task_page.task(session, me, mine), block="task")


@router.post("/tasks/{task_id}/release")
def release_task(request: Request, session: Transaction, me: SignedIn, task: MyTask) -> Response:
    """Put a claimed task back."""
    lifecycle.release_task(session, task, me.id)
    return pages.go(request, "/tasks")


@router.post("/tasks/{task_id}/draft")
def save_draft(session: Transaction, me: SignedIn, task: TaskToRead, posted: PostedForm) -> JSONResponse:
    """Keep what is being typed; answers when."""
    assert task.task is not None  # MyTask found it
    if task.task.status != "open":
        raise lifecycle.NotReady(lifecycle.NotReady.__doc__)
    now = clock.now()
    fields = posted.without("csrf")
    kept = drafts.save(session, task.task.id, me.id, fields, now)
    said = _("已保存草稿 {time}", time=f"{now:%H:%M}") if kept else _("内容太多，草稿没有保存")
    return JSONResponse({"saved": said})


@router.post("/tasks/{task_id}/fields")
def show_fields(request: Request, session: Transaction, me: SignedIn, task: TaskToRead, posted: PostedForm) -> Response:
    """The fields that depend on what is being typed, as they are now."""
    assert task.task is not None  # TaskToRead found it
    if task.task.status != "open":
        raise lifecycle.NotReady(lifecycle.NotReady.__doc__)
    return live_fields(request, task_page.live_fields(session, task, posted.without("csrf")))


@router.post("/tasks/{task_id}/messages/{name}/fields")
def show_message_fields(
    request: Request, session: Transaction, me: SignedIn, task: TaskToRead, name: str, posted: PostedForm
) -> Response:
    """The same for the form of another button."""
    offer = actions.offer(session, task, "assignee", name)
    if offer is None:
        raise NotFound(NotFound.__doc__)
    fields = actions.live_fields(session, task, offer.action, posted.without("csrf"), resident=False)
    return live_fields(request, fields, prefix=f"a-{name}-")


@router.post("/tasks/{task_id}/completion")
def complete_task(
    request: Request, session: Transaction, me: StillSignedIn, task: MyTask, posted: PostedForm
) -> Response:
    """Hand in a task's form."""
    assert task.task is not None  # MyTask found it
    form = task.definition.form_of(task.task.form)
    values = forms.parse(form, posted.without("csrf")) if form else {}
    errors = _take_files(request, session, me.id, form, posted, values)
    by_phone = task.task.role == REPORTER
    try:
        if errors:
            raise lifecycle.InvalidValues(errors)
        outcome = lifecycle.complete_task(session, task, values, me.actor, taken_by_phone=by_phone)
    except lifecycle.InvalidValues as invalid:
        return _form_again(request, session, me, task, posted, invalid.errors, values)
    if outcome.incident:
        return _form_again(request, session, me, task, posted, (), values, incident=outcome.incident)
    drafts.drop(session, task.task.id)
    return pages.go(request, _onward(request, task.task.id, outcome.case_id, task_page.next_of(session, me, outcome)))


@router.post("/tasks/{task_id}/quick")
def complete_at_once(
    request: Request, session: Transaction, me: SignedIn, task: MyTask, posted: PostedForm
) -> Response:
    """Hand in a form in which nothing has to be filled, from the list."""
    assert task.task is not None  # MyTask found it
    form = task.definition.form_of(task.task.form)
    if form is None or not form.quick or task.task.role == REPORTER:
        raise NotFound(NotFound.__doc__)
    outcome = lifecycle.complete_task(session, task, task_page.as_shown(session, task), me.actor)
    if outcome.incident:
        return problems.stuck(request, outcome.incident)
    drafts.drop(session, task.task.id)
    if pages.is_htmx(request):
        done = {"what": form.submit or task.task.name, "title": task.case.title, "case_id": task.case.id}
        return pages.page(request, "tasks/_done_row.html", done)
    kept = {name: value for name, value in parse_qsl(posted.get("back")) if name in ("scope", "q", "procedure")}
    return pages.go(request, "/tasks?" + urlencode({**kept, "done": task.task.id}))


@router.post("/tasks/{task_id}/messages/{name}")
def send_message(
    request: Request, session: Transaction, me: SignedIn, task: MyTask, name: str, posted: PostedForm
) -> Response:
    """Press one of the other buttons of a task, such as giving it back."""
    assert task.task is not None  # MyTask found it
    offer = actions.offer(session, task, "assignee", name)
    if offer is None or task.task.assignee_id != me.id:
        raise lifecycle.NotReady(_("现在不能这样做了，这件事已有变化。请回到待办再看。"))
    form = task.definition.form_of(offer.action.form)
    values = forms.parse(form, posted.without("csrf")) if form else {}
    try:
        outcome = lifecycle.send_message(session, task, offer.subscription.key, name, values, me.actor)
    except lifecycle.InvalidValues as invalid:
        context = task_page.task(session, me, task, refused={name: actions.Refused(values, invalid.errors)})
        return pages.page(request, "tasks/show.html", context, status=422)
    if outcome.incident:
        return problems.stuck(request, outcome.incident)
    return pages.go(request, f"/tasks?done={task.task.id}")


def live_fields(
    request: Request, fields: Sequence[forms.FieldView], *, photos: Any = "/attachments/", prefix: str = "f-"
) -> Response:
    """Those that depend on others, drawn as on the page that asks for them."""
    finding = posted_with(request).get(":finding")
    context = {"fields": fields, "photos": photos, "prefix": prefix, "finding": finding}
    return pages.page(request, "macros/_live.html", context)


def _onward(request: Request, done: int, case_id: int, following: Task | None) -> str:
    """Where to go on: the next step or the case; back to the list when the task was open beside it."""
    here = urlsplit(request.headers.get("hx-current-url", ""))
    if here.path != "/tasks":
        return f"/tasks/{following.id}" if following else f"/cases/{case_id}"
    kept = {name: value for name, value in parse_qsl(here.query) if name in ("scope", "q", "procedure")}
    if following is not None:
        kept = {"scope": "mine" if following.assignee_id else "open", "task": str(following.id)}
    return "/tasks?" + urlencode({**kept, "done": done})


def _take_files(
    request: Request, session: Any, account_id: int, form: forms.Form | None, posted: Any, values: dict[str, Any]
) -> tuple[forms.Error, ...]:
    if form is None:
        return ()
    return uploads.take_files(session, request.app.state.store, form, posted.uploads(), values, account_id)


def _form_again(
    request: Request,
    session: Any,
    me: Any,
    task: Held,
    posted: Any,
    errors: tuple[forms.Error, ...],
    values: dict[str, Any],
    *,
    incident: str | None = None,
) -> Response:
    """The form with what was typed still in it; new photos stay, since this answer commits."""
    context = task_page.task(session, me, task, typed=values, errors=errors, incident=incident)
    block = "task" if pages.is_htmx(request) else None
    return pages.page(request, "tasks/show.html", context, block=block, status=422)
