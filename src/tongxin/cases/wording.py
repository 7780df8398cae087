"""Limits, people and history in plain words."""

import re
from datetime import datetime, timedelta

from tongxin import clock

SOON = timedelta(hours=2)
_LENGTH = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_UNITS = ("年", "个月", "天", "小时", "分钟", "秒")


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
    return f"超期 {length(-left)}" if left < timedelta() else f"还剩 {length(left)}"


def length(duration: timedelta) -> str:
    """A duration in its largest unit, rounded down: 3 天, 2 小时, 15 分钟."""
    minutes = int(duration.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} 天"
    if minutes >= 60:
        rest = minutes % 60
        return f"{minutes // 60} 小时" + (f" {rest} 分" if rest and minutes < 600 else "")
    return f"{max(minutes, 1)} 分钟" if minutes else "不到 1 分钟"


def iso_length(text: str) -> str:
    """An ISO 8601 duration in words."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        return text
    words = [f"{amount} {unit}" for amount, unit in zip(match.groups()[1:], _UNITS, strict=True) if amount]
    return " ".join(words) or "立即"


def span(duration: timedelta) -> str:
    """A duration in full: 1 小时 30 分钟."""
    minutes = int(duration.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest else ""]
    return " ".join(filter(None, words)) or "不到 1 分钟"


def moment(at: datetime) -> str:
    """3月5日 08:30, with the year when it is another one."""
    local, now = at.astimezone(clock.LOCAL), clock.now()
    year = f"{local.year}年" if local.year != now.year else ""
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"
