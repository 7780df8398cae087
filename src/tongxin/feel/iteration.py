"""Closures for `for`, `some`, `every` and filters."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from tongxin.feel import logic
from tongxin.feel.arithmetic import integral
from tongxin.feel.frame import Frame
from tongxin.feel.values import Range, Value, as_number

Run = Callable[[Frame], Value]
_TURN = 2  # steps of a turn of a loop besides its body


class Source(NamedTuple):
    """What one iterator runs over: a list or range, or from `start` to `end`."""

    name: str
    start: Run
    end: Run | None

    def items(self, frame: Frame) -> Iterable[Value] | None:
        if self.end is not None:
            return _counted(self.start(frame), self.end(frame), True, True)
        value = self.start(frame)
        if isinstance(value, Range):
            if logic.greater(value.start, value.end):
                return None
            return _counted(value.start, value.end, value.start_included, value.end_included)
        if value is None:
            return None
        return value if isinstance(value, list) else [value]


def _counted(start: Value, end: Value, start_included: bool, end_included: bool) -> Iterable[Value] | None:
    """Whole numbers or dates from one to the other, downwards if the end is smaller."""
    if isinstance(start, date) and isinstance(end, date) and not isinstance(start, datetime):
        days = _counted(start.toordinal(), end.toordinal(), start_included, end_included)
        return None if days is None else map(date.fromordinal, days)
    first, last = as_number(start), as_number(end)
    low, high = (None if number is None else integral(number) for number in (first, last))
    if low is None or high is None:
        return None
    step = 1 if low <= high else -1
    return range(low + (0 if start_included else step), high + (step if end_included else 0), step)


def _each(sources: Sequence[Source], frame: Frame, cost: int) -> Iterator[Frame | None]:
    """A frame for every combination; None once if something cannot be iterated."""
    source = sources[0]
    items = source.items(frame)
    if items is None:
        yield None
        return
    for item in items:
        frame.budget.spend(cost + _TURN)
        inner = frame.inside({source.name: item})
        if len(sources) == 1:
            yield inner
        else:
            yield from _each(sources[1:], inner, cost)


def for_each(sources: Sequence[Source], body: Run, cost: int) -> Run:
    def run(frame: Frame) -> Value:
        results: list[Value] = []
        outer = frame.inside({"partial": results})
        for inner in _each(sources, outer, cost):
            if inner is None:
                return None
            results.append(body(inner))
        frame.budget.items(len(results))
        return results

    return run


def quantified(sources: Sequence[Source], condition: Run, cost: int, every: bool) -> Run:
    fold = logic.both if every else logic.either

    def run(frame: Frame) -> Value:
        result: bool | None = every
        for inner in _each(sources, frame, cost):
            if inner is None:
                return None
            result = fold(result, condition(inner))
            if result is not every and result is not None:
                return result
        return result

    return run


def item_at(value: Value, position: Value) -> Value:
    """The item at a position counted from 1, or from the end when negative."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    number = as_number(position)
    at = None if number is None else integral(number)
    if at is None or at == 0 or abs(at) > len(items):
        return None
    return items[at - 1] if at > 0 else items[at]


def filtered(base: Run, condition: Run, cost: int) -> Run:
    """The items for which the condition is true, or the one at the position it gives."""

    def run(frame: Frame) -> Value:
        value = base(frame)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        kept = []
        for item in items:
            frame.budget.spend(cost + _TURN)
            result = condition(about(item, frame))
            if as_number(result) is not None:
                return item_at(items, result)
            if result is True:
                kept.append(item)
        return kept

    return run


def about(item: Value, frame: Frame) -> Frame:
    """The item itself under the name `item`, and, if it is a context, its entries by their own names."""
    return frame.inside({"item": item, **item} if isinstance(item, dict) else {"item": item})
