"""Functions of dates, times and durations."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

from tongxin.feel import far, temporal
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.far import Far
from tongxin.feel.frame import Frame
from tongxin.feel.values import Number, Value, YearsMonths

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@builtin("now", frame=True)
def _now(frame: Frame) -> Value:
    return frame.now


@builtin("today", frame=True)
def _today(frame: Frame) -> Value:
    return frame.now.date() if frame.now else None


@builtin("date", "from: string")
def _date(text: str) -> Value:
    return temporal.plain_date(text)


@builtin("date", "from: any date")
def _date_of(value: date | Far) -> Value:
    if isinstance(value, Far):
        return Far(value.near.date(), value.cycles) if isinstance(value.near, datetime) else value
    return value.date() if isinstance(value, datetime) else value


@builtin("date", "year: whole, month: whole, day: whole")
def _date_of_parts(year: int, month: int, day: int) -> Value:
    return far.day(year, month, day)


@builtin("time", "from: string")
def _time(text: str) -> Value:
    return temporal.plain_time(text)


@builtin("time", "from: time")
def _time_itself(value: time) -> Value:
    return value


@builtin("time", "from: date")
def _time_of(value: date) -> Value:
    return value.timetz() if isinstance(value, datetime) else time(0, tzinfo=UTC)


@builtin("time", "hour: whole, minute: whole, second: number, offset?: duration or null")
def _time_of_parts(hour: int, minute: int, second: Number, offset: Value = None) -> Value:
    if isinstance(offset, YearsMonths) or not 0 <= second < 60:
        return None
    try:
        zone = None if offset is None else UTC if not offset else timezone(offset)
        whole = int(second)
        microsecond = int((Decimal(second) - whole) * 1_000_000)
        return time(hour, minute, whole, microsecond, zone)
    except (ValueError, OverflowError):
        return None


@builtin("date and time", "from: string")
def _date_and_time(text: str) -> Value:
    day = temporal.plain_date(text)
    return temporal.date_and_time(text) if day is None else temporal.midnight(day)


@builtin("date and time", "from: any date")
def _date_and_time_of(value: date | Far) -> Value:
    return temporal.midnight(value)


@builtin("date and time", "date: any date, time: time")
def _combined(day: date | Far, clock: time) -> Value:
    return far.at(day, clock)


@builtin("duration", "from: string")
def _duration(text: str) -> Value:
    return temporal.duration(text)


@builtin("duration", "from: duration")
def _duration_itself(value: timedelta | YearsMonths) -> Value:
    return value


@builtin("years and months duration", "from: any date, to: any date")
def _between(start: date | Far, end: date | Far) -> Value:
    """Whole months from one date to the other."""
    one, other = far.lifted(start), far.lifted(end)
    months = (other.year - one.year) * 12 + other.near.month - one.near.month
    if months > 0 and other.near.day < one.near.day:
        months -= 1
    elif months < 0 and other.near.day > one.near.day:
        months += 1
    return YearsMonths(months)


@builtin("day of week", "date: date")
def _day_of_week(value: date) -> Value:
    return _DAYS[value.weekday()]


@builtin("month of year", "date: date")
def _month_of_year(value: date) -> Value:
    return _MONTHS[value.month - 1]


@builtin("day of year", "date: date")
def _day_of_year(value: date) -> Value:
    return value.timetuple().tm_yday


@builtin("week of year", "date: date")
def _week_of_year(value: date) -> Value:
    return value.isocalendar().week
