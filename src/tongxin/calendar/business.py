"""Business hours: a clock that runs only in the office hours of working days."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from tongxin.calendar.days import MOST_DAYS, reasons_between, told_reasons
from tongxin.calendar.days_off import Calendar, Spans, current
from tongxin.calendar.hours import length_told, minutes
from tongxin.calendar.limit import Limit
from tongxin.words import _

_DAY = timedelta(days=1)
_LONGEST = timedelta(hours=8 * MOST_DAYS)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


def business_hours_after(start: datetime, duration: timedelta, by: Calendar | None = None) -> Limit:
    """When that much office time has passed since the start; outside office hours counting begins at the next opening.

    Raises ValueError for a negative duration, or one beyond some twenty years of offices.
    """
    if not timedelta() <= duration <= _LONGEST:
        raise ValueError(_("时限不能为负，也不能超过 {most} 个工作日", most=MOST_DAYS))
    calendar, left = by or current(), duration
    for opens, closes in _open_times(calendar, start):
        if left <= closes - opens:
            end = opens + left
            return Limit.of(end, _derivation(calendar, start, end, duration))
        left -= closes - opens
    raise ValueError(_("日期超出了能表示的范围"))


def business_time_between(start: datetime, end: datetime, by: Calendar | None = None) -> timedelta:
    """How much office time lies between two moments of one zone; none when the end is not later."""
    total = timedelta()
    for opens, closes in _open_times(by or current(), start) if start < end else ():
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def with_hours_of(facts: Mapping[str, Any], by: Calendar | None = None) -> Calendar:
    """The calendar in use, or another, with the office hours a limit was counted by: it keeps them."""
    return replace(by or current(), hours=spans(facts["hours"]))


def _open_times(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The office's open times from the start on; the first may have begun."""
    day = start.date()
    while day < date.max:
        if calendar.is_working_day(day):
            for opens, closes in calendar.hours:
                first = max(start, datetime.combine(day, opens, start.tzinfo))
                last = datetime.combine(day, closes, start.tzinfo)
                if first < last:
                    yield first, last
        day += _DAY


def _derivation(calendar: Calendar, start: datetime, end: datetime, duration: timedelta) -> dict[str, Any]:
    facts = {
        "rule": "business_hours",
        "from": start.isoformat(),
        "duration": minutes(duration),
        "hours": [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in calendar.hours],
        "to": end.isoformat(),
        **reasons_between(calendar, start.date(), end.date()),
    }
    return {**facts, "text": told(facts)}


def told(facts: Mapping[str, Any]) -> str:
    """The derivation in the reader's language."""
    reasons = told_reasons(facts)
    counted = _("只数工作日 {hours}", hours=_("、").join("–".join(span) for span in facts["hours"]))
    return _(
        "{start} + {length}（{how}）→ {end}",
        start=f"{datetime.fromisoformat(facts['from']):%Y-%m-%d %H:%M}",
        length=length_told(facts["duration"]),
        how=_("；").join(filter(None, (counted, reasons))),
        end=f"{datetime.fromisoformat(facts['to']):%Y-%m-%d %H:%M}",
    )


def spans(texts: list[list[str]]) -> Spans:
    """Office hours as written, e.g. [["09:00", "12:00"]]; raises ValueError unless they follow each other."""
    if any(len(span) != 2 or not all(map(_CLOCK.fullmatch, span)) for span in texts):
        raise ValueError(_("上班时间要写成 09:00-12:00 这样"))
    found = tuple((time.fromisoformat(opens.zfill(5)), time.fromisoformat(closes.zfill(5))) for opens, closes in texts)
    flat = [moment for span in found for moment in span]
    if not flat or any(one >= other for one, other in pairwise(flat)):
        raise ValueError(_("上班时间要从早到晚写，每一段的开始早于结束"))
    return found
