"""What the pages of tasks and cases show, made of rows: facts, history, the sentence of state."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import held, history, queries, wording
from tongxin.cases.models import Attachment, Case, Notice, Task
from tongxin.engine import Node
from tongxin.events import Event
from tongxin.forms.masks import masked
from tongxin.people import directory
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.words import N_, _, retold, role_title

_CONSEQUENCES = {
    "closed",
    "merged",
    "message_sent",
    "sent",
    "message_unanswered",
    "decided",
    "incident",
}  # done by the platform, whoever's step it was


@dataclass(frozen=True, slots=True)
class DueView:
    """A due chip: words, and which of its looks."""

    at: datetime
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known."""

    title: str
    value: str
    kind: str = "text"
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history."""

    at_text: str
    who: str
    what: str
    opinion: str
    kind: str


@dataclass(frozen=True, slots=True)
class Photo:
    """An attachment as a picture or a file."""

    id: str
    url: str
    thumb_url: str
    name: str


def due(due_at: datetime | None, now: datetime) -> DueView | None:
    """The chip for a due time."""
    if due_at is None:
        return None
    local = due_at.astimezone(clock.LOCAL)
    return DueView(local, wording.remaining(due_at, now), wording.due_state(due_at, now))


def facts(
    session: Session,
    definition: Definition,
    variables: Mapping[str, Any],
    now: datetime,
    *,
    reveal: bool,
    form: forms.Form | None = None,
) -> list[Fact]:
    """Every variable that has a value, or those of one form; sensitive ones masked unless `reveal`."""
    form = form or definition.facts
    options = _names_for(session, form, variables)
    fields = forms.view(form, variables, variables, now=now, options=options, reveal=reveal)
    return [
        Fact(
            field.title,
            _display(field, variables),
            field.widget,
            f"tel:{field.value}" if reveal and field.widget == "phone" else None,
        )
        for field in fields
        if field.display and field.widget != "photo"
    ]


def by_name(session: Session, definition: Definition, variables: Mapping[str, Any], *, reveal: bool) -> dict[str, str]:
    """Variable → what it says, sensitive ones masked unless `reveal`; only those that say something."""
    options = _names_for(session, definition.facts, variables)
    fields = forms.view(definition.facts, variables, variables, now=clock.now(), options=options, reveal=reveal)
    return {field.name: _display(field, variables) for field in fields if field.display}


def photos(attachments: Iterable[Attachment], base: str = "/attachments/") -> list[Photo]:
    """Attachments as the pages show them."""
    return [Photo(str(one.id), f"{base}{one.id}", f"{base}{one.id}?small=1", one.name) for one in attachments]


def timeline(session: Session, definition: Definition, events: Sequence[Event], *, reveal: bool) -> list[Entry]:
    """A case's history, newest first, with everybody's own words; each event by the version it happened in."""
    names = directory.names(session, (event.actor_id for event in events if event.actor_id))
    return [
        _entry(session, version, event, names, reveal=reveal)
        for event, version in history.with_versions(session, definition, events)
        if event.kind != "message_sent" or _is_followed(session, event.case_id)
    ]


def sentence(session: Session, case: Case, tasks: Sequence[Task], definition: Definition, now: datetime) -> str:
    """What a case waits for, who has it, and until when."""
    if case.status == "closed":
        node = definition.process.nodes.get(case.outcome or "")
        ending = node.name if node and node.name else _("办结")
        return _("{ending}（{time}）。", ending=ending, time=wording.moment(case.closed_at or now))
    waiting = [task for task in tasks if task.status == "open"]
    calls = sorted(definition.process.nodes[node].name or node for node in held.calls_under_way(definition, case))
    if not waiting and calls:
        return _("正在等外部系统办“{steps}”。", steps=_("、").join(calls))
    if not waiting:
        return _("正在等另一件事的结果。")
    names = directory.names(session, (task.assignee_id for task in waiting if task.assignee_id))
    parts = [_waiting(task, names.get(task.assignee_id or 0) or role_title(task.role)) for task in waiting[:3]]
    if len(waiting) > 3:
        parts.append(_("还有 {n} 步", n=len(waiting) - 3))
    said = _("；").join(parts) + _("。")
    return said[0].upper() + said[1:]


def _waiting(task: Task, who: str) -> str:
    given = task.role == REPORTER or task.assignee_id
    if task.due_at is None:
        return _(N_("等{who}“{task}”") if given else N_("等{who}领取“{task}”"), who=who, task=task.name)
    said = N_("等{who}“{task}”，{time} 前") if given else N_("等{who}领取“{task}”，{time} 前")
    return _(said, who=who, task=task.name, time=wording.moment(task.due_at))


def notice_rows(rows: Iterable[tuple[Notice, str]]) -> list[dict[str, str]]:
    """What was sent to whom, and whether it was seen."""
    return [
        {
            "to": name,
            "text": notice.text,
            "state": "seen"
            if notice.seen_at
            else "sent"
            if notice.sent_at
            else "failed"
            if notice.failed
            else "not_sent",
            "at_text": wording.moment(notice.seen_at or notice.sent_at or notice.created_at),
        }
        for notice, name in rows
    ]


def inbox_item(row: queries.Row, person_id: int, names: Mapping[int, str], now: datetime) -> dict[str, Any]:
    """An inbox line as the template wants it."""
    task = row.task
    other = names.get(task.assignee_id or 0) if task.assignee_id != person_id else None
    return {
        "id": str(task.id),
        "case_id": str(task.case_id),
        "code": row.code,
        "title": row.title,
        "name": task.name,
        "procedure_title": row.procedure_title,
        "place": row.place,
        "from_text": _("居民自报") if row.reported_by_resident else _("代录"),
        "opened_text": _("{time} 到", time=wording.moment(task.opened_at)),
        "due": due(task.due_at, now) if task.status == "open" else None,
        "urgent": row.urgent,
        "assignee_name": other,
        "claimable": task.status == "open" and task.assignee_id is None,
    }


def ledger(session: Session, definition: Definition, written: Mapping[str, Any], *, reveal: bool) -> dict[str, Any]:
    """A case's ledger with people and cases by name where a column holds nothing but such a variable.

    Unless `reveal`, what a column makes of sensitive values is masked: in part where it is nothing but one.
    """
    shown = dict(written)
    sensitive = {} if reveal else definition.sensitive
    for column, expression in definition.ledger.items():
        read = expression.names & sensitive.keys()
        if read and written.get(column) is not None:
            kind = sensitive[next(iter(read))] if len(read) == 1 and expression.source.strip() in read else "hidden"
            shown[column] = masked(kind, str(written[column]))
            continue
        field = definition.facts.by_name.get(expression.source.strip().removeprefix("=").strip())
        if field is not None and field.widget in ("person", "case"):
            choices = _names_for(session, definition.facts, {field.name: written.get(column)}).get(field.name)
            shown[column] = choices[0].label if choices else written.get(column)
    return shown


def _entry(session: Session, definition: Definition, event: Event, names: Mapping[int, str], *, reveal: bool) -> Entry:
    details = event.details or {}
    what = _what(event.kind, details, definition, by_resident=event.actor_kind == "reporter")
    if event.actor_kind == "system" or event.kind in _CONSEQUENCES:
        kind = "problem" if event.kind == "incident" else "platform"
        return Entry(wording.moment(event.at), "", what, str(details.get("text", "")), kind)
    who = names.get(event.actor_id or 0) or _("居民")
    corrected = _corrected(session, definition, details, reveal=reveal)
    text = "\n".join(filter(None, (str(details.get("text", "")), corrected)))
    opinion = text or _opinion(session, definition, details, reveal=reveal)
    return Entry(wording.moment(event.at), who, what, opinion, "person")


def _is_followed(session: Session, case_id: int) -> bool:
    """Whether other cases were merged into this one, so that telling them is worth a line."""
    return any(link.to_id == case_id and link.kind == "merged" for link, _case in queries.links_of(session, case_id))


def _what(kind: str, details: Mapping[str, Any], definition: Definition, *, by_resident: bool) -> str:
    name = details.get("name", "")
    node = definition.process.nodes.get(str(details.get("node", "")))
    timer = node.name if node and node.name else _("到了时限")
    words = {
        "opened": _opened(node, by_resident=by_resident),
        "task_completed": _("{task}（电话代录）", task=name) if details.get("taken_by_phone") else str(name),
        "task_claimed": _("领取“{task}”", task=name),
        "task_released": _("放回“{task}”", task=name),
        "message_received": str(name or _("收到另一张单的消息")),
        "message_unclaimed": _("收到另一张单的消息，已经用不着了"),
        "message_sent": _("结果已告诉并进来的单"),
        "sent": _("发出：{message}", message=details.get("message", "")),
        "message_unanswered": _("发出的“{message}”没有流程在等", message=details.get("message", "")),
        "decided": _("按决策表判断：{step}", step=wording.step_name(str(details.get("node", "")), definition)),
        "timer_fired": _("{step}（到时自动处理）", step=timer),
        "timer_released": _("重新执行：{step}", step=timer),
        "incident_retried": _("重试：{step}", step=wording.step_name(str(details.get("node", "")), definition)),
        "incident_settled": _("了结故障：{step}", step=wording.step_name(str(details.get("node", "")), definition)),
        "merged": _("并入 {code}", code=details.get("into", "")),
        "closed": str(name or _("结束")),
        "incident": _("卡住了：{cause}", cause=retold(str(details.get("cause", "")))),
        "effect_resolved": _("外部系统已答复"),
        "result_published": _("公示办理结果（提醒过，已核对）") if details.get("confirmed") else _("公示办理结果"),
        "result_taken_down": _("从公示栏撤下办理结果"),
    }
    return words.get(kind) or wording.by_hand(kind, details) or kind


def _opened(node: Node | None, *, by_resident: bool) -> str:
    if node is not None:
        return _("自动开始：{start}", start=node.name or node.id)
    return _("报事") if by_resident else _("代居民报事")


def _opinion(session: Session, definition: Definition, details: Mapping[str, Any], *, reveal: bool) -> str:
    """What somebody handed in, a line for each field."""
    handed_in = _displayed(session, definition, details.get("values") or {}, reveal=reveal)
    return "\n".join(_("{title}：{value}", title=title, value=value) for title, value in handed_in.values() if value)


def _corrected(session: Session, definition: Definition, details: Mapping[str, Any], *, reveal: bool) -> str:
    """What variables were and have become, a line for each."""
    before = _displayed(session, definition, details.get("before") or {}, reveal=reveal)
    after = _displayed(session, definition, details.get("values") or {}, reveal=reveal) if before else {}
    nothing = _("没有填")
    return "\n".join(
        _("{title}：{old} → {new}", title=title, old=value or nothing, new=after[name][1] or nothing)
        for name, (title, value) in before.items()
    )


def _displayed(
    session: Session, definition: Definition, values: Mapping[str, Any], *, reveal: bool
) -> dict[str, tuple[str, str]]:
    """Variable → its title and what it says, in the dictionary's order; without photos."""
    if not values:
        return {}
    typed = definition.dictionary.decode(values)
    said = by_name(session, definition, typed, reveal=reveal)
    return {
        field.name: (field.title, said.get(field.name, ""))
        for field in definition.facts.fields
        if field.name in typed and field.widget != "photo"
    }


def _display(field: forms.FieldView, values: Mapping[str, Any]) -> str:
    """A value as people say it; moments as everywhere on these pages."""
    value = values.get(field.name)
    return wording.moment(value) if isinstance(value, datetime) else field.display


def _names_for(session: Session, form: forms.Form, values: Mapping[str, Any]) -> dict[str, Sequence[forms.Choice]]:
    """People and cases named in values, as choices, so that a view shows names instead of ids."""
    found: dict[str, Sequence[forms.Choice]] = {}
    for field in form.fields:
        value = values.get(field.name)
        if not isinstance(value, str) or not value.isdecimal():
            continue
        if field.widget == "person":
            names = directory.names(session, [int(value)])
            found[field.name] = [forms.Choice(value, names.get(int(value), _("已不在册")))]
        elif field.widget == "case":
            case = queries.case_by_id(session, int(value))
            found[field.name] = [forms.Choice(value, f"{case.code} {case.title}" if case else _("找不到"))]
    return found
