"""Dates of the years before 1 and after 9999, which Python's have not: the calendar repeats every 400 years."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_CYCLE_YEARS = 400
_CYCLE_DAYS = 146_097
_BASE = 2000  # the first of the 400 years in which `near` lies
MOST_YEARS = 999_999_999


@dataclass(frozen=True, slots=True)
class Far:
    """`near`, a date or date and time, moved by `cycles` × 400 years."""

    near: date
    cycles: int

    @property
    def kind(self) -> str:
        return "date and time" if isinstance(self.near, datetime) else "date"

    @property
    def year(self) -> int:
        return self.near.year + self.cycles * _CYCLE_YEARS

    @property
    def text(self) -> str:
        """As ISO 8601 writes it, without a zone: four digits of the year at least."""
        near = self.near.replace(tzinfo=None) if isinstance(self.near, datetime) else self.near
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}{near.isoformat()[4:]}"


def day(year: int, month: int, day_of_month: int) -> date | Far | None:
    """That day, or None if there is none; a year 0 is none, either."""
    if not year or abs(year) > MOST_YEARS:
        return None
    try:
        if 1 <= year <= 9999:
            return date(year, month, day_of_month)
        return Far(date(_BASE + year % _CYCLE_YEARS, month, day_of_month), (year - _BASE) // _CYCLE_YEARS)
    except (ValueError, OverflowError):
        return None


def lifted(value: date | Far) -> Far:
    if isinstance(value, Far):
        return value
    near = value.replace(year=_BASE + value.year % _CYCLE_YEARS)
    return Far(near, (value.year - _BASE) // _CYCLE_YEARS)


def lowered(value: Far) -> date | Far | None:
    """Python's own date wherever it has the year."""
    if abs(value.year) > MOST_YEARS:
        return None
    return value.near.replace(year=value.year) if 1 <= value.year <= 9999 else value


def at(value: date | Far, clock: time) -> datetime | Far:
    """That time of the day."""
    if isinstance(value, Far):
        return Far(datetime.combine(value.near, clock), value.cycles)
    return datetime.combine(value, clock)


def later(value: date | Far, by: timedelta) -> date | Far | None:
    """Moved by days and time; a date is moved from its midnight."""
    start = lifted(value)
    cycles, days = divmod(by.days, _CYCLE_DAYS)
    step = timedelta(days=days, seconds=by.seconds, microseconds=by.microseconds)
    near = start.near
    is_moment = isinstance(near, datetime)
    moved = (near if isinstance(near, datetime) else datetime(near.year, near.month, near.day)) + step  # noqa: DTZ001
    over, year = divmod(moved.year - _BASE, _CYCLE_YEARS)
    moved = moved.replace(year=_BASE + year)
    return lowered(Far(moved if is_moment else moved.date(), start.cycles + cycles + over))


def difference(left: Far, right: Far) -> timedelta | None:
    """None if only one has a zone, or if it is longer than any duration."""
    try:
        near = _moment(left) - _moment(right)
        return near + timedelta(days=(left.cycles - right.cycles) * _CYCLE_DAYS)
    except (TypeError, OverflowError):
        return None


def _moment(value: Far) -> datetime:
    near = value.near
    return near if isinstance(near, datetime) else datetime(near.year, near.month, near.day)  # noqa: DTZ001
