"""Working days by the statutory calendar of China with its moved days (调休); by weekends alone where it is unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chinese_calendar import constants

from tongxin.words import CHINESE, _, dated, language, retold, spanned

_HOLIDAYS: Mapping[date, str] = constants.holidays
_WORKING_WEEKENDS: Mapping[date, str] = constants.workdays
FIRST_YEAR = min(_HOLIDAYS).year
LAST_YEAR = max(_HOLIDAYS).year
MOST_DAYS = 5000  # of one count; more is a mistake in the expression
_DAY = timedelta(days=1)
_SATURDAY = 5
_NAMES = {holiday.value: holiday.chinese for holiday in constants.Holiday}
_ENGLISH = {chinese: english for english, chinese in _NAMES.items()}


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
        raise ValueError(_("工作日数不能超过 {most}", most=MOST_DAYS))
    step = _DAY if days >= 0 else -_DAY
    day = start
    left = abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    return Counted(day, _derivation("working_days", start, day, days))


def roll_forward(day: date) -> Counted:
    """The day itself if it is a working day, else the next one."""
    rolled = day
    while not is_working_day(rolled):
        rolled += _DAY
    return Counted(rolled, _derivation("next_working_day", day, rolled, None))


def _derivation(rule: str, start: date, end: date, days: int | None) -> dict[str, Any]:
    low, high = min(start, end), max(start, end)
    provisional = not (is_published(low) and is_published(high))
    facts = {
        "rule": rule,
        "from": start.isoformat(),
        "days": days,
        "to": end.isoformat(),
        "holidays": [{"name": name, "from": a.isoformat(), "to": b.isoformat()} for name, a, b in _holidays(low, high)],
        "working_weekends": [day.isoformat() for day in _each_day(low, high) if day in _WORKING_WEEKENDS],
        "provisional": provisional,
    }
    return {**facts, "text": told(facts)}


def told(facts: Mapping[str, Any]) -> str:
    """A derivation in the reader's language; of what we have not counted, what its text says."""
    if facts.get("rule") not in ("working_days", "next_working_day"):
        return retold(str(facts.get("text") or ""))
    how = _("遇休息日顺延") if facts["days"] is None else _counted(facts["days"])
    reasons = _("，").join(_reasons(facts))
    if reasons:
        return _("{start} {how}（{reasons}）→ {end}", start=facts["from"], how=how, reasons=reasons, end=facts["to"])
    return f"{facts['from']} {how}→ {facts['to']}"


def _counted(days: int) -> str:
    return _("+ {n} 个工作日", n=days) if days >= 0 else _("− {n} 个工作日", n=-days)


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


def _reasons(facts: Mapping[str, Any]) -> Iterator[str]:
    for holiday in facts["holidays"]:
        first, last = date.fromisoformat(holiday["from"]), date.fromisoformat(holiday["to"])
        yield _("{holiday}放假 {days}", holiday=_holiday(holiday["name"]), days=spanned(first, last))
    if moved := facts["working_weekends"]:
        days = _("、").join(dated(date.fromisoformat(day), year=False) for day in moved)
        yield _("{days}上班", days=days)
    if facts["provisional"]:
        yield _("节假日安排尚未公布，暂按周末推算")


def _holiday(chinese: str) -> str:
    """The library's names, kept in Chinese."""
    return chinese if language() == CHINESE else _ENGLISH.get(chinese, chinese)
