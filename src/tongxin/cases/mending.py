"""What an administrator does about what is stuck: let it be tried again, or note that it is settled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tongxin import clock, engine, jobs
from tongxin.cases import access, held, incidents, lifecycle, queries, save
from tongxin.cases.held import Held
from tongxin.cases.models import Incident, Task, Timer
from tongxin.events import REPORTER, Actor, Happening
from tongxin.jobs import Job
from tongxin.people import directory, identity
from tongxin.people.identity import Person
from tongxin.procedures import definition
from tongxin.words import _

PATIENCE = timedelta(minutes=15)  # longer than five tries of a call take
_UNDELIVERED = text("""
    SELECT DISTINCT args FROM procrastinate_jobs
    WHERE task_name = 'deliver_message' AND status IN ('todo', 'failed')
      AND args->>'case_id' = CAST(:case AS text) AND args->>'message' = :message
""")


class NotRetryable(Exception):
    """这个故障现在不能重试。请刷新页面看最新的情况。"""


class NotSettled(Exception):
    """这个故障不能只记一笔了结：事情还卡在这里。请先解决原因，再重试。"""


class NoteMissing(Exception):
    """请写明是怎么处理的。"""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done now. `button` is empty where nothing can be retried; `says` tells who has to act then."""

    says: str
    button: str = ""
    can_settle: bool = True
    retry: Callable[[Session, Held, Incident, Actor], str | None] | None = None


def by_incident(session: Session, incident_id: int, now: datetime) -> tuple[Held, Incident] | None:
    """An incident with its case (and the task it is about), locked."""
    row = session.get(Incident, incident_id)
    if row is None:
        return None
    found = held.by_task(session, row.task_id, now) if row.task_id else held.by_case(session, row.case_id, now)
    session.refresh(row, with_for_update=True)  # only now, as every step locks the case before its incidents
    return (found, row) if found else None


def remedy(session: Session, view: Held, incident: Incident, now: datetime) -> Remedy:
    """What can be done about an incident; `view` need not be locked for looking."""
    if incident.resolved_at is not None:
        return Remedy("", can_settle=False)
    kind = incident.kind or ("timer" if _held_timers(session, incident) else "")  # an earlier release did not say
    finder = _REMEDIES.get(kind)
    if finder is None:
        return Remedy(_("请让办这一步的人重新办一次；已经不用办的，写明情况后了结。"))
    return finder(session, view, incident, now)


def following(session: Session, incident: Incident) -> Incident:
    """The incident a retry has led to: the same, or that of another cause at the same place."""
    here = (col(Incident.case_id) == incident.case_id, col(Incident.node) == incident.node)
    waiting = select(Incident).where(*here, col(Incident.resolved_at).is_(None)).order_by(col(Incident.id).desc())
    return session.exec(waiting).first() or incident


def retry(session: Session, view: Held, incident: Incident, by: Actor) -> str | None:
    """Let what failed be tried again; returns why it is still stuck, None when it went on or is under way.

    Raises NotRetryable, and lifecycle's refusals when what was handed in does not fit any more.
    """
    chosen = remedy(session, view, incident, clock.now())
    if chosen.retry is None:
        raise NotRetryable(chosen.says or NotRetryable.__doc__)
    session.execute(update(Incident).where(col(Incident.id) == incident.id).values(retried_at=clock.now()))
    return chosen.retry(session, view, incident, by)


def settle(session: Session, view: Held, incident: Incident, note: str, by: Actor) -> None:
    """Close an incident that nothing waits for any more, with a note on how; raises NoteMissing or NotSettled."""
    if not note.strip():
        raise NoteMissing(NoteMissing.__doc__)
    if not remedy(session, view, incident, clock.now()).can_settle:
        raise NotSettled(NotSettled.__doc__ if incident.resolved_at is None else _("这个故障已经了结了。"))
    values = {"resolved_at": clock.now(), "settled_by": by.account_id, "note": note.strip()}
    session.execute(update(Incident).where(col(Incident.id) == incident.id).values(**values))
    details = {"node": incident.node, "text": note.strip()}
    save.record(session, view.case, [Happening("incident_settled", details)], by, clock.now())


