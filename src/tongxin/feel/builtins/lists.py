"""Functions that make lists and look things up in them; positions count from 1, negative ones from the end."""

from functools import cmp_to_key

from tongxin.feel import logic
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.frame import Budget, Frame
from tongxin.feel.values import FunctionValue, Value


def _place(position: int, size: int) -> int | None:
    """The index of a position, or None when there is no such place."""
    if 1 <= position <= size:
        return position - 1
    return size + position if -size <= position <= -1 else None


def _holds(items: list[Value], value: Value, budget: Budget) -> bool:
    budget.spend(len(items))
    return any(logic.equal(item, value, budget) is True for item in items)


@builtin("list contains", "list: list, element: any", frame=True)
def _list_contains(frame: Frame, items: list[Value], element: Value) -> Value:
    return _holds(items, element, frame.budget)


@builtin("index of", "list: list, match: any", frame=True)
def _index_of(frame: Frame, items: list[Value], match: Value) -> Value:
    frame.budget.spend(len(items))
    return [at for at, item in enumerate(items, 1) if logic.equal(item, match, frame.budget) is True]


@builtin("sublist", "list: list, start position: whole, length?: whole")
def _sublist(items: list[Value], start: int, length: int | None = None) -> Value:
    first = _place(start, len(items))
    if first is None or (length is not None and not 1 <= length <= len(items) - first):
        return None
    return items[first:] if length is None else items[first : first + length]


@builtin("append", "*list: list", frame=True)
def _append(frame: Frame, arguments: list[Value]) -> Value:
    if not arguments or arguments[0] is None:
        return None
    first = arguments[0] if isinstance(arguments[0], list) else [arguments[0]]
    return [*first, *arguments[1:]]


@builtin("concatenate", "*list", frame=True)
def _concatenate(frame: Frame, arguments: list[Value]) -> Value:
    if any(argument is None for argument in arguments):
        return None
    lists = [argument if isinstance(argument, list) else [argument] for argument in arguments]
    frame.budget.items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("union", "*list", frame=True)
def _union(frame: Frame, arguments: list[Value]) -> Value:
    joined = _concatenate(frame, arguments)
    return None if joined is None else _distinct(frame, joined)


@builtin("distinct values", "list: list", frame=True)
def _distinct(frame: Frame, items: list[Value]) -> Value:
    kept: list[Value] = []
    for item in items:
        if not _holds(kept, item, frame.budget):
            kept.append(item)
    return kept


@builtin("duplicate values", "list: list", frame=True)
def _duplicates(frame: Frame, items: list[Value]) -> Value:
    kept: list[Value] = []
    for at, item in enumerate(items):
        if _holds(items[at + 1 :], item, frame.budget) and not _holds(kept, item, frame.budget):
            kept.append(item)
    return kept


@builtin("insert before", "list: list, position: whole, newItem: any")
def _insert_before(items: list[Value], position: int, item: Value) -> Value:
    at = _place(position, len(items))
    return None if at is None else [*items[:at], item, *items[at:]]


@builtin("remove", "list: list, position: whole")
def _remove(items: list[Value], position: int) -> Value:
    at = _place(position, len(items))
    return None if at is None else [*items[:at], *items[at + 1 :]]


@builtin("list replace", "list: list, position: whole, newItem: any")
def _replace_at(items: list[Value], position: int, item: Value) -> Value:
    at = _place(position, len(items))
    return None if at is None else [*items[:at], item, *items[at + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any", frame=True)
def _replace_where(frame: Frame, items: list[Value], match: FunctionValue, new: Value) -> Value:
    if len(match.parameters) != 2:
        return None
    replaced = []
    for item in items:
        found = match.invoke(frame, [item, new])
        if not isinstance(found, bool):
            return None
        replaced.append(new if found else item)
    return replaced


@builtin("reverse", "list: list")
def _reverse(items: list[Value]) -> Value:
    return items[::-1]


@builtin("flatten", "list: list", frame=True)
def _flatten(frame: Frame, items: list[Value]) -> Value:
    flat: list[Value] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            frame.budget.spend(1)
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return flat


@builtin("sort", "list: list, precedes?: function", frame=True)
def _sort(frame: Frame, items: list[Value], precedes: FunctionValue | None = None) -> Value:
    def before(left: Value, right: Value) -> bool:
        frame.budget.spend(1)
        if precedes is None:
            return logic.less(left, right) is True
        return precedes.invoke(frame, [left, right]) is True

    def order(left: Value, right: Value) -> int:
        if before(left, right):
            return -1
        return 1 if before(right, left) else 0

    return sorted(items, key=cmp_to_key(order))
