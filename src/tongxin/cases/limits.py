"""How a task's limit came about, in plain words."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tongxin import calendar
from tongxin.cases import wording
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.feel import FeelError, duration
from tongxin.words import _, together

_PARAMETER = re.compile(r"\bparameters\.(\w+)")


def explained(view: Held, task: Task) -> str:
    """From when, how long, which setting says so; empty for a task without a limit."""
    facts = task.derivation
    if not facts or task.due_at is None:
        return ""
    until = wording.moment(task.due_at)
    match facts.get("rule"):
        case "elapsed":
            length = str(facts["add"])
            said = _(
                "从 {start} 起算 {length}，到 {until}。", **_from(facts), length=wording.iso_length(length), until=until
            )
            return together(said, _setting(view, task, _span(length)))
        case "service_hours":
            length = str(facts["duration"])
            said = _(
                "从 {start} 起算 {length}，只数每天 {opens}–{closes}，到 {until}。",
                **_from(facts),
                length=wording.iso_length(length),
                opens=facts["opens"],
                closes=facts["closes"],
                until=until,
            )
            return together(said, _setting(view, task, _span(length)))
        case "fixed" if said := _sum(view, task, task.due_at):
            return said
    return calendar.told(facts) or _("流程图里定的时间，到 {until}。", until=until)


def _from(facts: Mapping[str, Any]) -> dict[str, str]:
    return {"start": wording.moment(datetime.fromisoformat(str(facts["from"])))}


def _sum(view: Held, task: Task, due: datetime) -> str:
    """A limit that is a moment of the case plus a setting: found again by trying those the expression names."""
    for name, value in view.variables.items():
        for title, span in _settings(view, task):
            if isinstance(value, datetime) and value + span == due:
                field = view.definition.facts.by_name.get(name)
                return _(
                    "从{field} {start} 起算 {length}，到 {until}。依据“{setting}”。",
                    field=field.title if field else name,
                    start=wording.moment(value),
                    length=wording.span(span),
                    until=wording.moment(due),
                    setting=title,
                )
    return ""


def _setting(view: Held, task: Task, length: timedelta | None) -> str:
    """The setting that gave the length, when only one can have."""
    titles = {title for title, span in _settings(view, task) if span == length}
    return _("依据“{setting}”。", setting=titles.pop()) if len(titles) == 1 else ""


def _settings(view: Held, task: Task) -> Iterator[tuple[str, timedelta]]:
    """Title and length of every setting the task's limit reads."""
    limit = view.definition.process.nodes[task.node].limit
    for name in _PARAMETER.findall(limit.expression.source if limit and limit.expression else ""):
        value = view.parameters.get(name)
        span = _span(value) if isinstance(value, str) else value
        parameter = view.definition.file.parameters.get(name)
        if isinstance(span, timedelta) and parameter is not None:
            yield parameter.title or name, span


def _span(text: str) -> timedelta | None:
    try:
        span = duration(text)
    except FeelError:
        return None
    return span if isinstance(span, timedelta) else None