def _of_task(session: Session, view: Held, incident: Incident, now: datetime) -> Remedy:
    task = view.task
    if task is None or task.status != "open":
        return Remedy(_("这一步已经办过，或不再需要办了。写明情况就可以了结。"))
    giver = _giver(session, incident, now)
    who = giver.name if isinstance(giver, Person) else _("居民")
    if giver is None or (isinstance(giver, Person) and not _may_still(giver, view, task)):
        name = directory.names(session, [incident.by_id or 0]).get(incident.by_id or 0, _("原来的人"))
        return Remedy(_("{name}现在不能办这一步了。请移交给别人，由接手的人重新办。", name=name))
    return Remedy(
        _("{name}填的内容都留着。原因解决后，可以照原样替{name}再提交一次，也可以请{name}自己再办。", name=who),
        _("照原样再提交"),
        retry=_hand_in_again,
    )


def _under_way(incident: Incident, now: datetime) -> Remedy | None:
    """A retry that a worker is about to make; one of which nothing was heard for long may be begun anew."""
    if incident.retried_at is None or now - incident.retried_at > PATIENCE:
        return None
    return Remedy(_("已经让它重新执行，一般几秒到几分钟有结果。请稍后刷新。"), can_settle=False)


def _of_timer(session: Session, _view: Held, incident: Incident, now: datetime) -> Remedy:
    if not _held_timers(session, incident):
        waits = any(one.node == incident.node for one in queries.timers_of(session, incident.case_id))
        going = _under_way(incident, now) if waits else None
        if going is not None:
            return going
        return Remedy(_("这个计时已经不用执行了。写明情况就可以了结。"))
    return Remedy(
        _("到时自动处理没有成功，计时停在这里。原因解决后让它重新执行。"),
        _("重新执行计时"),
        can_settle=False,
        retry=_release,
    )


def _of_call(_session: Session, view: Held, incident: Incident, now: datetime) -> Remedy:
    if engine.live_nodes(view.case.state).get(incident.key or 0) != incident.node:
        return Remedy(_("流程已经不等这次调用了。写明情况就可以了结。"))
    return _under_way(incident, now) or Remedy(
        _("外部系统多次没有办成，流程停在这里等。对方恢复后重新调用，内容不变。"),
        _("重新调用外部系统"),
        can_settle=False,
        retry=_call_again,
    )


def _of_message(session: Session, view: Held, incident: Incident, now: datetime) -> Remedy:
    if incident.by_kind == "system":
        if not _undelivered(session, incident):
            return Remedy(_("这条消息已经不用再送了。写明情况就可以了结。"))
        return _under_way(incident, now) or Remedy(
            _("另一件事送来的消息没有送进来，系统会自己再试。原因解决后可以马上再送。"),
            _("再送一次"),
            retry=_send_again,
        )
    giver, waits = _giver(session, incident, now), _still_waits(session, incident)
    if not waits or giver is None or (isinstance(giver, Person) and not _may_still_press(giver, view)):
        return Remedy(_("请想这样做的人在页面上再点一次；已经不用的，写明情况后了结。"))
    who = giver.name if isinstance(giver, Person) else _("居民")
    return Remedy(
        _("{name}填的内容都留着。原因解决后，可以照原样替{name}再提交一次，也可以请{name}自己再办。", name=who),
        _("照原样再提交"),
        retry=_press_again,
    )


def _of_start(_session: Session, _view: Held, incident: Incident, now: datetime) -> Remedy:
    return _under_way(incident, now) or Remedy(
        _("这一件发出的消息要开始另一件事，没有开成。原因解决后可以让它重新开始，只会开一件。"),
        _("重新开始"),
        retry=_begin_again,
    )


