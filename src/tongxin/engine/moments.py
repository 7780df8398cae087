"""When something is due: ISO 8601 text or FEEL, settled into a moment with its derivation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tongxin import feel
from tongxin.engine.step import Due, Value
from tongxin.words import _

# Also what was meant to be ISO 8601 but is not, such as P1X, which FEEL would take for a name.
_DURATION = r"-?P(T?\d[\w.]*|T)"
_DATE = r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d|@[A-Za-z][\w+/-]*)?)?"
_CYCLE = r"R\d*/.*"
_ISO = re.compile(rf"\s*({_DURATION}|{_DATE}|{_CYCLE})\s*")
_LATER = feel.compile("start + length")


class NotAMoment(ValueError):
    """The value says neither when nor after how long."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`text` is a literal when it is ISO 8601, else FEEL giving a date-time, a date, a duration or such text."""

    text: str
    expression: feel.Expression | None


def is_literal(text: str) -> bool:
    return _ISO.fullmatch(text) is not None


def settle(value: Value, now: datetime, *, end_of_day: bool = False) -> Due | None:
    """The due time a value stands for; a mere date is its first moment, as a limit (`end_of_day`) its last second."""
    if value is None:
        return None
    if isinstance(value, str):
        value = read(value)
    if isinstance(value, datetime):
        return _at(value, now)
    if isinstance(value, date):
        clock = time(23, 59, 59) if end_of_day else time(0, 0)
        plain = {"date": value.isoformat(), "rule": "date"}
        return Due(datetime.combine(value, clock, now.tzinfo), dict(getattr(value, "derivation", None) or plain))
    return _after(value, now)


def read(text: str) -> Value:
    """A literal's value."""
    if not is_literal(text):
        raise NotAMoment(_("“{text}”既不是日期时间，也不是时长", text=text))
    text = text.strip()
    try:
        if text.lstrip("-").startswith(("P", "R")):
            return feel.duration(text)
        return _date_time(text) if "T" in text else date.fromisoformat(text)
    except (ValueError, LookupError, OSError) as error:  # the latter two: there is no such zone
        raise NotAMoment(_("“{text}”不是有效的日期时间或时长", text=text)) from error


def _date_time(text: str) -> datetime:
    """ISO 8601, or as FEEL's string() writes a moment whose zone has a name: 2026-03-05T09:00:00@Asia/Shanghai."""
    local, named, zone = text.partition("@")
    moment = datetime.fromisoformat(local)
    return moment.replace(tzinfo=ZoneInfo(zone)) if named else moment


def _at(moment: datetime, now: datetime) -> Due:
    """A limit of the calendar carries its own derivation; without a zone a time is meant where `now` is."""
    derivation = getattr(moment, "derivation", None)
    at = datetime.combine(moment.date(), moment.time(), moment.tzinfo or now.tzinfo)
    if isinstance(derivation, Mapping):
        return Due(at, dict(derivation))
    return Due(at, {"at": at.isoformat(), "rule": "fixed"})


def _after(length: Value, now: datetime) -> Due:
    if not isinstance(length, timedelta | feel.YearsMonths):
        raise NotAMoment(_("算出来的既不是日期时间，也不是时长"))
    due = _LATER.evaluate({"start": now, "length": length})
    if not isinstance(due, datetime):
        raise NotAMoment(_("时长超出了日历"))
    return Due(due, {"from": now.isoformat(), "add": duration_text(length), "rule": "elapsed"})


def duration_text(length: "timedelta | feel.YearsMonths") -> str:
    """ISO 8601, so that a page can say it in words."""
    if not isinstance(length, timedelta):
        return str(length)
    seconds, sign = length.total_seconds(), ""
    if seconds < 0:
        seconds, sign = -seconds, "-"
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(int(minutes), 60)
    days, hour = divmod(hours, 24)
    clock = "".join(f"{n:g}{unit}" for n, unit in ((hour, "H"), (minute, "M"), (second, "S")) if n)
    return f"{sign}P" + (f"{days}D" if days else "") + (f"T{clock}" if clock or not days else "")
