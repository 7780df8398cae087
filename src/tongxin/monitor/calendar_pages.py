"""What the calendar's page shows: a year month by month, what a notice would change, and who changed what."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from tongxin import calendar, clock, workdays
from tongxin.calendar import Calendar, Year, notice
from tongxin.cases import queries, recounting, wording
from tongxin.monitor.pages import tabs
from tongxin.monitor.reach import Reach
from tongxin.people import directory
from tongxin.words import N_, _, dated, retold, spanned

FIRST, LAST = 2004, 2100
_LISTED = 20
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and is shown again: `problems` by the name of their field."""

    notice: str | None = None
    looked: Year | None = None  # understood, and to be confirmed
    elsewhere: tuple[date, ...] = ()  # days of the notice that are of another year
    of_a_day: bool = False  # `looked` is the year with one day corrected
    day: str = ""
    works: str = ""
    name: str = ""
    hours: str | None = None
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def year_page(session: Session, reach: Reach, year: int, typed: Typed, flash: str = "") -> dict[str, Any]:
    """One year; with what was sent and is to be confirmed or mended."""
    workdays.load(session)
    kept = {one.year: one for one in workdays.years(session)}
    shown = typed.looked or kept.get(year) or Year(year, {}, frozenset())
    published = year in kept
    return {
        "tabs": tabs(session, reach),
        "year": year,
        "years": [one for one in (year - 1, year + 1) if FIRST <= one <= LAST],
        "published": published,
        "holidays": _holidays(shown),
        "working": [_day(day) for day in sorted(shown.working)],
        "weekdays": [_(one) for one in _WEEKDAYS],
        "months": [_month(year, number, shown) for number in range(1, 13)],
        "notice": typed.notice if typed.notice is not None else notice.written(kept[year]) if published else "",
        "hours": typed.hours if typed.hours is not None else hours_text(calendar.current()),
        "typed": typed,
        "preview": _preview(session, kept, typed.looked) if typed.looked else None,
        "elsewhere": _("、").join(dated(day, year=True) for day in typed.elsewhere),
        "log": _log(session),
        "flash": flash,
        "today": clock.now().date().isoformat(),
    }


def hours_text(by: Calendar) -> str:
    """The office hours as they are typed."""
    return " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in by.hours)


def _preview(session: Session, kept: Mapping[int, Year], looked: Year) -> dict[str, Any]:
    """What would be otherwise, and which limits would move, if the year were published like this."""
    by = calendar.made_of("", {**kept, looked.year: looked}.values(), calendar.current().hours)
    before = kept.get(looked.year)
    days = (
        sorted(workdays.differing(before, looked)) if before else [date(looked.year, 1, 1), date(looked.year, 12, 31)]
    )
    prospect = recounting.would_move(session, days[0], days[-1], by) if days else recounting.Prospect(0, 0, [])
    others = prospect.moved[:_LISTED]
    titles = queries.titles_of(session, {one.row.case_id for one in others})
    return {
        "cases": prospect.cases,
        "looked": prospect.looked,
        "number": len(prospect.moved),
        "same": before == looked,
        "changes": [
            _("{day}：{before} → {after}", day=_day(day), before=_is(day, before), after=_is(day, looked))
            for day in days
            if before
        ],
        "moved": [
            {
                "url": f"/cases/{one.row.case_id}",
                "title": titles.get(one.row.case_id, ""),
                "task": getattr(one.row, "name", ""),
                "before": wording.moment(one.row.due_at) if one.row.due_at else "",
                "after": wording.moment(one.due),
            }
            for one in others
        ],
    }


def _is(day: date, year: Year) -> str:
    if day in year.off:
        return _("放假（{holiday}）", holiday=calendar.holiday_name(year.off[day]))
    if day in year.working:
        return _("调休上班")
    return _("周末休息") if day.weekday() > 4 else _("上班")


def _holidays(year: Year) -> list[dict[str, Any]]:
    """Each holiday with its days in words."""
    found: list[dict[str, Any]] = []
    for name, first, last in notice.spans(year.off):
        days = (last - first).days + 1
        found.append({"name": calendar.holiday_name(name), "days": spanned(first, last), "count": _("{n} 天", n=days)})
    return found


def _day(day: date) -> str:
    return _("{day}（{weekday}）", day=dated(day, year=False), weekday=_(_WEEKDAYS[day.weekday()]))


def _month(year: int, number: int, shown: Year) -> dict[str, Any]:
    """The weeks of a month; a day outside it is None."""
    weeks = [
        [_cell(date(year, number, day), shown) if day else None for day in week]
        for week in months.Calendar().monthdayscalendar(year, number)
    ]
    return {"name": _("{number}月", number=number), "weeks": weeks}


def _cell(day: date, shown: Year) -> dict[str, Any]:
    mark = "off" if day in shown.off else "work" if day in shown.working else ""
    return {"day": day.day, "mark": mark, "rest": not mark and day.weekday() > 4, "name": shown.off.get(day, "")}


def _log(session: Session) -> list[dict[str, str]]:
    rows = workdays.changes(session, 20)
    names = directory.names(session, (row.account_id for row in rows if row.account_id))
    return [
        {
            "at": wording.moment(row.at),
            "who": names.get(row.account_id or 0) or _("系统"),
            "text": retold(row.text) or _("带来程序附带的节假日"),
        }
        for row in rows
    ]
