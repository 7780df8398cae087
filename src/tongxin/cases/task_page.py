"""The contexts of the inbox and the task page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import literal_column, update
from sqlmodel import Session, col

from tongxin import clock, forms, live
from tongxin.cases import actions, choices, drafts, history, limits, naming, queries, sources, uploads, views, wording
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import Outcome
from tongxin.cases.models import Notice, Task
from tongxin.events import Event
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER
from tongxin.words import N_, _, retold


def inbox(
    session: Session, me: Person, scope: queries.Scope, *, q: str, procedure: str, after: str, done: int = 0
) -> dict[str, Any]:
    """Everything the inbox shows. `done`: the task just handed in from it."""
    now = clock.now()
    rows, following = queries.inbox(session, me, scope, now, q=q, procedure=procedure, after=after)
    names = directory.names(session, (row.task.assignee_id for row in rows if row.task.assignee_id))
    known = catalogue.titles(session)
    kept = {"scope": scope} | ({"q": q} if q else {}) | ({"procedure": procedure} if procedure else {})
    return {
        "scope": scope,
        "counts": queries.counts(session, me, now),
        "q": q,
        "procedure": procedure,
        "procedures": [forms.Choice(key, title) for key, title in known.items()],
        "items": [views.inbox_item(row, me.id, names, now, _quick(session, row)) for row in rows],
        "next": following,
        "query": urlencode(kept),
        "seen": queries.seen(session, me, scope, now),
        "flash": _handed_in(session, me, done),
        "unread": queries.unseen(session, me),
    }


def task(
    session: Session,
    me: Person,
    held: Held,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: tuple[forms.Error, ...] = (),
    refused: Mapping[str, actions.Refused] | None = None,
    incident: str | None = None,
) -> dict[str, Any]:
    """Everything the task page shows. `typed`: what was just handed in and refused; `refused`: the same of a button."""
    now, row = clock.now(), held.task
    assert row is not None  # only asked for a task that was found
    form = held.definition.form_of(row.form)
    by_phone = row.role == REPORTER
    mine = row.assignee_id == me.id or by_phone
    names = directory.names(session, [row.assignee_id] if row.assignee_id else [])
    events = queries.events_of(session, held.case.id)
    draft = drafts.load(session, row.id, me.id) if mine and typed is None else None
    scope = {**held.env, **held.seen(row)}
    return {
        "task": {
            "id": str(row.id),
            "name": row.name,
            "title": _("替居民办“{task}”", task=row.name)
            if by_phone
            else (form and form.said(form.title, scope, now)) or row.name,
            "about": form.said(form.help, scope, now) if form else "",
            "due": views.due(row.due_at, now, row.paused_at),
            "derivation_text": limits.explained(held, row),
            "assignee_name": names.get(row.assignee_id or 0),
            "can_claim": row.assignee_id is None and not by_phone,
            "can_release": row.assignee_id == me.id and not row.named,
            "mine": mine,
            "by_phone": by_phone,
        },
        "case": case_head(session, held, now),
        "fields": _fields(session, held, form, scope, draft, typed, errors, now, events),
        "facts": _facts(session, held, now, reveal=mine),
        "photos": views.open_to(session, held.case, held.definition, events, reveal=mine),
        "timeline": history.timeline(session, held.definition, events, reveal=mine),
        "actions": _actions(session, held, me, refused or {}, now),
        "primary": _("记下居民的话") if by_phone else (form and form.submit) or _("提交"),
        "errors": [
            _("没有办成，已告诉管理员：{cause}。您填的内容都还在，问题解决后可以再提交。", cause=retold(incident))
        ]
        if incident
        else [],
        "draft_saved_text": _("草稿 {time}", time=wording.moment(draft.saved_at)) if draft else "",
        "unread": queries.unseen(session, me),
    }


def _quick(session: Session, row: queries.Row) -> str:
    """The words of a button that does a task at once; empty when it has to be opened."""
    if row.task.role == REPORTER or row.task.form is None:
        return ""
    form = catalogue.by_id(session, row.definition_id).form_of(row.task.form)
    return (form.submit or _("提交")) if form is not None and form.quick else ""


def as_shown(session: Session, held: Held) -> forms.Sent:
    """What the task's page would send if nobody had typed anything."""
    row = held.task
    assert row is not None  # only asked for a task that was found
    form = held.definition.form_of(row.form)
    if form is None:
        return forms.Sent()
    scope = {**held.env, **held.seen(row)}
    sent: dict[str, list[str]] = {}
    for one in _fields(session, held, form, scope, None, None, (), clock.now()):
        if one.visible and not one.read_only and not one.table:
            sent[one.name] = list(one.values) or ([one.value] if one.value else [])
    return forms.parse(replace(form, fields=tuple(f for f in form.fields if f.name in sent)), sent)


