"""The context of a case's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlmodel import Session

from tongxin import clock, config
from tongxin.cases import (
    access,
    actions,
    codes,
    diagram_marks,
    family_page,
    history,
    limits,
    links,
    publicity,
    queries,
    reminding,
    views,
    wording,
)
from tongxin.cases.held import Area, Held, deviations, shared
from tongxin.cases.models import Case, Subscription, Task, Timer
from tongxin.cases.task_page import case_head
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition, parameters_for
from tongxin.words import _, retold, role_title


@dataclass(frozen=True, slots=True)
class Waits:
    """The moments and messages a case waits for."""

    timers: Sequence[Timer]
    messages: Sequence[Subscription]

    @classmethod
    def of(cls, session: Session, case: Case) -> Self:
        """Looked up once for everything a page says of them."""
        return cls(queries.timers_of(session, case.id), queries.subscriptions_of(session, case.id))

    @property
    def all(self) -> list[Timer | Subscription]:
        """The next moment first, then the messages."""
        return [*self.timers, *self.messages]


def show(
    session: Session, me: Person, case: Case, base_url: str, *, refused: actions.Refused | None = None
) -> dict[str, Any]:
    """Everything the case page shows. `refused`: a withdrawal that was handed in and is not right yet."""
    now = clock.now()
    view = unlocked(session, case, now)
    definition, tasks = view.definition, queries.tasks_of(session, case.id)
    waiting = [task for task in tasks if task.status == "open"]
    waits = Waits.of(session, case)
    reveal = access.may_read_sensitive(me, definition, view.area.path, tasks, case)
    events = queries.events_of(session, case.id)
    return {
        "case": case_head(session, view, now),
        "length": case.chain_length,
        "sentence": views.sentence(session, case, tasks, definition, now, waits.all),
        "limit": _limit(view, waiting, now),
        "stopped": _stopped(case),
        "my_task": _my_task(session, me, view, waiting),
        "timeline": history.timeline(session, definition, events, reveal=reveal),
        "data": views.facts(session, definition, view.variables, now, reveal=reveal),
        "attachments": views.open_to(session, case, definition, events, reveal=reveal),
        "diagram": diagram(definition, case, waiting, waits),
        "watched": _watched(session, me, view, waiting, waits, now),
        "links": family_page.rows(session, me, case),
        "share": share_text(view, base_url, now),
        "personal_link": _personal(session, me, case, base_url),
        "notices": views.notice_rows(queries.notices_of(session, case.id)),
        "incidents": [
            {
                "text": retold(one.cause),
                "advice": _("这件事停在原处，没有丢。管理员处理后可以继续。"),
                "url": f"/monitor/incidents/{one.id}" if access.may_mend(me, view.area.path) else None,
            }
            for one in queries.incidents_of(session, case.id)
        ],
        "publication": publicity.card(session, me, view, now),
        "withdrawal": _withdrawal(session, me, view, refused, now),
        "starts": _starts(session, me, view),
        "reminder": _reminder(session, me, view, waiting, now),
        "unread": queries.unseen(session, me),
    }


def diagram(definition: Definition, case: Case, waiting: Sequence[Task], waits: Waits) -> dict[str, Any]:
    """A case's tokens on its diagram: where it stands, and the way it took."""
    listening = [one.node for one in waits.messages] + [one.node for one in waits.timers]
    return {
        "url": f"/cases/{case.id}/diagram.bpmn?version={definition.version}",  # kept for a day: each version its own
        "current": diagram_marks.standing_at(definition, case, waiting, listening),
        "visited": diagram_marks.way_taken(definition, case),
    }


def unlocked(session: Session, case: Case, now: datetime) -> Held:
    """A case to look at, with what expressions read; not locked, so not for changing."""
    unit, place = queries.units_of(session, case)
    definition = catalogue.by_id(session, case.definition_id)
    area = Area.of(unit, place)
    parameters = parameters_for(definition, deviations(session, definition.key, unit.path, now))
    return Held(case, None, None, area, definition, parameters, shared(session, definition, lock=False))


def share_text(view: Held, base_url: str, now: datetime) -> str | None:
    """The text to post back into the chat group, once there is a result."""
    scope = {**view.env, **view.variables, "link": f"{_base(base_url)}/follow/{codes.bare(view.case.code)}"}
    definition = view.definition
    if definition.share is None or definition.share_when.evaluate(scope, now) is not True:
        return None
    return definition.share.fill(scope, now)


