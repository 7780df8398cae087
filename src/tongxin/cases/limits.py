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

_IN_DAYS = ("working_days", "next_working_day")  # told in one line, with the pauses
_PARAMETER = re.compile(r"\bparameters\.(\w+)")


def explained(view: Held, task: Task) -> str:
    """From when, how long, which setting says so, and when it stood still; empty for a task without a limit."""
    facts, due_at = task.derivation, task.due_at or task.paused_due_at
    if not facts or due_at is None:
        return ""
    pauses, in_days = facts.get("pauses", ()), facts.get("rule") in _IN_DAYS
    plain = facts if in_days else {name: value for name, value in facts.items() if name != "pauses"}
    said = _counted(view, task, plain, datetime.fromisoformat(pauses[0]["was"]) if pauses else due_at)
    paused = [] if in_days else [_pause(pause) for pause in pauses]
    return together(_standing(task), said, *paused)


def _standing(task: Task) -> str:
    if task.paused_at is None:
        return ""
    since, why = wording.moment(task.paused_at), calendar.because(task.paused_by or ())
    return _("{since} 起停表（{why}），恢复后接着算剩下的时间。", since=since, why=why)


def _pause(pause: Mapping[str, Any]) -> str:
    began, ended, due = (wording.moment(datetime.fromisoformat(pause[name])) for name in ("from", "to", "due"))
    why = calendar.because(pause["because"])
    return _("{began} 到 {ended} 停表（{why}），改到 {due}。", began=began, ended=ended, why=why, due=due)


def _counted(view: Held, task: Task, facts: Mapping[str, Any], due_at: datetime) -> str:
    """Without what stood still."""
    until = wording.moment(due_at)
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
        case "fixed" if said := _sum(view, task, due_at):
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
