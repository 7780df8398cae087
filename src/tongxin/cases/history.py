"""A case's history in plain words, each event by the version of its procedure it happened in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import decisions
from tongxin.cases import naming, queries, views, wording
from tongxin.engine import Node
from tongxin.events import Event
from tongxin.people import directory
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.words import _, retold

_CONSEQUENCES = {
    "closed",
    "merged",
    "message_sent",
    "case_started",
    "case_handed_over",
    "sent",
    "message_unanswered",
    "decided",
    "clock_paused",
    "clock_resumed",
    "incident",
}  # done by the platform, whoever's step it was


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history."""

    at_text: str
    who: str
    what: str
    opinion: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Names:
    """Who acted, by account; what values name, by version and field."""

    people: Mapping[int, str]
    values: Mapping[int | None, naming.Choices]


def timeline(session: Session, definition: Definition, events: Sequence[Event], *, reveal: bool) -> list[Entry]:
    """A case's history, newest first, with everybody's own words; each event by the version it happened in."""
    told = with_versions(session, definition, events)
    names = _Names(
        directory.names(session, (event.actor_id for event in events if event.actor_id)), _named(session, told)
    )
    return [
        _entry(session, version, event, names, reveal=reveal)
        for event, version in told
        if event.kind != "message_sent" or queries.is_merged_into(session, event.case_id)
    ]


def with_versions(session: Session, definition: Definition, events: Sequence[Event]) -> list[tuple[Event, Definition]]:
    """Events, oldest first in and newest first out; `definition` is the version the case follows now."""
    found = []
    for event in reversed(events):
        found.append((event, definition))
        if event.kind == "case_migrated" and event.details:
            definition = catalogue.by_id(session, event.details["definition"])
    return found


def _named(session: Session, told: Sequence[tuple[Event, Definition]]) -> dict[int | None, naming.Choices]:
    """Version → what all the values in its events name, looked up once."""
    values: dict[int | None, list[Mapping[str, Any]]] = {}
    versions = {version.id: version for _event, version in told}
    for event, version in told:
        details = event.details or {}
        parts = (details.get(part) for part in ("values", "before"))  # of other events `before` is a moment
        values.setdefault(version.id, []).extend(part for part in parts if isinstance(part, dict))
    return {one: naming.names(session, versions[one].facts, *found) for one, found in values.items()}


def _entry(session: Session, definition: Definition, event: Event, names: _Names, *, reveal: bool) -> Entry:
    details = event.details or {}
    what = _what(event.kind, details, definition, by_resident=event.actor_kind == "reporter")
    if event.actor_kind == "system" or event.kind in _CONSEQUENCES:
        kind = "problem" if event.kind == "incident" else "platform"
        return Entry(wording.moment(event.at), "", what, _because(session, definition, event, names, reveal), kind)
    who = names.people.get(event.actor_id or 0) or _("居民")
    named = names.values[definition.id]
    corrected = _corrected(session, definition, details, named, reveal=reveal)
    text = "\n".join(filter(None, (str(details.get("text", "")), corrected)))
    opinion = text or _opinion(session, definition, details, named, reveal=reveal)
    return Entry(wording.moment(event.at), who, what, opinion, "person")


def _because(session: Session, definition: Definition, event: Event, names: _Names, reveal: bool) -> str:
    """What stands below something that nobody did."""
    details = event.details or {}
    if event.kind == "decided":
        return _why(definition, details, reveal=reveal)
    if event.kind == "message_received":
        return _opinion(session, definition, details, names.values[definition.id], reveal=reveal)
    return str(details.get("text", ""))


def _what(kind: str, details: Mapping[str, Any], definition: Definition, *, by_resident: bool) -> str:
    if kind == "limit_recounted":
        return _recounted(details, definition)
    name = details.get("name", "")
    node = definition.process.nodes.get(str(details.get("node", "")))
    timer = node.name if node and node.name else _("到了时限")
    words = {
        "opened": _opened(node, definition, by_resident=by_resident),
        "task_completed": _("{task}（电话代录）", task=name) if details.get("taken_by_phone") else str(name),
        "task_claimed": _("领取“{task}”", task=name),
        "task_released": _("放回“{task}”", task=name),
        "reminded": _("催办"),
        "imported": _("从原来的台账转来"),
        "message_received": str(name or _received(node)),
        "case_started": _("开始另一件：{code}", code=details.get("code", "")),
        "message_unclaimed": _("收到另一件事的消息，已经用不着了"),
        "message_sent": _("结果已告诉并进来的单"),
        "sent": _("发出：{message}", message=node.name if node and node.name else details.get("message", "")),
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
    return words.get(kind) or wording.clocks(kind, details) or wording.by_hand(kind, details) or kind


def _received(node: Node | None) -> str:
    return _("{step}（收到消息）", step=node.name) if node and node.name else _("收到另一件事的消息")


def _why(definition: Definition, details: Mapping[str, Any], *, reveal: bool) -> str:
    """The rules that fired, and what they were asked unless somebody's sensitive data is among it."""
    asked = definition.decisions.get(str(details.get("decision")))
    open_to_all = asked is not None and definition.sensitive.keys().isdisjoint(asked.inputs)
    fields = (field for field in definition.facts.fields if field.choices)
    titles = {field.name: {str(one.value): one.label for one in field.choices} for field in fields}
    return decisions.told(details.get("explanation") or (), with_values=reveal or open_to_all, titles=titles)


def _recounted(details: Mapping[str, Any], definition: Definition) -> str:
    before, after = (wording.moment(datetime.fromisoformat(details[one])) for one in ("before", "after"))
    name = details.get("name") or wording.step_name(str(details.get("node", "")), definition)
    return _("节假日安排有变，“{step}”的期限从{before}改为{after}", step=name, before=before, after=after)


def _opened(node: Node | None, definition: Definition, *, by_resident: bool) -> str:
    if node is not None:
        return _("自动开始：{start}", start=node.name or node.id)
    if REPORTER not in definition.file.start.by:
        return _("发起")
    return _("报事") if by_resident else _("代居民报事")


def _opinion(
    session: Session, definition: Definition, details: Mapping[str, Any], named: naming.Choices, *, reveal: bool
) -> str:
    """What somebody handed in, a line for each field."""
    handed_in = _displayed(session, definition, details.get("values") or {}, named, reveal=reveal)
    return "\n".join(_("{title}：{value}", title=title, value=value) for title, value in handed_in.values() if value)


def _corrected(
    session: Session, definition: Definition, details: Mapping[str, Any], named: naming.Choices, *, reveal: bool
) -> str:
    """What variables were and have become, a line for each."""
    before = _displayed(session, definition, details.get("before") or {}, named, reveal=reveal)
    after = _displayed(session, definition, details.get("values") or {}, named, reveal=reveal) if before else {}
    nothing = _("没有填")
    return "\n".join(
        _("{title}：{old} → {new}", title=title, old=value or nothing, new=after[name][1] or nothing)
        for name, (title, value) in before.items()
    )


def _displayed(
    session: Session, definition: Definition, values: Mapping[str, Any], named: naming.Choices, *, reveal: bool
) -> dict[str, tuple[str, str]]:
    """Variable → its title and what it says, in the dictionary's order; without photos."""
    if not values:
        return {}
    typed = definition.dictionary.decode(values)
    said = views.by_name(session, definition, typed, reveal=reveal, named=named)
    return {
        field.name: (field.title, said.get(field.name, ""))
        for field in definition.facts.fields
        if field.name in typed and field.widget != "photo"
    }
