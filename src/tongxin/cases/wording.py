"""Limits, people and history in plain words."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tongxin import calendar, clock
from tongxin.procedures.definition import Definition
from tongxin.words import N_, _, dated

SOON = timedelta(hours=2)
_LENGTH = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_BY_HAND = {
    "data_corrected": N_("更正内容"),
    "clocks_stopped": N_("停表：所有时限都不走了"),
    "clocks_started": N_("恢复计时"),
}
_COLOURS = {
    "红": ("red", N_("红色")),
    "橙": ("orange", N_("橙色")),
    "黄": ("yellow", N_("黄色")),
    "蓝": ("blue", N_("蓝色")),
}
_UNITS = (N_("{n} 年"), N_("{n} 个月"), N_("{n} 天"), N_("{n} 小时"), N_("{n} 分钟"), N_("{n} 秒"))


def colour(worn: str | None) -> dict[str, str] | None:
    """A case's colour for a chip: its `look` in the style sheet, and its `text`."""
    if worn is None:
        return None
    look, text = _COLOURS[worn]
    return {"look": look, "text": _(text)}


def due_state(due_at: datetime | None, now: datetime) -> str:
    """none, ok, soon or overdue."""
    if due_at is None:
        return "none"
    if due_at < now:
        return "overdue"
    return "soon" if due_at - now <= SOON else "ok"


def remaining(due_at: datetime, now: datetime) -> str:
    """还剩 2 小时 / 超期 1 天."""
    left = due_at - now
    return _("超期 {length}", length=length(-left)) if left < timedelta() else _("还剩 {length}", length=length(left))


def paused(at: datetime) -> str:
    """停表中，3月2日起."""
    local = at.astimezone(clock.LOCAL)
    return _("停表中，{day}起", day=dated(local.date(), year=local.year != clock.now().year))


def length(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: 3 天, 2 小时, 15 分钟."""
    minutes = int(duration.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return _("{n} 天", n=minutes // (24 * 60))
    if minutes >= 60:
        hours, rest = divmod(minutes, 60)
        if rest and hours < 10:
            return _("{hours} 小时 {minutes} 分", hours=hours, minutes=rest)
        return _("{n} 小时", n=hours)
    return _("{n} 分钟", n=minutes) if minutes else _("不到 1 分钟")


def iso_length(text: str) -> str:
    """An ISO 8601 duration in words."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        return text
    words = [_(unit, n=amount) for amount, unit in zip(match.groups()[1:], _UNITS, strict=True) if amount]
    return " ".join(words) or _("立即")


def span(duration: timedelta) -> str:
    """A duration in full: 1 小时 30 分钟."""
    minutes = int(duration.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    words = [_("{n} 小时", n=hours) if hours else "", _("{n} 分钟", n=rest) if rest else ""]
    return " ".join(filter(None, words)) or _("不到 1 分钟")


def moment(at: datetime) -> str:
    """3月5日 08:30, with the year when it is another one."""
    local = at.astimezone(clock.LOCAL)
    return f"{dated(local, year=local.year != clock.now().year)} {local:%H:%M}"


def step_name(where: str, definition: Definition) -> str:
    """A node by its name, a message by its button's."""
    node = definition.process.nodes.get(where)
    buttons = {action.name: action.title for action in definition.file.messages}
    return (node and node.name) or buttons.get(where) or where


def handed_over(details: Mapping[str, Any]) -> str:
    """Who a task was given to; without `to_name` to nobody in particular."""
    task, to = details.get("name", ""), details.get("to_name")
    if to is None:
        return _("把“{task}”放回去，让同岗位的人领", task=task)
    return _("把“{task}”移交给{to}", task=task, to=to)


def clocks(kind: str, details: Mapping[str, Any]) -> str:
    """Which limits stand still and because of what, or until when they now are; empty for any other event."""
    match kind:
        case "clock_paused":
            steps, why = _("、").join(details["steps"]), calendar.because(details["by"])
            return _("停表：{steps}（{why}）", steps=steps, why=why)
        case "clock_resumed":
            limits = [
                _("{step}，到 {time}", step=one["name"], time=moment(datetime.fromisoformat(one["due_at"])))
                for one in details["limits"]
            ]
            return _("恢复计时：{limits}", limits=_("；").join(limits))
    return ""


def by_hand(kind: str, details: Mapping[str, Any]) -> str:
    """What an administrator did to a running case; empty for any other event."""
    match kind:
        case "task_handed_over":
            return handed_over(details)
        case "case_handed_over":
            return _("交{unit}办理", unit=details.get("unit", ""))
        case "case_moved":
            left = _("、").join(_("“{name}”", name=one) for one in details.get("steps", ()))
            return _("把{steps}移到“{to}”", steps=left, to=details.get("to", ""))
        case "case_migrated":
            was, now = details.get("from_version", ""), details.get("to_version", "")
            return _("从第 {old} 版换到第 {new} 版", old=was, new=now)
        case "data_shown":
            return _("查看了原值：{titles}", titles=_("、").join(details.get("titles", ())))
    return _(_BY_HAND.get(kind, ""))
