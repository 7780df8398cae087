"""Reading and changing the calendar. Every change is logged and makes a new version, which processes notice at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from tongxin import calendar
from tongxin.calendar import Year
from tongxin.words import CHINESE, N_, _, speaking
from tongxin.workdays.models import CalendarChange, CalendarDay, CalendarYear

_ONE_AT_A_TIME = 7_210_934  # advisory lock: of two changes at once the second sees the first
_NEWEST = col(CalendarChange.id).desc()
VERSION = select(col(CalendarChange.token)).order_by(_NEWEST).limit(1).scalar_subquery()
"""The version in force, for a statement that reads a case to bring along."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the log, newest first."""

    at: datetime
    account_id: int | None
    year: int | None
    text: str


class NotPublished(ValueError):
    """The year's days off are not known yet: one day of its own would make it count as published."""


def differing(before: Year | None, after: Year) -> set[date]:
    """Days that were a working day before and are none now, or the reverse."""
    old = calendar.made_of("", [before] if before else [])
    new = calendar.made_of("", [after])
    touched = {*after.off, *after.working, *(before.off if before else ()), *(before.working if before else ())}
    return {day for day in touched if old.is_working_day(day) != new.is_working_day(day)}


def keep_up(session: Session, version: str | None) -> None:
    """Count by the version just read, whatever this process knew before."""
    if version is not None and version != calendar.current().version:
        load(session)


def load(session: Session) -> None:
    """Count by what the database says from now on."""
    newest = session.execute(select(col(CalendarChange.token), col(CalendarChange.hours)).order_by(_NEWEST)).first()
    if newest is not None:
        calendar.use(calendar.made_of(newest[0], years(session), calendar.spans(newest[1])))


def years(session: Session) -> list[Year]:
    """Every published year with its days."""
    return list(_kept(session.connection()).values())


def publish(session: Session, year: Year, by: int | None, now: datetime) -> set[date]:
    """Make these the days of the year; the days that are counted otherwise from now on. Nothing new: nothing."""
    _lock(session.connection())
    before = _year(session, year.year)
    if before == year:
        return set()
    _write(session.connection(), year, by_hand=True)
    with speaking(CHINESE):  # what is written down is kept in one language and told again in others
        said = N_("公布 {year} 年的节假日") if before is None else N_("更正 {year} 年的节假日")
        _enter(session.connection(), by, now, year.year, _(said, year=year.year))
    load(session)
    return differing(before, year)


def correct_day(session: Session, day: date, *, works: bool | None, name: str, by: int, now: datetime) -> set[date]:
    """One day off, worked, or (None) as its weekday says. Raises NotPublished.

    A weekend day off and a weekday worked need no entry.
    """
    _lock(session.connection())
    return publish(session, with_day(session, day, works=works, name=name), by, now)


def with_day(session: Session, day: date, *, works: bool | None, name: str) -> Year:
    """The day's year as it would be; nothing is written. Raises NotPublished."""
    before = _year(session, day.year)
    if before is None:
        raise NotPublished(NotPublished.__doc__)
    off = {one: called for one, called in before.off.items() if one != day}
    working = before.working - {day}
    if works:
        working |= {day}
    elif works is not None:
        off[day] = name
    return Year(day.year, off, working)


def keep_hours(session: Session, spans: Sequence[tuple[time, time]], by: int, now: datetime) -> None:
    """The office hours from now on; limits counted before keep theirs until they are counted anew."""
    _lock(session.connection())
    written = [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in spans]
    with speaking(CHINESE):
        told = _("、").join("–".join(span) for span in written)
        _enter(session.connection(), by, now, None, _("上班时间改为 {hours}", hours=told), written)
    load(session)


def changes(session: Session, limit: int = 50) -> list[Change]:
    """The log."""
    rows = session.exec(select_rows(CalendarChange).order_by(_NEWEST).limit(limit)).all()
    return [Change(row.at, row.account_id, row.year, row.text) for row in rows]


def seed(connection: Connection, now: datetime) -> list[int]:
    """Bring in the years the library knows; what was published or corrected here stays. The years that changed."""
    _lock(connection)
    rows = connection.execute(select(col(CalendarYear.year), col(CalendarYear.by_hand))).all()
    mine = {year for year, by_hand in rows if by_hand}
    kept, brought = _kept(connection), []
    for year in calendar.library_years():
        if year not in mine and kept.get(year) != calendar.library_year(year):
            _write(connection, calendar.library_year(year), by_hand=False)
            brought.append(year)
    if brought or connection.execute(select(col(CalendarChange.id)).limit(1)).first() is None:
        _enter(connection, None, now, None, "")
    return brought


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})


def _year(session: Session, year: int) -> Year | None:
    return _kept(session.connection()).get(year)


def _kept(connection: Connection) -> dict[int, Year]:
    """The published years, in order; two look-ups however many there are."""
    known = connection.execute(select(col(CalendarYear.year)).order_by(col(CalendarYear.year))).scalars().all()
    columns = col(CalendarDay.year), col(CalendarDay.day), col(CalendarDay.works), col(CalendarDay.name)
    off: dict[int, dict[date, str]] = {year: {} for year in known}
    working: dict[int, set[date]] = {year: set() for year in known}
    for year, day, works, name in connection.execute(select(*columns)):
        if works:
            working[year].add(day)
        else:
            off[year][day] = name
    return {year: Year(year, off[year], frozenset(working[year])) for year in known}


def _write(connection: Connection, year: Year, *, by_hand: bool) -> None:
    connection.execute(delete(CalendarYear).where(col(CalendarYear.year) == year.year))
    connection.execute(insert(CalendarYear), [{"year": year.year, "by_hand": by_hand}])
    rows: list[dict[str, Any]] = [
        {"day": day, "year": year.year, "works": False, "name": name[:40]} for day, name in year.off.items()
    ]
    rows += [{"day": day, "year": year.year, "works": True, "name": ""} for day in year.working]
    if rows:
        connection.execute(insert(CalendarDay), rows)


def _enter(
    connection: Connection, by: int | None, now: datetime, year: int | None, said: str, hours: Any = None
) -> None:
    if hours is None:
        last = connection.execute(select(col(CalendarChange.hours)).order_by(_NEWEST).limit(1)).scalar()
        hours = last or [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in calendar.OFFICE_HOURS]
    row = {"token": secrets.token_hex(16), "at": now, "account_id": by, "year": year, "text": said, "hours": hours}
    connection.execute(insert(CalendarChange), [row])