def _hand_in_again(session: Session, view: Held, incident: Incident, by: Actor) -> str | None:
    assert view.task is not None  # the remedy saw it open
    giver = _giver(session, incident, clock.now())
    task_id, by_phone = view.task.id, isinstance(giver, Person) and view.task.role == definition.REPORTER
    again = _noted(session, view, incident, by, task_id)
    values = again.definition.dictionary.decode(incident.input)
    actor = giver.actor if isinstance(giver, Person) else REPORTER
    return lifecycle.complete_task(session, again, values, actor, taken_by_phone=by_phone).incident


def _press_again(session: Session, view: Held, incident: Incident, by: Actor) -> str | None:
    giver = _giver(session, incident, clock.now())
    again = _noted(session, view, incident, by, view.task.id if view.task else None)
    values = again.definition.dictionary.decode(incident.input)
    actor = giver.actor if isinstance(giver, Person) else REPORTER
    return lifecycle.send_message(session, again, incident.key or 0, incident.node, values, actor).incident


def _release(session: Session, view: Held, incident: Incident, by: Actor) -> None:
    for timer in _held_timers(session, incident):
        incidents.release_timer(session, view.case, timer, by)
        session.refresh(view.case)


def _call_again(session: Session, view: Held, incident: Incident, by: Actor) -> None:
    _noted(session, view, incident, by, None)
    args = {"case_id": view.case.id, "key": incident.key, "node": incident.node}
    given = {"action": incident.input["action"], "input": incident.input["input"]}
    jobs.defer(session, [Job("call_connector", {**args, **given})])


def _send_again(session: Session, view: Held, incident: Incident, by: Actor) -> None:
    _noted(session, view, incident, by, None)
    jobs.defer(session, [Job("deliver_message", args) for args in _undelivered(session, incident)])


def _begin_again(session: Session, view: Held, incident: Incident, by: Actor) -> None:
    _noted(session, view, incident, by, None)
    jobs.defer(session, [Job("open_case", {**incident.input, "case_id": view.case.id})])


def _noted(session: Session, view: Held, incident: Incident, by: Actor, task_id: int | None) -> Held:
    """Who let it be tried again goes into the history first; the case as it is then."""
    happening = Happening("incident_retried", {"node": incident.node}, task_id)
    save.record(session, view.case, [happening], by, clock.now())
    now = clock.now()
    again = held.by_task(session, task_id, now) if task_id else held.by_case(session, view.case.id, now)
    assert again is not None  # it is locked
    return again


def _giver(session: Session, incident: Incident, now: datetime) -> Person | Actor | None:
    """Who handed in what failed: somebody with today's posts, the resident, or nobody who can be told."""
    if incident.by_kind == "reporter":
        return REPORTER
    return identity.by_account(session, incident.by_id, now) if incident.by_id else None


def _may_still(giver: Person, view: Held, task: Task) -> bool:
    return access.may_do(giver, view) and (task.assignee_id in (None, giver.id) or task.role == definition.REPORTER)


def _may_still_press(giver: Person, view: Held) -> bool:
    if view.task is not None:
        return view.task.status == "open" and view.task.assignee_id == giver.id
    return access.may_speak_for_resident(giver, view.definition, view.area.nearest)


def _still_waits(session: Session, incident: Incident) -> bool:
    waiting = queries.subscriptions_of(session, incident.case_id)
    return any((one.key, one.message) == (incident.key, incident.node) for one in waiting)


def _held_timers(session: Session, incident: Incident) -> list[Timer]:
    waiting = queries.timers_of(session, incident.case_id)
    return [one for one in waiting if one.held and one.node == incident.node]


def _undelivered(session: Session, incident: Incident) -> list[dict[str, Any]]:
    parameters = {"case": incident.case_id, "message": incident.node}
    return list(session.connection().execute(_UNDELIVERED, parameters).scalars())


_REMEDIES: Mapping[str, Callable[[Session, Held, Incident, datetime], Remedy]] = {
    "task": _of_task,
    "timer": _of_timer,
    "call": _of_call,
    "message": _of_message,
    "start": _of_start,
}
