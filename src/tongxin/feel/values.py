"""The values of FEEL that Python has no type for, and the kind of every value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

from tongxin.feel.far import Far
from tongxin.feel.frame import Frame

Value = (
    Any  # None, bool, int, Decimal, str, date, time, datetime, Far, timedelta, YearsMonths, list, dict, Range, function
)
Number = int | Decimal
Function = Callable[..., Value]

# IEEE 754 decimal128. No traps: what overflows or is undefined becomes NaN or infinite, and then null.
DECIMAL = Context(prec=34, Emin=-6143, Emax=6144, traps=[])
WHOLE_LIMIT = 10**34  # whole numbers beyond this are rounded like every other number


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of years and months, whose length in days depends on where it starts."""

    months: int

    def __str__(self) -> str:
        sign = "-" if self.months < 0 else ""
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{text or '0M'}"

    def __neg__(self) -> "YearsMonths":
        return YearsMonths(-self.months)


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two; None as an end means there is no bound on that side."""

    start: Value
    end: Value
    start_included: bool
    end_included: bool


class FunctionValue:
    """A function as a value: built in, injected, or written in the expression."""

    __slots__ = ("invoke", "parameters")

    def __init__(self, parameters: Sequence[str], invoke: Callable[[Frame, Sequence[Value]], Value]) -> None:
        self.parameters = tuple(parameters)
        self.invoke = invoke


def finite(number: Decimal) -> Decimal | None:
    return number if number.is_finite() else None


def whole(number: int) -> Number:
    """A whole number within the 34 digits every number has."""
    return number if -WHOLE_LIMIT < number < WHOLE_LIMIT else DECIMAL.create_decimal(number)


def as_number(value: Value) -> Number | None:
    """The value if it is a number. Floats, which only careless callers pass, are read by their shortest text."""
    kind = type(value)
    if kind is int or kind is Decimal:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return finite(DECIMAL.create_decimal(repr(value)))
    if isinstance(value, Decimal):
        return value
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


_EXACT: dict[type, str] = {
    bool: "boolean",
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    datetime: "date and time",
    date: "date",
    time: "time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
    FunctionValue: "function",
    type(None): "null",
}


def kind(value: Value) -> str:
    """The name of the value's FEEL type; "unknown" for anything FEEL has no type for."""
    exact = _EXACT.get(type(value))
    if exact:
        return exact
    if isinstance(value, Far):
        return value.kind
    # Subclasses (a Limit is a datetime): in this order, since bool is an int and datetime a date.
    for python, name in _EXACT.items():
        if isinstance(value, python):
            return name
    return "list" if isinstance(value, tuple) else "unknown"