def personal_link(session: Session, me: Person, case: Case, base_url: str) -> str | None:
    """The resident's own link, for those who may speak for residents there; None for everybody else."""
    definition = catalogue.by_id(session, case.definition_id)
    unit, place = queries.units_of(session, case)
    if not access.may_speak_for_resident(me, definition, (place or unit).path):
        return None
    return address_of(links.of(session, case), base_url)


def address_of(token: str, base_url: str) -> str:
    """The personal link with this token."""
    return f"{_base(base_url)}/r/{token}"


def _base(base_url: str) -> str:
    return (config.settings().public_url or base_url).rstrip("/")


def _personal(session: Session, me: Person, case: Case, base_url: str) -> dict[str, str] | None:
    if REPORTER not in catalogue.by_id(session, case.definition_id).file.start.by:
        return None  # no resident's case
    link = personal_link(session, me, case, base_url)
    return {"url": link, "qr_url": f"/cases/{case.id}/link.svg"} if link else None


def _withdrawal(
    session: Session, me: Person, view: Held, refused: actions.Refused | None, now: datetime
) -> dict[str, Any] | None:
    """The button of whoever reported, for those who may press it."""
    if not access.may_withdraw(me, view.definition, view.case, view.area.nearest):
        return None
    offer = next(iter(actions.offered(session, view.definition, view.case.id, REPORTER)), None)
    if offer is None:
        return None
    return {
        "title": offer.action.title,
        "for_resident": REPORTER in view.definition.file.start.by,
        "help": offer.action.help,
        "fields": actions.fields(session, view, offer.action, now, refused, resident=False),
        "open": refused is not None,
    }


def _starts(session: Session, me: Person, view: Held) -> list[dict[str, str]]:
    """What this person may open about the case."""
    return [
        {"title": one.file.title, "url": f"/cases/start/{one.key}?about={view.case.id}"}
        for one in catalogue.all_current(session)
        if one.file.start.about and one.key != view.definition.key and access.may_start_near(me, one, view.area.path)
    ]


def _reminder(
    session: Session, me: Person, view: Held, waiting: Sequence[Task], now: datetime
) -> dict[str, Any] | None:
    """The button that asks for the case to go on, or why not now; nothing where only this person has it."""
    if view.case.status != "open" or all(task.assignee_id == me.id for task in waiting):
        return None
    return {
        "url": f"/cases/{view.case.id}/reminders",
        "why_not": reminding.hindered(session, view.case, list(waiting), me.actor, now),
        "said": _("催过 {n} 次", n=view.case.reminders) if view.case.reminders else "",
        "longest": reminding.LONGEST,
    }


def _limit(view: Held, waiting: Sequence[Task], now: datetime) -> dict[str, Any] | None:
    timed = [task for task in waiting if task.due_at or task.paused_at]
    first = min(timed, key=lambda task: (task.due_at is None, task.due_at or task.paused_at or now), default=None)
    if first is None:
        return None
    return {
        "due": views.due(first.due_at, now, first.paused_at),
        "derivation": limits.explained(view, first),
    }


def _stopped(case: Case) -> str:
    if case.paused_at is None or case.status != "open":
        return ""
    return _("管理员从 {time} 起停了表，所有时限都不走。", time=wording.moment(case.paused_at))


def _watched(
    session: Session, me: Person, view: Held, waiting: Sequence[Task], waits: Waits, now: datetime
) -> dict[str, Any] | None:
    """What an administrator sees besides: moments and messages the case waits for, tasks to hand over."""
    if not access.may_mend(me, view.area.path):
        return None
    names = directory.names(session, (task.assignee_id for task in waiting if task.assignee_id))
    return {
        "timers": [
            {
                "name": wording.step_name(timer.node, view.definition) or timer.node,
                "due": views.due(timer.due_at, now, timer.paused_at),
                "at_text": "" if timer.paused_at else wording.moment(timer.due_at),
                "held": timer.held,
            }
            for timer in waits.timers
        ],
        "stopped": view.case.paused_at is not None,
        "messages": [wording.step_name(one.message, view.definition) for one in waits.messages],
        "tasks": [
            {"id": str(task.id), "name": task.name, "who": names.get(task.assignee_id or 0) or role_title(task.role)}
            for task in waiting
            if task.role != REPORTER
        ],
    }


def _my_task(session: Session, me: Person, view: Held, waiting: Sequence[Task]) -> dict[str, str] | None:
    for task in waiting:
        held = Held(view.case, task, None, view.area, view.definition, view.parameters)
        if access.may_do(me, held) and task.assignee_id in (None, me.id):
            name = _("替居民{what}", what=task.name) if task.role == REPORTER else task.name
            return {"id": str(task.id), "name": name}
    return None
