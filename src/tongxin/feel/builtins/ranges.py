"""Functions that relate points and ranges (Allen's relations)."""

from collections.abc import Callable

from tongxin.feel import logic
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.values import Range, Value


def _as_range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _relation(name: str, first: str = "range1", second: str = "range2") -> Callable[..., Callable[..., Value]]:
    return builtin(name, f"{first}: any, {second}: any")


def _ends_before(one: Range, other: Range) -> bool | None:
    """Whether all of one lies before all of the other."""
    before = logic.less(one.end, other.start)
    touching = logic.at_most(one.end, other.start)
    return before or (touching and not (one.end_included and other.start_included))


def _starts_at_or_before(outer: Range, inner: Range) -> bool | None:
    same = logic.at_most(inner.start, outer.start) and logic.at_most(outer.start, inner.start)
    if same:
        return outer.start_included or not inner.start_included
    return logic.less(outer.start, inner.start)


def _ends_at_or_after(outer: Range, inner: Range) -> bool | None:
    same = logic.at_most(inner.end, outer.end) and logic.at_most(outer.end, inner.end)
    if same:
        return outer.end_included or not inner.end_included
    return logic.greater(outer.end, inner.end)


@_relation("before", "point1", "point2")
def _before(one: Value, other: Value) -> Value:
    return _ends_before(_as_range(one), _as_range(other))


@_relation("after", "point1", "point2")
def _after(one: Value, other: Value) -> Value:
    return _ends_before(_as_range(other), _as_range(one))


@builtin("meets", "range1: range, range2: range")
def _meets(one: Range, other: Range) -> Value:
    touching = logic.at_most(one.end, other.start) and logic.at_least(one.end, other.start)
    return one.end_included and other.start_included and touching


@builtin("met by", "range1: range, range2: range")
def _met_by(one: Range, other: Range) -> Value:
    return _meets(other, one)


@builtin("overlaps", "range1: range, range2: range")
def _overlaps(one: Range, other: Range) -> Value:
    apart = logic.either(_ends_before(one, other), _ends_before(other, one))
    return logic.negation(apart)


@builtin("overlaps before", "range1: range, range2: range")
def _overlaps_before(one: Range, other: Range) -> Value:
    starts_earlier = logic.negation(_starts_at_or_before(other, one))
    ends_within = logic.both(_overlaps(one, other), _ends_at_or_after(other, one))
    return logic.both(starts_earlier, ends_within)


@builtin("overlaps after", "range1: range, range2: range")
def _overlaps_after(one: Range, other: Range) -> Value:
    starts_within = logic.both(_overlaps(one, other), _starts_at_or_before(other, one))
    ends_later = logic.negation(_ends_at_or_after(other, one))
    return logic.both(starts_within, ends_later)


@builtin("finishes", "point: any, range: range")
def _finishes(one: Value, limits: Range) -> Value:
    inner = _as_range(one)
    same_end = logic.at_most(inner.end, limits.end) and logic.at_least(inner.end, limits.end)
    return logic.both(same_end and inner.end_included == limits.end_included, _starts_at_or_before(limits, inner))


@builtin("finished by", "range: range, point: any")
def _finished_by(limits: Range, one: Value) -> Value:
    return _finishes(one, limits)


@builtin("includes", "range: range, point: any")
def _includes(limits: Range, one: Value) -> Value:
    inner = _as_range(one)
    return logic.both(_starts_at_or_before(limits, inner), _ends_at_or_after(limits, inner))


@builtin("during", "point: any, range: range")
def _during(one: Value, limits: Range) -> Value:
    return _includes(limits, one)


@builtin("starts", "point: any, range: range")
def _starts(one: Value, limits: Range) -> Value:
    inner = _as_range(one)
    same_start = logic.at_most(inner.start, limits.start) and logic.at_least(inner.start, limits.start)
    return logic.both(same_start and inner.start_included == limits.start_included, _ends_at_or_after(limits, inner))


@builtin("started by", "range: range, point: any")
def _started_by(limits: Range, one: Value) -> Value:
    return _starts(one, limits)


@_relation("coincides", "point1", "point2")
def _coincides(one: Value, other: Value) -> Value:
    a, b = _as_range(one), _as_range(other)
    return logic.both(
        logic.both(_starts_at_or_before(a, b), _ends_at_or_after(a, b)),
        logic.both(_starts_at_or_before(b, a), _ends_at_or_after(b, a)),
    )
