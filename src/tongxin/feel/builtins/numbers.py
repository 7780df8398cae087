"""Functions of numbers."""

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

from tongxin.feel import arithmetic
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.values import DECIMAL, Number, Value, finite

_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")
_LEAST_SCALE, _MOST_SCALE = -6111, 6176  # of decimal128


def _round(number: Number, scale: int, mode: str) -> Value:
    if not _LEAST_SCALE <= scale <= _MOST_SCALE:
        return None
    value = Decimal(number)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return number  # nothing beyond the scale to round away
    # Room for every digit: quantize itself refuses a result longer than its precision.
    wide = Context(prec=max(34, value.adjusted() + scale + 3), Emin=-6500, Emax=6500, traps=[])
    rounded = finite(value.quantize(Decimal((0, (1,), -scale)), rounding=mode, context=wide))
    return None if rounded is None else finite(DECIMAL.create_decimal(rounded))


def _rounding(mode: str) -> Callable[..., Value]:
    def rounding(number: Number, scale: int | None = None) -> Value:
        return _round(number, scale or 0, mode)

    return rounding


builtin("decimal", "n: number, scale: whole")(_rounding(ROUND_HALF_EVEN))
for _name, _mode in {
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}.items():
    builtin(_name, "n: number, scale?: whole")(_rounding(_mode))

builtin("modulo", "dividend: number, divisor: number")(arithmetic.modulo)


@builtin("abs", "n: number")
def _abs(n: Number) -> Value:
    return abs(n) if isinstance(n, int) else DECIMAL.abs(n)


@builtin("abs", "n: duration")
def _abs_duration(n: Value) -> Value:
    negative = arithmetic.negate(n)
    return max(n, negative)


@builtin("sqrt", "number: number")
def _sqrt(number: Number) -> Value:
    return finite(DECIMAL.sqrt(number)) if number >= 0 else None


@builtin("log", "number: number")
def _log(number: Number) -> Value:
    return finite(DECIMAL.ln(number)) if number > 0 else None


@builtin("exp", "number: number")
def _exp(number: Number) -> Value:
    return finite(DECIMAL.exp(number))


@builtin("odd", "number: number")
def _odd(number: Number) -> Value:
    n = arithmetic.integral(number)
    return n is not None and n % 2 == 1


@builtin("even", "number: number")
def _even(number: Number) -> Value:
    n = arithmetic.integral(number)
    return n is not None and n % 2 == 0


def read_number(text: str) -> Value:
    """The number a plain text such as "1234.5" stands for, else null."""
    if len(text) > 400 or not _PLAIN_NUMBER.fullmatch(text):
        return None
    return finite(DECIMAL.create_decimal(text))


builtin("number", "from: string")(read_number)
builtin("number", "from: number")(lambda number: number)


@builtin("number", "from: string, grouping separator?: string or null, decimal separator?: string or null")
def _number(text: str, grouping: str | None, decimal: str | None = None) -> Value:
    if grouping not in {None, " ", ",", "."} or decimal not in {None, ".", ","}:
        return None
    if grouping is not None and grouping == decimal:
        return None
    if grouping:
        text = text.replace(grouping, "")
    return read_number(text.replace(decimal, ".") if decimal else text)
