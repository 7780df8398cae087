"""Equality, order, membership and three-valued logic. What cannot be compared gives null."""

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from tongxin.feel import far
from tongxin.feel.far import Far
from tongxin.feel.frame import Budget
from tongxin.feel.temporal import same_zone
from tongxin.feel.values import Range, Value, as_number, kind

_PLAIN = {str, bool, int, Decimal}  # types whose values compare as Python compares them
_ORDERED = {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
Compare = Callable[[Value, Value], bool | None]


def equal(left: Value, right: Value, budget: Budget) -> bool | None:
    if left is None or right is None:
        return left is right
    one = type(left)
    if one is type(right) and one in _PLAIN:
        return bool(left == right)
    one_kind = kind(left)
    if one_kind != kind(right):
        return None
    compare = _EQUAL.get(one_kind)
    return compare(left, right, budget) if compare else bool(left == right)


def _equal_moments(left: Value, right: Value, budget: Budget) -> bool:
    if isinstance(left, Far) or isinstance(right, Far):
        return _apart(left, right) == timedelta()
    one, other = same_zone(left, right)
    return one == other


def _equal_lists(left: list[Value], right: list[Value], budget: Budget) -> bool:
    budget.spend(min(len(left), len(right)) + 1)
    if len(left) != len(right):
        return False
    return all(equal(a, b, budget) is True for a, b in zip(left, right, strict=True))


def _equal_contexts(left: dict[str, Value], right: dict[str, Value], budget: Budget) -> bool:
    budget.spend(len(left) + 1)
    return left.keys() == right.keys() and all(equal(left[key], right[key], budget) is True for key in left)


def _equal_ranges(left: Range, right: Range, budget: Budget) -> bool:
    if (left.start_included, left.end_included) != (right.start_included, right.end_included):
        return False
    return equal(left.start, right.start, budget) is True and equal(left.end, right.end, budget) is True


_EQUAL: dict[str, Callable[[Value, Value, Budget], bool]] = {
    "number": lambda left, right, budget: as_number(left) == as_number(right),
    "date and time": _equal_moments,
    "list": _equal_lists,
    "context": _equal_contexts,
    "range": _equal_ranges,
}


def _ordering(compare: Callable[[Value, Value], bool]) -> Compare:
    def ordered(left: Value, right: Value) -> bool | None:
        one = type(left)
        if one is type(right) and one in _PLAIN:
            return compare(left, right) if one is not bool else None
        one_kind = kind(left)
        if one_kind != kind(right) or one_kind not in _ORDERED:
            return None
        if one_kind == "number":
            left, right = as_number(left), as_number(right)
        elif isinstance(left, Far) or isinstance(right, Far):
            apart = _apart(left, right)
            return None if apart is None else compare(apart, timedelta())
        elif isinstance(left, datetime):
            left, right = same_zone(left, right)
        elif isinstance(left, time):
            left, right = _same_day(left), _same_day(right)
        return compare(left, right)

    return ordered


def _apart(left: Value, right: Value) -> timedelta | None:
    """How much later the left one is, of two dates that may be far ones."""
    one, other = far.lifted(left), far.lifted(right)
    if isinstance(one.near, datetime) and isinstance(other.near, datetime):
        near = same_zone(one.near, other.near)
        one, other = Far(near[0], one.cycles), Far(near[1], other.cycles)
    return far.difference(one, other)


def _same_day(value: time) -> datetime:
    """Times with different offsets compare as the instants they are on one day; without one as in UTC."""
    moment = datetime.combine(date(2000, 1, 2), value)
    return moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)


less = _ordering(operator.lt)
at_most = _ordering(operator.le)
greater = _ordering(operator.gt)
at_least = _ordering(operator.ge)
ORDERINGS: dict[str, Compare] = {"<": less, "<=": at_most, ">": greater, ">=": at_least}


def both(left: Value, right: Value) -> bool | None:
    """`and`: false wins over null, null over true; what is no boolean counts as null."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def either(left: Value, right: Value) -> bool | None:
    """`or`: true wins over null, null over false."""
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def negation(value: Value) -> bool | None:
    return not value if isinstance(value, bool) else None


def inside(value: Value, limits: Range) -> bool | None:
    """Whether a range holds a value; a missing end does not bound it."""
    above: bool | None = True
    below: bool | None = True
    if limits.start is not None:
        above = (at_least if limits.start_included else greater)(value, limits.start)
    if limits.end is not None:
        below = (at_most if limits.end_included else less)(value, limits.end)
    return both(above, below)


def passes_range(value: Value, limits: Range | None) -> bool | None:
    """Whether a value is in a range written as a test; null if the range is none, as with null for an end."""
    if limits is None:
        return None
    return value == limits if isinstance(value, Range) else inside(value, limits)


def passes(value: Value, test: Value, budget: Budget) -> bool | None:
    """Whether a value is in what a test gives: equal to it, within the range, or one of the list."""
    if isinstance(test, Range):
        return passes_range(value, test)
    if not isinstance(test, list):
        return equal(value, test, budget)
    if isinstance(value, list) and equal(value, test, budget):
        return True
    budget.spend(len(test))
    results = [passes(value, item, budget) if isinstance(item, Range) else equal(value, item, budget) for item in test]
    return True in results
