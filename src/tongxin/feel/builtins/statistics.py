"""Functions that reduce a list to one value: count, sum, min, and so on, also over plain arguments."""

from collections.abc import Callable
from functools import partial, reduce

from tongxin.feel import arithmetic, logic
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.frame import Frame
from tongxin.feel.values import DECIMAL, Number, Value, as_number, finite

Reduction = Callable[[Frame, list[Value]], Value]


def _over_list_or_arguments(name: str) -> Callable[[Reduction], Reduction]:
    def register(function: Reduction) -> Reduction:
        builtin(name, "list: list", frame=True)(function)
        builtin(name, "*list", frame=True)(function)
        return function

    return register


@builtin("count", "list: list")
def _count(items: list[Value]) -> Value:
    return len(items)


def _extreme(better: Callable[[Value, Value], bool | None]) -> Reduction:
    def extreme(frame: Frame, items: list[Value]) -> Value:
        frame.budget.spend(len(items))
        if not items:
            return None
        best = items[0]
        for item in items:
            if better(item, best) is True:
                best = item
            elif better(best, item) is None:
                return None
        return best

    return extreme


_over_list_or_arguments("min")(_extreme(logic.less))
_over_list_or_arguments("max")(_extreme(logic.greater))


def _numbers(frame: Frame, items: list[Value]) -> list[Number] | None:
    """The items as numbers; None if one is not, or there are none."""
    frame.budget.spend(len(items))
    numbers = [number for number in map(as_number, items) if number is not None]
    return numbers if numbers and len(numbers) == len(items) else None


@_over_list_or_arguments("sum")
def _sum(frame: Frame, items: list[Value]) -> Value:
    frame.budget.spend(len(items))
    return reduce(partial(_plus, frame), items) if items else None


def _plus(frame: Frame, left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        frame.budget.text(len(left) + len(right))
    return arithmetic.add(left, right)


@_over_list_or_arguments("product")
def _product(frame: Frame, items: list[Value]) -> Value:
    numbers = _numbers(frame, items)
    return reduce(arithmetic.multiply, numbers) if numbers else None


@_over_list_or_arguments("mean")
def _mean(frame: Frame, items: list[Value]) -> Value:
    if not items:
        return None
    return arithmetic.divide(_sum(frame, items), len(items))


@_over_list_or_arguments("median")
def _median(frame: Frame, items: list[Value]) -> Value:
    numbers = _numbers(frame, items)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return arithmetic.divide(arithmetic.add(numbers[middle - 1], numbers[middle]), 2)


@_over_list_or_arguments("mode")
def _mode(frame: Frame, items: list[Value]) -> Value:
    if not items:
        return []
    numbers = _numbers(frame, items)
    if numbers is None:
        return None
    counts: dict[Number, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values())
    return sorted(number for number, count in counts.items() if count == most)


@_over_list_or_arguments("stddev")
def _stddev(frame: Frame, items: list[Value]) -> Value:
    """The standard deviation of a sample."""
    numbers = _numbers(frame, items)
    if not numbers or len(numbers) < 2:
        return None
    mean = arithmetic.divide(reduce(arithmetic.add, numbers), len(numbers))
    squares = [arithmetic.power(arithmetic.subtract(number, mean), 2) for number in numbers]
    variance = arithmetic.divide(reduce(arithmetic.add, squares), len(numbers) - 1)
    return finite(DECIMAL.sqrt(variance)) if variance is not None else None


@_over_list_or_arguments("all")
def _all(frame: Frame, items: list[Value]) -> Value:
    frame.budget.spend(len(items))
    result: bool | None = True
    for item in items:
        result = logic.both(result, item)
    return result


@_over_list_or_arguments("any")
def _any(frame: Frame, items: list[Value]) -> Value:
    frame.budget.spend(len(items))
    result: bool | None = False
    for item in items:
        result = logic.either(result, item)
    return result
