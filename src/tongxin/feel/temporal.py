"""Dates, times and durations: reading, writing, their parts, and moving by months."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from tongxin.feel import far
from tongxin.feel.far import Far
from tongxin.feel.values import Value, YearsMonths, kind

_DATE = re.compile(r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?"
    r"(?:(Z|z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z][A-Za-z0-9_+/-]{0,60}))?"
)
_DURATION = re.compile(
    r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]*)?)S)?)?"
)
_LONGEST = 80  # characters any of these texts may have
MONTHS_LIMIT = 12 * 10**9


def duration(text: str) -> timedelta | YearsMonths | None:
    """An ISO 8601 duration of either kind; None when it is none, or mixes months with days."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or text[-1] in "PT":
        return None
    sign = -1 if match[1] else 1
    years, months, weeks, days, hours, minutes = (int(match[i] or 0) for i in range(2, 8))
    if match[2] or match[3]:
        total = years * 12 + months
        mixed = any(match[i] for i in range(4, 9))
        return YearsMonths(sign * total) if not mixed and total <= MONTHS_LIMIT else None
    microseconds = int(Decimal(match[8] or 0) * 1_000_000)
    try:
        return sign * timedelta(days=weeks * 7 + days, hours=hours, minutes=minutes, microseconds=microseconds)
    except OverflowError:
        return None


def plain_date(text: str) -> date | Far | None:
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    return far.day(int(match[1]), int(match[2]), int(match[3])) if match else None


def plain_time(text: str) -> time | None:
    match = _TIME.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    try:
        zone = _zone(match)
        microsecond = int(Decimal(match[4] or 0) * 1_000_000)
        return time(int(match[1]), int(match[2]), int(match[3]), microsecond, zone)
    except ValueError:  # also an unknown zone's ZoneInfoNotFoundError, by way of _named_zone
        return None


def _zone(match: re.Match[str]) -> tzinfo | None:
    if match[5]:
        return UTC
    if match[6]:
        hours, minutes, seconds = int(match[7]), int(match[8]), int(match[9] or 0)
        if hours > 18 or minutes > 59 or seconds > 59:
            raise ValueError
        offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return UTC if not offset else timezone(-offset if match[6] == "-" else offset)
    return _named_zone(match[10]) if match[10] else None


@lru_cache(64)
def _named_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError(name) from error


def date_and_time(text: str) -> datetime | Far | None:
    day, separator, rest = text.partition("T")
    parsed = plain_date(day)
    ends_the_day = rest.startswith("24:00:00")
    clock = plain_time(rest.replace("24", "00", 1) if ends_the_day else rest) if separator else None
    if parsed is None or clock is None:
        return None
    next_day = far.later(parsed, timedelta(days=1)) if ends_the_day else parsed
    return None if next_day is None else far.at(next_day, clock)


def months_later(moment: date | Far, months: int) -> date | Far | None:
    """The same day of the month, or the last one if the month is shorter."""
    start = far.lifted(moment)
    year, month = divmod(start.year * 12 + start.near.month - 1 + months, 12)
    near_year = 2000 + year % 400
    day = min(start.near.day, monthrange(near_year, month + 1)[1])
    near = start.near.replace(year=near_year, month=month + 1, day=day)
    return far.lowered(Far(near, (year - near_year) // 400))


def midnight(value: date | Far) -> datetime | Far:
    if isinstance(value, Far):
        return value if isinstance(value.near, datetime) else far.at(value, time())
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001 - FEEL's local date


def same_zone(left: datetime, right: datetime) -> tuple[datetime, datetime]:
    """Both with or both without a zone: one without is read in the zone of the other."""
    if left.tzinfo is None and right.tzinfo is not None:
        return left.replace(tzinfo=right.tzinfo), right
    if right.tzinfo is None and left.tzinfo is not None:
        return left, right.replace(tzinfo=left.tzinfo)
    return left, right


def text_of(value: Value) -> str:
    """The text FEEL's string() gives for a date, time, date and time, or duration."""
    if isinstance(value, timedelta):
        return _days_text(value)
    if isinstance(value, YearsMonths):
        return str(value)
    if isinstance(value, Far):
        return _far_text(value)
    if isinstance(value, (datetime, time)):
        zone = value.tzinfo
        text = value.replace(tzinfo=None).isoformat()
        text = text.rstrip("0") if value.microsecond else text
        return text + _zone_text(value, zone)
    return str(value.isoformat())


def _far_text(value: Far) -> str:
    if not isinstance(value.near, datetime):
        return value.text
    text = value.text.rstrip("0") if value.near.microsecond else value.text
    return text + _zone_text(value.near, value.near.tzinfo)


def _zone_text(value: datetime | time, zone: tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    text = value.isoformat()
    return "Z" if zone is UTC else text[max(text.rfind("+"), text.rfind("-")) :]


def _days_text(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = (f"{value.days}D" if value.days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text or 'T0S'}"


def _toward_zero(total: int, unit: int, size: int | None) -> int:
    amount = abs(total) // unit
    amount = amount % size if size else amount
    return -amount if total < 0 else amount


def _offset(value: Value) -> timedelta | None:
    if isinstance(value, time) and isinstance(value.tzinfo, ZoneInfo):
        return None
    offset: timedelta | None = value.utcoffset()
    return offset


def _zone_name(value: Value) -> str | None:
    zone = value.tzinfo
    return zone.key if isinstance(zone, ZoneInfo) else (str(zone) if zone else None)


def _seconds(value: timedelta) -> int:
    return value.days * 86400 + value.seconds if value >= timedelta() else -_seconds(-value)


_Part = Callable[[Value], Value]
_DATE_PARTS: dict[str, _Part] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_TIME_PARTS: dict[str, _Part] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": _offset,
    "timezone": _zone_name,
}
PARTS: dict[str, dict[str, _Part]] = {
    "date": _DATE_PARTS,
    "time": _TIME_PARTS,
    "date and time": {**_DATE_PARTS, **_TIME_PARTS},
    "days and time duration": {
        "days": lambda value: _toward_zero(_seconds(value), 86400, None),
        "hours": lambda value: _toward_zero(_seconds(value), 3600, 24),
        "minutes": lambda value: _toward_zero(_seconds(value), 60, 60),
        "seconds": lambda value: _toward_zero(_seconds(value), 1, 60),
    },
    "years and months duration": {
        "years": lambda value: _toward_zero(value.months, 12, None),
        "months": lambda value: _toward_zero(value.months, 1, 12),
    },
    "range": {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def part(value: Value, name: str) -> Value:
    """A part of a value by its FEEL name; null when it has no such part."""
    read = PARTS.get(kind(value), {}).get(name)
    if read and isinstance(value, Far):
        return value.year if name == "year" else read(value.near)
    return read(value) if read else None
