"""The contexts of a case's page and of the form that opens one."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import clock, config, forms
from tongxin.cases import access, actions, codes, limits, queries, views
from tongxin.cases.held import Area, Held, deviations
from tongxin.cases.models import Case, Task
from tongxin.cases.task_page import case_head
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition, parameters_for

PLACE = forms.load(
    "place",
    {
        "type": "object",
        "title": "在哪里",
        "required": ["place"],
        "properties": {"place": {"$ref": "../data.json#/properties/place", "x-widget": "place"}},
    },
    forms.Dictionary({"properties": {"place": {"type": "string", "title": "在哪里", "format": "place"}}}),
)
LINK_KINDS = {"merged": ("并入", "并进来的"), "child": ("派生自", "派生的"), "referred": ("转自", "转往")}


def show(
    session: Session, me: Person, case: Case, base_url: str, *, withdrawal_errors: tuple[forms.Error, ...] = ()
) -> dict[str, Any]:
    """Everything the case page shows."""
    now = clock.now()
    view = unlocked(session, case, now)
    definition, tasks = view.definition, queries.tasks_of(session, case.id)
    waiting = [task for task in tasks if task.status == "open"]
    reveal = access.may_read_sensitive(me, definition, view.area.path, tasks, case)
    speaks = access.may_speak_for_resident(me, definition, view.area.nearest)
    withdraw = next(iter(actions.offered(session, definition, case.id, REPORTER)), None) if speaks else None
    return {
        "case": case_head(session, view, now),
        "sentence": views.sentence(session, case, tasks, definition, now),
        "limit": _limit(view, waiting, now),
        "my_task": _my_task(session, me, view, waiting),
        "timeline": views.timeline(session, definition, queries.events_of(session, case.id), reveal=reveal),
        "data": views.facts(session, definition, view.variables, now, reveal=reveal),
        "attachments": views.photos(queries.attachments_of(session, case.id)),
        "diagram": {
            "url": f"/cases/{case.id}/diagram.bpmn",
            "current": _standing_at(session, definition, case, waiting),
            "visited": _way_taken(definition, case),
        },
        "links": _links(session, case),
        "share": share_text(view, base_url, now),
        "personal_link": _personal(session, me, case, base_url),
        "notices": views.notice_rows(queries.notices_of(session, case.id)),
        "incidents": [
            {"text": one.cause, "advice": "这件事停在原处，没有丢。管理员处理后可以继续。"}
            for one in queries.incidents_of(session, case.id)
        ],
        "withdrawal": withdraw
        and {
            "title": withdraw.action.title,
            "help": withdraw.action.help,
            "fields": actions.fields(definition, withdraw.action, {}, now, withdrawal_errors),
            "open": bool(withdrawal_errors),
        },
        "unread": queries.unseen(session, me),
    }


def start(
    session: Session,
    me: Person,
    definition: Definition,
    *,
    typed: Mapping[str, Any] | None = None,
    place: str = "",
    errors: tuple[forms.Error, ...] = (),
) -> dict[str, Any]:
    """The form that opens a case, for somebody who opens it for a resident."""
    now = clock.now()
    form = definition.forms[definition.file.start.form]
    reach = [post.reach for post in me.posts if post.role in definition.file.start.by]
    values = dict(typed or {})
    return {
        "procedure": {
            "key": definition.key,
            "title": form.title or definition.file.title,
            "about": definition.file.description,
        },
        "place": place_field(places_below(session, reach), place, [one for one in errors if one.field == "place"]),
        "fields": forms.view(
            form,
            values,
            {"case": {"by_staff": True}, **values},
            now=now,
            errors=tuple(e for e in errors if e.field != "place"),
        ),
        "once": secrets.token_urlsafe(12),
        "errors": [],
        "unread": queries.unseen(session, me),
        "primary": "代居民报上去",
    }


def places_below(session: Session, paths: Sequence[str]) -> list[Unit]:
    """Where these posts may report for."""
    return [unit for path in dict.fromkeys(paths) for unit in directory.places(session, path)]


def place_field(places: Sequence[Unit], chosen: str, errors: Sequence[forms.Error]) -> forms.FieldView:
    """The place picker: buildings under their community."""
    labels = {unit.id: unit.name for unit in places}
    picked = [
        forms.Choice(
            unit.code,
            unit.name if unit.level == "building" else f"{unit.name}（公共地方）",
            labels.get(_community(unit), unit.name),
        )
        for unit in places
        if unit.level in ("building", "community")
    ]
    return forms.view(PLACE, {"place": chosen}, {}, errors, clock.now(), options={"place": picked})[0]


def unlocked(session: Session, case: Case, now: datetime) -> Held:
    """A case to look at, with what expressions read; not locked, so not for changing."""
    unit, place = queries.units_of(session, case)
    definition = catalogue.by_id(session, case.definition_id)
    area = Area.of(unit, place)
    parameters = parameters_for(definition, deviations(session, definition.key, unit.path, now))
    return Held(case, None, None, area, definition, parameters)


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
    return link_of(case, base_url)


def link_of(case: Case, base_url: str) -> str:
    """The resident's own link to a case."""
    token = codes.link_token(config.settings().secret, case.id, case.link_version)
    return f"{_base(base_url)}/r/{token}"


def _base(base_url: str) -> str:
    return (config.settings().public_url or base_url).rstrip("/")


def _personal(session: Session, me: Person, case: Case, base_url: str) -> dict[str, str] | None:
    link = personal_link(session, me, case, base_url)
    return {"url": link, "qr_url": f"/cases/{case.id}/link.svg"} if link else None


def _limit(view: Held, waiting: Sequence[Task], now: datetime) -> dict[str, Any] | None:
    first = min((task for task in waiting if task.due_at), key=lambda task: task.due_at or now, default=None)
    if first is None or first.due_at is None:
        return None
    return {
        "due": views.due(first.due_at, now),
        "derivation": limits.explained(view, first),
    }


def _my_task(session: Session, me: Person, view: Held, waiting: Sequence[Task]) -> dict[str, str] | None:
    for task in waiting:
        held = Held(view.case, task, None, view.area, view.definition, view.parameters)
        if access.may_do(me, held) and task.assignee_id in (None, me.id):
            name = f"替居民{task.name}" if task.role == REPORTER else task.name
            return {"id": str(task.id), "name": name}
    return None


def _standing_at(session: Session, definition: Definition, case: Case, waiting: Sequence[Task]) -> list[str]:
    """Open tasks, and events in the way that wait for a message."""
    nodes = definition.process.nodes
    awaited = {one.node for one in queries.subscriptions_of(session, case.id) if nodes[one.node].attached_to is None}
    return sorted({task.node for task in waiting} | awaited)


def _way_taken(definition: Definition, case: Case) -> list[str]:
    """What was visited, without the frames around it: a frame marked as a whole hides the way inside."""
    frames = {scope for node in definition.process.nodes.values() for scope in node.scope}
    return [one for one in case.visited if one not in frames]


def _links(session: Session, case: Case) -> list[dict[str, str]]:
    found = []
    for link, other in queries.links_of(session, case.id):
        outward, inward = LINK_KINDS.get(link.kind, ("相关", "相关"))
        kind = outward if link.from_id == case.id else inward
        found.append({"id": str(other.id), "kind_text": kind, "title": other.title, "code": other.code})
    return found


def _community(unit: Unit) -> int:
    """The id of the community a building stands in: its path is …/community/grid/building/ or …/community/building/."""
    ids = directory.ids_of(unit.path)
    return ids[-3] if unit.level == "building" and len(ids) >= 3 else ids[-1]
