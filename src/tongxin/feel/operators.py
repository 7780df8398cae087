"""Closures for the operators, with a quick way for plain numbers and texts."""

from collections.abc import Callable, Sequence
from operator import mul, sub

from tongxin.feel import arithmetic, logic, temporal
from tongxin.feel.frame import Budget, Frame
from tongxin.feel.values import FunctionValue, Value

Run = Callable[[Frame], Value]
Combine = Callable[[Run, Run], Run]
_SAFE = 10**16  # the product of two smaller whole numbers is below the 34 digits


def _arithmetic(quick: Callable[[int, int], int], full: Callable[[Value, Value], Value]) -> Combine:
    def combine(left: Run, right: Run) -> Run:
        def run(frame: Frame) -> Value:
            a, b = left(frame), right(frame)
            if type(a) is int and type(b) is int and -_SAFE < a < _SAFE and -_SAFE < b < _SAFE:
                return quick(a, b)
            return full(a, b)

        return run

    return combine


def _added(left: Run, right: Run) -> Run:
    """`+`, which alone of the operators makes texts."""

    def run(frame: Frame) -> Value:
        a, b = left(frame), right(frame)
        if type(a) is int and type(b) is int and -_SAFE < a < _SAFE and -_SAFE < b < _SAFE:
            return a + b
        if isinstance(a, str) and isinstance(b, str):
            frame.budget.text(len(a) + len(b))
        return arithmetic.add(a, b)

    return run


def _plain(full: Callable[[Value, Value], Value]) -> Combine:
    return lambda left, right: lambda frame: full(left(frame), right(frame))


def _equal(left: Run, right: Run) -> Run:
    return lambda frame: logic.equal(left(frame), right(frame), frame.budget)


def _unequal(left: Run, right: Run) -> Run:
    def run(frame: Frame) -> Value:
        same = logic.equal(left(frame), right(frame), frame.budget)
        return None if same is None else not same

    return run


def _both(left: Run, right: Run) -> Run:
    def run(frame: Frame) -> Value:
        first = left(frame)
        return False if first is False else logic.both(first, right(frame))

    return run


def _either(left: Run, right: Run) -> Run:
    def run(frame: Frame) -> Value:
        first = left(frame)
        return True if first is True else logic.either(first, right(frame))

    return run


BINARY: dict[str, Combine] = {
    "+": _added,
    "-": _arithmetic(sub, arithmetic.subtract),
    "*": _arithmetic(mul, arithmetic.multiply),
    "/": _plain(arithmetic.divide),
    "**": _plain(arithmetic.power),
    "=": _equal,
    "!=": _unequal,
    "and": _both,
    "or": _either,
    **{symbol: _plain(compare) for symbol, compare in logic.ORDERINGS.items()},
}


def member(value: Value, name: str, budget: Budget) -> Value:
    """What follows a dot: an entry, a part of a date or duration, or that of every item of a list."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        budget.items(len(value))
        return [member(item, name, budget) for item in value]
    return temporal.part(value, name)


def in_order(function: FunctionValue, names: Sequence[str], values: Sequence[Value]) -> Sequence[Value]:
    """Named arguments as positional ones; too few, and so null, when a name is unknown."""
    given = dict(zip(names, values, strict=True))
    if set(names) != set(function.parameters):
        return ()
    return [given[name] for name in function.parameters]
