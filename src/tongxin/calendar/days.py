"""Working days by a calendar of days off and moved working days (调休); by weekends alone where none is published."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chinese_calendar import constants

from tongxin.calendar.days_off import Calendar, current, library_years
from tongxin.words import CHINESE, _, dated, language, spanned

MOST_DAYS = 5000  # of one count; more is a mistake in the expression
_DAY = timedelta(days=1)
_ENGLISH = {holiday.chinese: holiday.value for holiday in constants.Holiday} | {
    "清明节": "Tomb-sweeping Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-autumn Festival",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A day reached by counting, and how."""

    day: date
    derivation: dict[str, Any]


def is_published(day: date) -> bool:
    """Whether the calendar of the day's year is known."""
    return day.year in current().years


def is_working_day(day: date) -> bool:
    """By the calendar in use."""
    return current().is_working_day(day)


def add_working_days(start: date, days: int, by: Calendar | None = None) -> Counted:
    """The day that many working days after the start, which itself does not count; before it when negative.

    `by`: another calendar than the one in use. Raises ValueError beyond `MOST_DAYS` or the last day there is.
    """
    calendar = by or current()
    day = _reached(calendar, start, days)
    return Counted(day, _derivation(calendar, "working_days", start, day, days))


def roll_forward(day: date, by: Calendar | None = None) -> Counted:
    """The day itself if it is a working day, else the next one."""
    calendar, rolled = by or current(), day
    while not calendar.is_working_day(rolled):
        rolled = _next(rolled, _DAY)
    return Counted(rolled, _derivation(calendar, "next_working_day", day, rolled, None))


def working_days_between(start: date, end: date) -> int:
    """How many working days `add_working_days` counts from one to the other: the start never counts, the end does."""
    low, high = (start + _DAY, end) if end >= start else (end, start - _DAY)
    if (high - low).days > 3 * MOST_DAYS:
        raise ValueError(_("两个日期隔得太远，最多 {most} 天", most=3 * MOST_DAYS))
    calendar = current()
    working = sum(calendar.is_working_day(day) for day in _each_day(low, high))
    return working if end >= start else -working


def _reached(calendar: Calendar, start: date, days: int) -> date:
    if abs(days) > MOST_DAYS:
        raise ValueError(_("工作日数不能超过 {most}", most=MOST_DAYS))
    step = _DAY if days >= 0 else -_DAY
    day, left = start, abs(days)
    while left:
        day = _next(day, step)
        left -= calendar.is_working_day(day)
    return day


def _next(day: date, step: timedelta) -> date:
    try:
        return day + step
    except OverflowError:
        raise ValueError(_("日期超出了能表示的范围")) from None


def _derivation(calendar: Calendar, rule: str, start: date, end: date, days: int | None) -> dict[str, Any]:
    low, high = min(start, end), max(start, end)
    facts = {
        "rule": rule,
        "from": start.isoformat(),
        "days": days,
        "to": end.isoformat(),
        **reasons_between(calendar, low, high),
    }
    return {**facts, "text": told(facts)}


def reasons_between(calendar: Calendar, low: date, high: date) -> dict[str, Any]:
    """What a count over these days met: holidays, working weekends, years without a calendar."""
    years = set(range(low.year, high.year + 1))
    return {
        "holidays": [
            {"name": name, "from": first.isoformat(), "to": last.isoformat()}
            for name, first, last in _holidays(calendar, low, high)
        ],
        "working_weekends": [
            day.isoformat() for day in _each_day(low, high) if day in calendar.working and day.weekday() > 4
        ],
        "provisional": not years <= calendar.years,
    }


def told(facts: Mapping[str, Any]) -> str:
    """A derivation of ours in the reader's language."""
    how = _("遇休息日顺延") if facts["days"] is None else _counted(facts["days"])
    reasons = told_reasons(facts)
    if reasons:
        return _("{start} {how}（{reasons}）→ {end}", start=facts["from"], how=how, reasons=reasons, end=facts["to"])
    return f"{facts['from']} {how}→ {facts['to']}"


def told_reasons(facts: Mapping[str, Any]) -> str:
    """Which days off and moved days a count met, in one line; empty when there were none."""
    return _("，").join(_reasons(facts))


def _counted(days: int) -> str:
    return _("+ {n} 个工作日", n=days) if days >= 0 else _("− {n} 个工作日", n=-days)


def _each_day(low: date, high: date) -> Iterator[date]:
    return (low + timedelta(days=offset) for offset in range((high - low).days + 1))


def _holidays(calendar: Calendar, low: date, high: date) -> Iterator[tuple[str, date, date]]:
    """The holidays that touch the time, each with its first and last day off."""
    off, day = calendar.off, low
    while day <= high:
        name = off.get(day)
        if name is None:
            day = _next(day, _DAY)
            continue
        first = last = day
        while off.get(first - _DAY) == name:
            first -= _DAY
        while off.get(last + _DAY) == name:
            last += _DAY
        yield name, first, last
        day = last + _DAY


def _reasons(facts: Mapping[str, Any]) -> Iterator[str]:
    for holiday in facts["holidays"]:
        first, last = date.fromisoformat(holiday["from"]), date.fromisoformat(holiday["to"])
        yield _("{holiday}放假 {days}", holiday=holiday_name(holiday["name"]), days=spanned(first, last))
    if moved := facts["working_weekends"]:
        days = _("、").join(dated(date.fromisoformat(day), year=False) for day in moved)
        yield _("{days}上班", days=days)
    if facts["provisional"]:
        if max(facts["from"], facts["to"])[:4] < str(library_years().start):
            yield _("没有那一年的节假日资料，按周末推算")
        else:
            yield _("节假日安排尚未公布，暂按周末推算，公布后重算")


def holiday_name(chinese: str) -> str:
    """A holiday's name in the reader's language, where it has one there."""
    return chinese if language() == CHINESE else _ENGLISH.get(chinese, chinese)
