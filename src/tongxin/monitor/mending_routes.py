"""Pages that mend: incidents, and tasks to hand over."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tongxin import clock
from tongxin.cases import access, case_page, handover, held, mending, queries
from tongxin.cases.held import Held
from tongxin.cases.models import Incident
from tongxin.monitor import stuck_pages
from tongxin.monitor.reach import Administrator
from tongxin.procedures.definition import REPORTER
from tongxin.web import pages
from tongxin.web.guards import NotFound
from tongxin.web.posted import PostedForm
from tongxin.web.transactions import Committing, Transaction
from tongxin.words import _

router = APIRouter(route_class=Committing)
Found = tuple[Held, Incident]


def _incident_to_read(incident_id: int, session: Transaction, reach: Administrator) -> Found:
    """An incident of this administrator's units with its case, not locked; else 404."""
    row = session.get(Incident, incident_id) if 0 < incident_id < 2**62 else None
    case = queries.case_by_id(session, row.case_id) if row else None
    if row is None or case is None:
        raise NotFound(NotFound.__doc__)
    view = stuck_pages.with_task(session, case_page.unlocked(session, case, clock.now()), row.task_id)
    return _theirs(reach, (view, row))


IncidentToRead = Annotated[Found, Depends(_incident_to_read)]


def _incident(incident_id: int, session: Transaction, reach: Administrator) -> Found:
    """The same, locked."""
    found = mending.by_incident(session, incident_id, clock.now()) if 0 < incident_id < 2**62 else None
    return _theirs(reach, found)


LockedIncident = Annotated[Found, Depends(_incident)]


def _theirs(reach: Administrator, found: Found | None) -> Found:
    if found is None or not access.may_mend(reach.person, found[0].area.path):
        raise NotFound(NotFound.__doc__)
    return found


def _task_to_read(task_id: int, session: Transaction, reach: Administrator) -> Held:
    return _theirs_to_hand_over(reach, held.to_read(session, task_id, clock.now()) if 0 < task_id < 2**62 else None)


def _task(task_id: int, session: Transaction, reach: Administrator) -> Held:
    return _theirs_to_hand_over(reach, held.by_task(session, task_id, clock.now()) if 0 < task_id < 2**62 else None)


TaskToHandOver = Annotated[Held, Depends(_task_to_read)]
LockedTask = Annotated[Held, Depends(_task)]


def _theirs_to_hand_over(reach: Administrator, found: Held | None) -> Held:
    if found is None or found.task is None or not access.may_mend(reach.person, found.area.path):
        raise NotFound(NotFound.__doc__)
    return found


@router.get("/monitor/incidents")
def list_incidents(
    request: Request,
    session: Transaction,
    reach: Administrator,
    resolved: bool = False,
    before: int | None = None,
) -> Response:
    """What is stuck, or was."""
    context = stuck_pages.incidents(session, reach, resolved=resolved, before=before)
    return pages.page(request, "monitor/incidents.html", context)


@router.get("/monitor/incidents/{incident_id}")
def show_incident(request: Request, session: Transaction, reach: Administrator, found: IncidentToRead) -> Response:
    """One incident."""
    return pages.page(request, "monitor/incident.html", stuck_pages.incident(session, reach, *found))


@router.post("/monitor/incidents/{incident_id}/retry")
def retry_incident(request: Request, session: Transaction, reach: Administrator, found: LockedIncident) -> Response:
    """Let what failed be tried again."""
    view, incident = found
    failed = mending.retry(session, view, incident, reach.person.actor)
    if failed is None:
        return pages.go(request, f"/monitor/incidents/{incident.id}")
    session.expire_all()
    again = _incident_to_read(mending.following(session, incident).id, session, reach)
    context = stuck_pages.incident(session, reach, *again, failed=failed)
    return pages.page(request, "monitor/incident.html", context, status=409)


@router.post("/monitor/incidents/{incident_id}/settlement")
def settle_incident(
    request: Request, session: Transaction, reach: Administrator, found: LockedIncident, posted: PostedForm
) -> Response:
    """Note that an incident is settled."""
    note = posted.get("note")[:500]
    try:
        mending.settle(session, *found, note, reach.person.actor)
    except mending.NoteMissing:
        context = stuck_pages.incident(session, reach, *found, error=_(str(mending.NoteMissing.__doc__)), note=note)
        return pages.page(request, "monitor/incident.html", context, status=422)
    return pages.go(request, f"/monitor/incidents/{found[1].id}")


@router.get("/monitor/handovers")
def list_handovers(request: Request, session: Transaction, reach: Administrator, after: int | None = None) -> Response:
    """Tasks that wait for people who have left."""
    return pages.page(request, "monitor/handovers.html", stuck_pages.handovers(session, reach, after))


@router.get("/monitor/tasks/{task_id}/handover")
def show_handover(request: Request, session: Transaction, reach: Administrator, task: TaskToHandOver) -> Response:
    """The form that hands a task over; a finished one leads to its case."""
    if task.task is None or task.task.status != "open" or task.task.role == REPORTER:
        return pages.go(request, f"/cases/{task.case.id}")
    return pages.page(request, "monitor/handover.html", stuck_pages.handing_over(session, reach, task))


@router.post("/monitor/tasks/{task_id}/handover")
def hand_over_task(
    request: Request, session: Transaction, reach: Administrator, task: LockedTask, posted: PostedForm
) -> Response:
    """Hand a task over."""
    to, reason = posted.get("to"), posted.get("reason")[:300]
    errors = _unfit(to, reason)
    if not errors:
        try:
            chosen = None if to == handover.POOL else int(to)
            handover.hand_over(session, task, chosen, reason, reach.person.actor)
            return pages.go(request, f"/cases/{task.case.id}")
        except handover.NotTheirs as refusal:
            errors = {"to": _(str(refusal))}
    context = stuck_pages.handing_over(session, reach, task, to=to, reason=reason, errors=errors)
    return pages.page(request, "monitor/handover.html", context, status=422)


def _unfit(to: str, reason: str) -> dict[str, str]:
    """What is missing in the form."""
    errors = {}
    if to != handover.POOL and not (to.isascii() and to.isdecimal() and len(to) < 19):
        errors["to"] = _("请选择移交给谁。")
    if not reason.strip():
        errors["reason"] = _(str(handover.ReasonMissing.__doc__))
    return errors
