"""Hours of service: a clock that runs only while a service is open, every day of the week."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from tongxin.calendar.limit import Limit
from tongxin.words import N_, _

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=3660)
_WRITTEN = re.compile(r"PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?")
_LISTED_DAYS = 14  # days of a derivation told one by one


def working_hours_after(start: datetime, duration: timedelta, opens: time, closes: time) -> Limit:
    """When that much service time has passed since the start; counting begins at the next opening if it is closed."""
    if opens >= closes:
        raise ValueError(_("服务时间的开始要早于结束"))
    if not timedelta() <= duration <= _LONGEST:
        raise ValueError(_("时限不能为负，也不能超过十年"))
    first = _opening(start, opens, closes)
    a_day = _on(first, closes) - _on(first, opens)
    today = min(_on(first, closes) - first, duration)
    left = duration - today
    if not left:
        end = first + today
    else:
        # The last day is filled to its closing time rather than ending at an opening.
        full_days, rest = divmod(left, a_day)
        if not rest:
            full_days, rest = full_days - 1, a_day
        end = _on(first + (full_days + 1) * _DAY, opens) + rest
    return Limit.of(end, _derivation(start, first, end, duration, opens, closes))


def _on(day: datetime, clock: time) -> datetime:
    return datetime.combine(day.date(), clock, day.tzinfo)


def _opening(start: datetime, opens: time, closes: time) -> datetime:
    """The start itself, or the next opening if it lies outside the service hours."""
    clock = start.replace(tzinfo=None).time()
    if clock < opens:
        return _on(start, opens)
    return start if clock < closes else _on(start + _DAY, opens)


def _derivation(
    start: datetime, first: datetime, end: datetime, duration: timedelta, opens: time, closes: time
) -> dict[str, Any]:
    days = (end.date() - first.date()).days
    parts = []
    for offset in range(days + 1 if days < _LISTED_DAYS else 0):
        day = first + offset * _DAY
        begin = first if offset == 0 else _on(day, opens)
        parts.append({"from": begin.isoformat(), "to": (end if offset == days else _on(day, closes)).isoformat()})
    return {
        "rule": "service_hours",
        "from": start.isoformat(),
        "duration": minutes(duration),
        "opens": f"{opens:%H:%M}",
        "closes": f"{closes:%H:%M}",
        "parts": parts,
        "to": end.isoformat(),
        "provisional": False,
        "text": _text(start, first, end, duration, f"{opens:%H:%M}–{closes:%H:%M}"),
    }


def minutes(duration: timedelta) -> str:
    """As ISO 8601, in hours and minutes: a day of service is not 24 hours."""
    hours, rest = divmod(int(duration.total_seconds()), 3600)
    minutes, seconds = divmod(rest, 60)
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}S" if seconds else "")
    return f"PT{text or '0S'}"


def _text(start: datetime, first: datetime, end: datetime, duration: timedelta, window: str) -> str:
    said = N_("{start} + {length}（服务时间 {window}）→ {end}")
    if first != start:
        said = N_("{start} + {length}（服务时间 {window}，从 {first} 起算）→ {end}")
    moments = {name: f"{at:%Y-%m-%d %H:%M}" for name, at in {"start": start, "first": first, "end": end}.items()}
    return _(said, length=length_told(minutes(duration)), window=window, **moments)


def length_of(text: str) -> timedelta:
    """What `minutes` wrote, read again."""
    found = _WRITTEN.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def length_told(text: str) -> str:
    """What `minutes` wrote, in words."""
    seconds = int(length_of(text).total_seconds())
    hours, rest = seconds // 3600, seconds % 3600 // 60
    parts = [_("{n} 小时", n=hours) if hours else "", _("{n} 分钟", n=rest) if rest else ""]
    return " ".join(filter(None, parts)) or _("{n} 秒", n=seconds)
