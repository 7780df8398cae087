"""The operators + - * / ** on numbers, texts, dates and durations. What has no meaning gives null."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tongxin.feel import far
from tongxin.feel.errors import FeelError
from tongxin.feel.far import Far
from tongxin.feel.frame import TEXT
from tongxin.feel.temporal import MONTHS_LIMIT, months_later
from tongxin.feel.values import DECIMAL, Number, Value, YearsMonths, as_number, finite, whole

_MIDNIGHT = time()


def add(left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if a is not None and b is not None:
        return _sum(a, b)
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > TEXT:
            raise FeelError("表达式产生的文字太长，已停止", "the expression builds a text that is too long")
        return left + right
    if isinstance(right, (timedelta, YearsMonths)):
        return _later(left, right)
    return _later(right, left) if isinstance(left, (timedelta, YearsMonths)) else None


def _sum(a: Number, b: Number) -> Value:
    if isinstance(a, int) and isinstance(b, int):
        return whole(a + b)
    return finite(DECIMAL.add(a, b))


def _later(moment: Value, by: timedelta | YearsMonths) -> Value:
    """A moment, or another duration, moved by a duration."""
    if isinstance(by, YearsMonths):
        if isinstance(moment, YearsMonths):
            return _months(moment.months + by.months)
        return months_later(moment, by.months) if isinstance(moment, (date, Far)) else None
    if isinstance(moment, timedelta):
        return _in_limits(lambda: moment + by)
    if isinstance(moment, (date, Far)):
        return _moved(moment, by)
    if isinstance(moment, time):
        on_some_day = datetime.combine(date(2000, 1, 2), moment.replace(tzinfo=None))
        within_a_day = timedelta(seconds=by.seconds, microseconds=by.microseconds)
        return (on_some_day + within_a_day).time().replace(tzinfo=moment.tzinfo)
    return None


def _moved(moment: date | Far, by: timedelta) -> Value:
    if isinstance(moment, Far):
        return far.later(moment, by)
    try:
        if isinstance(moment, datetime):
            return moment + by
        return (
            moment + by if not by.seconds and not by.microseconds else (datetime.combine(moment, _MIDNIGHT) + by).date()
        )
    except OverflowError:
        return far.later(moment, by)


def subtract(left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if a is not None and b is not None:
        return whole(a - b) if isinstance(a, int) and isinstance(b, int) else finite(DECIMAL.subtract(a, b))
    if isinstance(right, (timedelta, YearsMonths)):
        return add(left, -right) if not isinstance(left, str) else None
    if isinstance(left, Far) or isinstance(right, Far):
        return _between_far(left, right)
    if isinstance(left, date) and isinstance(right, date):
        return _between(_instant(left), _instant(right))
    if isinstance(left, time) and isinstance(right, time):
        return _since_midnight(left) - _since_midnight(right)
    return None


def _between_far(left: Value, right: Value) -> timedelta | None:
    if not (isinstance(left, (date, Far)) and isinstance(right, (date, Far))):
        return None
    one, other = far.lifted(left), far.lifted(right)
    return far.difference(Far(_instant(one.near), one.cycles), Far(_instant(other.near), other.cycles))


def _instant(value: date) -> datetime:
    """By the standard a date, subtracted, is midnight UTC."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _between(left: datetime, right: datetime) -> timedelta | None:
    return left - right if (left.tzinfo is None) == (right.tzinfo is None) else None


def _since_midnight(value: time) -> timedelta:
    clock = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)
    return clock - (value.utcoffset() or timedelta())


def multiply(left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if a is not None and b is not None:
        return whole(a * b) if isinstance(a, int) and isinstance(b, int) else finite(DECIMAL.multiply(a, b))
    if a is not None:
        return _scaled(right, a)
    return _scaled(left, b) if b is not None else None


def _scaled(duration: Value, by: Number) -> Value:
    if isinstance(duration, YearsMonths):
        return _in_limits(lambda: _months(int(DECIMAL.multiply(duration.months, by))))
    if isinstance(duration, timedelta):
        microseconds = DECIMAL.multiply(duration // timedelta(microseconds=1), by)
        return _in_limits(lambda: timedelta(microseconds=int(microseconds)))
    return None


def divide(left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if b is not None:
        if not b:
            return None
        return finite(DECIMAL.divide(a, b)) if a is not None else _scaled(left, DECIMAL.divide(1, b))
    if isinstance(left, YearsMonths) and isinstance(right, YearsMonths) and right.months:
        return DECIMAL.divide(left.months, right.months)
    if isinstance(left, timedelta) and isinstance(right, timedelta) and right:
        microsecond = timedelta(microseconds=1)
        return DECIMAL.divide(left // microsecond, right // microsecond)
    return None


def power(left: Value, right: Value) -> Value:
    a, b = as_number(left), as_number(right)
    if a is None or b is None:
        return None
    return finite(DECIMAL.power(a, b)) if a or b else 1


def negate(value: Value) -> Value:
    number = as_number(value)
    if number is not None:
        return -number if isinstance(number, int) else DECIMAL.minus(number)
    return -value if isinstance(value, (timedelta, YearsMonths)) else None


def modulo(dividend: Number, divisor: Number) -> Value:
    """The remainder of division toward minus infinity: its sign is the divisor's."""
    if not divisor:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    remainder = finite(DECIMAL.remainder(dividend, divisor))
    if remainder and (remainder < 0) != (divisor < 0):
        remainder = DECIMAL.add(remainder, divisor)
    return remainder


def _months(months: int) -> YearsMonths | None:
    return YearsMonths(months) if abs(months) <= MONTHS_LIMIT else None


def _in_limits(compute: Callable[[], Value]) -> Value:
    """null instead of a date beyond the year 9999, or a duration of more than 999,999,999 days."""
    try:
        return compute()
    except OverflowError:
        return None


def integral(value: Number) -> int | None:
    """The number as an int if it is whole and not absurdly large."""
    if isinstance(value, int):
        return value
    if not isinstance(value, Decimal) or value.adjusted() > 40:
        return None
    number = int(value)
    return number if number == value else None
