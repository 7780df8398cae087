"""The calendar itself: which days are off, which weekends are worked, which years are known, which hours are kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from chinese_calendar import constants

_SATURDAY = 5
OFFICE_HOURS = ((time(9), time(12)), (time(13, 30), time(17, 30)))  # of an installation that has not said otherwise
Spans = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from the rule Monday to Friday. Immutable; `version` tells one from another."""

    version: str
    off: Mapping[date, str]  # day off → the holiday's name
    working: frozenset[date]  # days worked though they are a weekend
    years: frozenset[int]  # those whose days off have been published
    hours: Spans = OFFICE_HOURS  # of a working day, in order

    def is_working_day(self, day: date) -> bool:
        """A moved working day, or Monday to Friday and no holiday."""
        if day in self.working:
            return True
        return day.weekday() < _SATURDAY and day not in self.off


@dataclass(frozen=True, slots=True)
class Year:
    """The days of one year that differ from the rule, as they are published and edited."""

    year: int
    off: Mapping[date, str]
    working: frozenset[date]


def library_years() -> range:
    """The years the library knows."""
    return range(min(constants.holidays).year, max(constants.holidays).year + 1)


def library_year(year: int) -> Year:
    """One year as the library has it."""
    names = {holiday.value: holiday.chinese for holiday in constants.Holiday}
    off = {day: names.get(name, name) for day, name in constants.holidays.items() if day.year == year}
    return Year(year, off, frozenset(day for day in constants.workdays if day.year == year))


def made_of(version: str, years: Iterable[Year], hours: Spans = OFFICE_HOURS) -> Calendar:
    """A calendar of published years."""
    known = list(years)
    off = {day: name for one in known for day, name in one.off.items()}
    working = frozenset(day for one in known for day in one.working)
    return Calendar(version, off, working, frozenset(one.year for one in known), hours)


@lru_cache(1)
def _from_library() -> Calendar:
    return made_of("", map(library_year, library_years()))


_in_use: list[Calendar] = []  # at most one: what the database says, once it has been read


def current() -> Calendar:
    """The calendar in use in this process; until one has been read, the library's."""
    return _in_use[0] if _in_use else _from_library()


def use(calendar: Calendar | None) -> None:
    """Count by this calendar from now on; None: by the library's again."""
    _in_use[:] = [calendar] if calendar else []