def _facts(session: Session, held: Held, now: Any, *, reveal: bool) -> list[views.Fact]:
    """Where it is, what was reported and by whom; what later steps said stands in the history beside it."""
    start = held.definition.form_of(held.definition.file.start.form if held.definition.file.start.by else None)
    reported = (
        views.facts(session, held.definition, held.variables, now, reveal=reveal, form=start)
        if start is not None
        else []
    )
    by = directory.names(session, [held.case.opened_by] if held.case.opened_by else [])
    return [
        views.Fact(_("在哪里"), held.area.place_name or held.area.unit_name, "place"),
        *reported,
        views.Fact(_("来历"), _reported(held, by, wording.moment(held.case.opened_at))),
    ]


def _reported(held: Held, names: Mapping[int, str], time: str) -> str:
    name = names.get(held.case.opened_by or 0)
    if REPORTER not in held.definition.file.start.by:
        return _("{time}，{name}发起", time=time, name=name) if name else _("{time}，自动开始", time=time)
    if name:
        return _("{time}，{name}代居民报的", time=time, name=name)
    if held.case.opener.kind == "system":
        return _("{time}，由别的事项转来", time=time)
    return _("{time}，居民自己报的", time=time)


def case_head(session: Session, held: Held, now: Any) -> dict[str, Any]:
    """A case's title line."""
    said = N_("{time} 报") if REPORTER in held.definition.file.start.by else N_("{time} 开始")
    return {
        "id": str(held.case.id),
        "code": held.case.code,
        "title": held.case.title,
        "place": held.area.place_name or held.area.unit_name,
        "opened_text": _(said, time=wording.moment(held.case.opened_at)),
        "urgent": held.case.urgent,
        "colour": wording.colour(held.case.colour),
        "procedure_title": held.definition.file.title,
        "closed": held.case.status == "closed",
    }


def claimed_row(session: Session, me: Person, held: Held) -> dict[str, Any]:
    """The inbox line of a task just claimed."""
    assert held.task is not None  # only asked for a task that was found
    row = queries.row_of(session, held.task.id)
    assert row is not None  # it was locked a moment ago
    session.refresh(row.task)
    return {"item": views.inbox_item(row, me.id, {}, clock.now()), "note": _("已领取，在“我的”里。")}


def live_fields(session: Session, held: Held, posted: Mapping[str, list[str]]) -> Sequence[forms.FieldView]:
    """The fields of the task's form as they are with what is typed so far."""
    assert held.task is not None  # only asked for a task that was found
    form = held.definition.form_of(held.task.form)
    if form is None:
        return ()
    scope = {**held.env, **held.seen(held.task)}
    return _fields(session, held, form, scope, None, forms.parse(form, posted), (), clock.now())


def mark_seen(session: Session, me: Person, held: Held) -> None:
    """Opening a task is having seen its notice."""
    assert held.task is not None  # only asked for a task that was found
    seen = session.execute(
        update(Notice)
        .where(
            col(Notice.task_id) == held.task.id,
            col(Notice.account_id) == me.id,
            col(Notice.seen_at).is_(literal_column("NULL")),
        )
        .values(seen_at=clock.now())
        .returning(col(Notice.id))
    )
    if seen.first() is not None:
        live.changed(session, live.of_account(me.id))


