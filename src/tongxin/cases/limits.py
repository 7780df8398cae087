"""How a task's limit came about, in plain words."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tongxin.cases import wording
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.feel import FeelError, duration

_PARAMETER = re.compile(r"\bparameters\.(\w+)")


def explained(view: Held, task: Task) -> str:
    """From when, how long, which setting says so; empty for a task without a limit."""
    facts = task.derivation
    if not facts or task.due_at is None:
        return ""
    until = f"到 {wording.moment(task.due_at)}。"
    match facts.get("rule"):
        case "elapsed":
            length = str(facts["add"])
            return f"{_from(facts)}起算 {wording.iso_length(length)}，{until}" + _setting(view, task, _span(length))
        case "service_hours":
            length = str(facts["duration"])
            hours = f"只数每天 {facts['opens']}–{facts['closes']}"
            text = f"{_from(facts)}起算 {wording.iso_length(length)}，{hours}，{until}"
            return text + _setting(view, task, _span(length))
        case "fixed":
            return _sum(view, task, task.due_at) or f"流程图里定的时间，{until}"
    return str(facts.get("text") or f"流程图里定的时间，{until}")


def _from(facts: Mapping[str, Any]) -> str:
    return f"从 {wording.moment(datetime.fromisoformat(str(facts['from'])))} "


def _sum(view: Held, task: Task, due: datetime) -> str:
    """A limit that is a moment of the case plus a setting: found again by trying those the expression names."""
    for name, value in view.variables.items():
        for title, span in _settings(view, task):
            if isinstance(value, datetime) and value + span == due:
                field = view.definition.facts.by_name.get(name)
                since = f"从{field.title if field else name} {wording.moment(value)} 起算"
                length = wording.span(span)
                return f"{since} {length}，到 {wording.moment(due)}。依据“{title}”。"
    return ""


def _setting(view: Held, task: Task, length: timedelta | None) -> str:
    """The setting that gave the length, when only one can have."""
    titles = {title for title, span in _settings(view, task) if span == length}
    return f"依据“{titles.pop()}”。" if len(titles) == 1 else ""


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
