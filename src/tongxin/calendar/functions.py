"""The calendar's functions as expressions call them."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tongxin.calendar import days
from tongxin.calendar.business import business_hours_after
from tongxin.calendar.hours import working_hours_after
from tongxin.calendar.limit import LastDay, Limit
from tongxin.words import _

_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?")
_LAST_MOMENT = time(23, 59, 59)  # a limit in days ends when its last day does (Civil Code, article 203)


def add_service_hours(start: Any, duration: Any, opens: Any, closes: Any) -> Limit | None:
    """`add service hours(from, duration, "08:00", "20:00")`; null in, null out."""
    if start is None or duration is None:
        return None
    if not isinstance(start, datetime):
        raise ValueError(_("第 1 个参数应为日期和时间"))
    if not isinstance(duration, timedelta):
        raise ValueError(_('第 2 个参数应为时长，如 duration("PT2H")'))
    return working_hours_after(start, duration, _clock(opens), _clock(closes))


def add_working_days(start: Any, count: Any) -> date | None:
    """`add working days(from, n)`: a date gives a date, a date and time the end of that day; both with derivation."""
    if start is None or count is None:
        return None
    counted = days.add_working_days(_day(start), _whole(count))
    return _as_given(start, counted)


def next_working_day(day: Any) -> date | None:
    """`next working day(d)`: the day itself if it is one, like `add working days` in what it gives."""
    return None if day is None else _as_given(day, days.roll_forward(_day(day)))


def working_days_between(start: Any, end: Any) -> int | None:
    """`working days between(from, to)`: how many `add working days` counts from one to the other."""
    if start is None or end is None:
        return None
    return days.working_days_between(_day(start), _day(end, 2))


def add_business_hours(start: Any, length: Any) -> Limit | None:
    """`add business hours(from, hours)`: within office hours of working days; hours as a number or a duration."""
    if start is None or length is None:
        return None
    if not isinstance(start, datetime):
        raise ValueError(_("第 1 个参数应为日期和时间"))
    if isinstance(length, int | Decimal) and not isinstance(length, bool):
        if abs(Decimal(length)) > 8 * days.MOST_DAYS:
            raise ValueError(_("时限不能为负，也不能超过 {most} 个工作日", most=days.MOST_DAYS))
        length = timedelta(seconds=int(Decimal(length) * 3600))
    if not isinstance(length, timedelta):
        raise ValueError(_('第 2 个参数应为小时数，或时长，如 duration("PT2H")'))
    return business_hours_after(start, length)


def is_working_day(day: Any) -> bool | None:
    """`is working day(d)`; null in, null out."""
    return None if day is None else days.is_working_day(_day(day))


def _as_given(start: date, counted: days.Counted) -> date:
    if not isinstance(start, datetime):
        return LastDay.of(counted.day, counted.derivation)
    return Limit.of(datetime.combine(counted.day, _LAST_MOMENT, start.tzinfo), counted.derivation)


def _day(value: Any, number: int = 1) -> date:
    if not isinstance(value, date):
        raise ValueError(_("第 {number} 个参数应为日期", number=number))
    return value.date() if isinstance(value, datetime) else value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise ValueError(_("天数应为整数"))
    return int(value)


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(_('服务时间应写成 "08:00" 这样'))
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    return time.max.replace(microsecond=0) if hour == 24 else time(hour, minute, second)


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add service hours": add_service_hours,
        "add working days": add_working_days,
        "working days": add_working_days,  # the same, shorter
        "working days between": working_days_between,
        "next working day": next_working_day,
        "add business hours": add_business_hours,
        "is working day": is_working_day,
    }
)
