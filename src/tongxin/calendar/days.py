"""Working days by the statutory calendar of China with its moved days (调休); by weekends alone where it is unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chinese_calendar import constants

_HOLIDAYS: Mapping[date, str] = constants.holidays
_WORKING_WEEKENDS: Mapping[date, str] = constants.workdays
FIRST_YEAR = min(_HOLIDAYS).year
LAST_YEAR = max(_HOLIDAYS).year
MOST_DAYS = 5000  # of one count; more is a mistake in the expression
_DAY = timedelta(days=1)
_SATURDAY = 5
_NAMES = {holiday.value: holiday.chinese for holiday in constants.Holiday}


@dataclass(frozen=True, slots=True)
class Counted:
    """A day reached by counting, and how."""

    day: date
    derivation: dict[str, Any]


def is_published(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_working_day(day: date) -> bool:
    if day in _WORKING_WEEKENDS:
        return True
    return day.weekday() < _SATURDAY and day not in _HOLIDAYS


def add_working_days(start: date, days: int) -> Counted:
    """The day that many working days after the start, which itself does not count; before it when negative."""
    if abs(days) > MOST_DAYS:
        raise ValueError(f"工作日数不能超过 {MOST_DAYS}")
    step = _DAY if days >= 0 else -_DAY
    day = start
    left = abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return Counted(day, _derivation("working_days", start, day, f"{days:+d} 个工作日", days))


def roll_forward(day: date) -> Counted:
    """The day itself if it is a working day, else the next one."""
    rolled = day
    while not is_working_day(rolled):
        rolled += _DAY
    return Counted(rolled, _derivation("next_working_day", day, rolled, "遇休息日顺延", None))


def _derivation(rule: str, start: date, end: date, words: str, days: int | None) -> dict[str, Any]:
    low, high = min(start, end), max(start, end)
    provisional = not (is_published(low) and is_published(high))
    holidays = list(_holidays(low, high))
    moved = [day for day in _each_day(low, high) if day in _WORKING_WEEKENDS]
    reasons = "".join(_reasons(holidays, moved, provisional))
    sign = words.replace("+", "+ ").replace("-", "− ")
    return {
        "rule": rule,
        "from": start.isoformat(),
        "days": days,
        "to": end.isoformat(),
        "holidays": [{"name": name, "from": a.isoformat(), "to": b.isoformat()} for name, a, b in holidays],
        "working_weekends": [day.isoformat() for day in moved],
        "provisional": provisional,
        "text": f"{start.isoformat()} {sign}{f'（{reasons}）' if reasons else ''}→ {end.isoformat()}",
    }


def _each_day(low: date, high: date) -> Iterator[date]:
    return (low + timedelta(days=offset) for offset in range((high - low).days + 1))


def _holidays(low: date, high: date) -> Iterator[tuple[str, date, date]]:
    """The statutory holidays that touch the time, each with its first and last day off."""
    day = low
    while day <= high:
        name = _HOLIDAYS.get(day)
        if name is None:
            day += _DAY
            continue
        first = last = day
        while _HOLIDAYS.get(first - _DAY) == name:
            first -= _DAY
        while _HOLIDAYS.get(last + _DAY) == name:
            last += _DAY
        yield _NAMES.get(name, str(name)), first, last
        day = last + _DAY


def _reasons(holidays: list[tuple[str, date, date]], moved: list[date], provisional: bool) -> Iterator[str]:
    parts = [f"{name}放假 {_span(first, last)}" for name, first, last in holidays]
    if moved:
        parts.append(f"{'、'.join(_short(day) for day in moved)}上班")
    if provisional:
        parts.append("节假日安排尚未公布，暂按周末推算")
    yield "，".join(parts)


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _span(first: date, last: date) -> str:
    if first == last:
        return _short(first)
    return f"{first.month}月{first.day}–{f'{last.month}月' if last.month != first.month else ''}{last.day}日"