def overtaken(session: Session, me: Person, task_id: int) -> str:
    """What to tell whoever has a task open that somebody else has meanwhile taken or done; else nothing."""
    row = session.get(Task, task_id) if 0 < task_id < 2**62 else None
    if row is None or (row.status == "open" and (row.assignee_id in (None, me.id) or row.role == REPORTER)):
        return ""
    if row.closed_by == me.id:
        return _("这一步您已经办完了，点这里看。")
    who = row.closed_by or row.assignee_id
    if who is None or row.status == "cancelled" or not me.holds(row.role, row.unit_id):
        return _("这一步不用您办了，点这里看。")
    said = (
        N_("{name}已经领取了这一步，点这里看。") if row.status == "open" else N_("{name}已经办完了这一步，点这里看。")
    )
    return _(said, name=directory.names(session, [who])[who])


def next_of(session: Session, me: Person, outcome: Outcome) -> Task | None:
    """The task the same person goes on with, if the case gave them one."""
    for task_id, _name in outcome.opened:
        row = queries.row_of(session, task_id)
        if row is not None and (row.task.assignee_id == me.id or me.holds(row.task.role, row.task.unit_id)):
            return row.task
    return None


def _handed_in(session: Session, me: Person, task_id: int) -> str:
    row = queries.row_of(session, task_id) if 0 < task_id < 2**62 else None
    if row is None or me.id not in (row.task.closed_by, row.task.assignee_id) or row.task.status == "open":
        return ""
    said = N_("“{task}”已提交：{title}") if row.task.closed_by == me.id else N_("“{task}”不用您办了：{title}")
    return _(said, task=row.task.name, title=row.title)


def _fields(
    session: Session,
    held: Held,
    form: forms.Form | None,
    scope: Mapping[str, Any],
    draft: Any,
    typed: Mapping[str, Any] | None,
    errors: tuple[forms.Error, ...],
    now: Any,
    events: Sequence[Event] | None = None,
) -> tuple[forms.FieldView, ...]:
    if form is None:
        return ()
    if typed is None:
        typed = forms.parse(form, draft.fields) if draft else {}
    values = forms.over(held.variables, typed)
    options = choices.options(session, form, held.area, held.case, now, typed=values)
    options |= naming.names(session, _only_shown(form), values)
    options |= uploads.named(session, form, values, held.task.assignee_id if held.task else None)
    told = _sources(session, held, form, values, events)
    return forms.view(form, values, scope, errors=errors, now=now, options=options, sources=told)


def _only_shown(form: forms.Form) -> forms.Form:
    """The part of the form that nobody fills."""
    return replace(form, fields=tuple(one for one in form.fields if not one.is_writable))


def _sources(
    session: Session, held: Held, form: forms.Form, values: Mapping[str, Any], events: Sequence[Event] | None
) -> dict[str, str]:
    """Of the fields that show what the case knows already, where it comes from."""
    known = held.variables
    wanted = [
        one.name for one in form.fields if known.get(one.name) is not None and known[one.name] == values[one.name]
    ]
    if not wanted:
        return {}
    told = queries.events_of(session, held.case.id) if events is None else events
    return sources.of(session, told, wanted, for_residents=REPORTER in held.definition.file.start.by)


def _actions(
    session: Session,
    held: Held,
    me: Person,
    refused: Mapping[str, actions.Refused],
    now: Any,
) -> list[dict[str, Any]]:
    assert held.task is not None  # only asked for a task that was found
    if held.task.assignee_id != me.id:
        return []
    return [
        {
            "name": offer.name,
            "title": offer.action.title,
            "help": offer.action.help,
            "url": f"/tasks/{held.task.id}/messages/{offer.name}",
            "fields": actions.fields(session, held, offer.action, now, refused.get(offer.name), resident=False),
            "danger": True,
            "open": offer.name in refused,
        }
        for offer in actions.offered(session, held.definition, held.case.id, "assignee", held.task)
    ]
