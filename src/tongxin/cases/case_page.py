"""The contexts of a case's page and of the form that opens one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from sqlmodel import Session

from tongxin import clock, config, forms
from tongxin.cases import (
    access,
    actions,
    choices,
    codes,
    diagram_marks,
    family_page,
    history,
    limits,
    links,
    opening,
    publicity,
    queries,
    reminding,
    uploads,
    views,
    wording,
)
from tongxin.cases.held import Area, Held, deviations, shared
from tongxin.cases.models import Case, Subscription, Task, Timer
from tongxin.cases.task_page import case_head
from tongxin.forms.widgets.places import levels_of
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition, parameters_for
from tongxin.words import N_, _, retold, role_title

PLACE = forms.load(
    "place",
    {
        "type": "object",
        "title": N_("在哪里"),
        "required": ["place"],
        "properties": {
            "place": {
                "$ref": "../data.json#/properties/place",
                "x-widget": "place",
                "x-level": ["building", "community"],
            }
        },
    },
    forms.Dictionary({"properties": {"place": {"type": "string", "title": N_("在哪里"), "format": "place"}}}),
)
_NOWHERE: Mapping[str, Any] = MappingProxyType({})


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


def start_index(session: Session, me: Person) -> dict[str, Any]:
    """What this person may open; and of the rest, who may."""
    known = catalogue.all_current(session)
    mine = [one for one in known if access.may_start(me, one)]
    return {
        "procedures": [{"key": one.key, "title": one.file.title, "about": one.file.description} for one in mine],
        "others": [
            {"title": one.file.title, "by": _("、").join(role_title(role) for role in one.file.start.by)}
            for one in known
            if one not in mine and one.file.start.by
        ],
        "unread": queries.unseen(session, me),
    }


def start(
    session: Session,
    me: Person,
    definition: Definition,
    *,
    typed: Mapping[str, Any] | None = None,
    place: Mapping[str, Any] = _NOWHERE,
    errors: tuple[forms.Error, ...] = (),
    about: Case | None = None,
) -> dict[str, Any]:
    """The form that opens a case, for somebody who opens it for a resident, or about another case."""
    form = definition.forms[definition.file.start.form]
    scope = opening.scope(definition, by_staff=True)
    if about is not None and typed is None:
        unit, where = queries.units_of(session, about)
        typed = {str(definition.file.start.about): f"{about.code} {about.title}"}
        place = forms.Sent({"place": (where or unit).code})
    return {
        "procedure": {
            "key": definition.key,
            "title": form.said(form.title, scope, clock.now()) or definition.file.title,
            "help": form.said(form.help, scope, clock.now()),
            "about": definition.file.description,
        },
        "place": place_field(
            session, _reach(me, definition), place, tuple(one for one in errors if one.field == "place")
        ),
        "fields": start_fields(
            session, me, definition, typed or {}, place, tuple(one for one in errors if one.field != "place")
        ),
        "once": secrets.token_urlsafe(12),
        "errors": [],
        "unread": queries.unseen(session, me),
        "about": {"id": about.id, "title": about.title, "code": about.code} if about else None,
        "primary": form.submit if about or REPORTER not in definition.file.start.by else _("代居民报上去"),
    }


def start_fields(
    session: Session,
    me: Person,
    definition: Definition,
    typed: Mapping[str, Any],
    place: Mapping[str, Any],
    errors: tuple[forms.Error, ...] = (),
) -> tuple[forms.FieldView, ...]:
    """The fields of the form that opens a case, but for the place. `place`: of `placed`."""
    now = clock.now()
    chosen = opening.place_by_code(session, str(place.get("place") or ""))
    if chosen is not None and not access.may_start_at(me, definition, chosen):
        chosen = None
    form = definition.forms[definition.file.start.form]
    options = choices.options_to_start(session, definition, _reach(me, definition), chosen, now, typed=typed)
    options |= uploads.named(session, form, typed, me.id)
    scope = opening.scope(definition, by_staff=True)
    return forms.view(form, typed, scope, errors, now, options=options)


def live_start(
    session: Session, me: Person, definition: Definition, posted: Mapping[str, list[str]]
) -> list[forms.FieldView]:
    """The form that opens a case as it is with what is typed so far."""
    typed = forms.parse(definition.forms[definition.file.start.form], posted)
    where = placed(posted)
    fields = list(start_fields(session, me, definition, typed, where))
    return [place_field(session, _reach(me, definition), where, ()), *fields] if where.finds["place"] else fields


def _reach(me: Person, definition: Definition) -> list[str]:
    return [post.reach for post in me.posts if post.role in definition.file.start.by]


def placed(posted: Mapping[str, list[str]]) -> forms.Sent:
    """What a page that opens a case says of the place."""
    return forms.parse(PLACE, posted)


def place_field(
    session: Session, paths: Sequence[str], place: Mapping[str, Any], errors: tuple[forms.Error, ...]
) -> forms.FieldView:
    """Where it is, among the communities and buildings below these paths."""
    offered = choices.offered_places(session, "place", paths, levels_of(PLACE.fields[0].schema), place)
    field = forms.view(PLACE, place, {}, errors, clock.now(), options={"place": offered})[0]
    return replace(field, title=_(field.title))


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
