"""Functions of contexts, and of any value."""

from tongxin.feel import logic
from tongxin.feel.builtins.registry import builtin
from tongxin.feel.frame import Frame
from tongxin.feel.values import Value


@builtin("get value", "m: context, key: string")
def _get_value(m: dict[str, Value], key: str) -> Value:
    return m.get(key)


@builtin("get value", "m: context, keys: list")
def _get_nested_value(m: dict[str, Value], keys: list[Value]) -> Value:
    found: Value = m
    for key in keys:
        if not isinstance(found, dict) or not isinstance(key, str):
            return None
        found = found.get(key)
    return found if keys else None


@builtin("get entries", "m: context")
def _get_entries(m: dict[str, Value]) -> Value:
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list", frame=True)
def _context(frame: Frame, entries: list[Value]) -> Value:
    built: dict[str, Value] = {}
    for entry in entries:
        fits = isinstance(entry, dict) and isinstance(entry.get("key"), str) and "value" in entry
        if not fits or entry["key"] in built:
            return None
        built[entry["key"]] = entry["value"]
    frame.budget.items(len(built))
    return built


@builtin("context put", "context: context, key: string, value: any", frame=True)
def _put(frame: Frame, context: dict[str, Value], key: str, value: Value) -> Value:
    frame.budget.items(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any", frame=True)
def _put_nested(frame: Frame, context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    frame.budget.items(len(context) + 1)
    if not keys or not isinstance(keys[0], str):
        return None
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    nested = _put_nested(frame, inner, keys[1:], value) if isinstance(inner, dict) else None
    return None if nested is None else {**context, keys[0]: nested}


@builtin("context merge", "contexts: list", frame=True)
def _merge(frame: Frame, contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        frame.budget.items(len(context))
        merged.update(context)
    return merged


@builtin("not", "negand: boolean")
def _not(negand: bool) -> Value:
    return not negand


@builtin("is", "value1: any, value2: any", frame=True)
def _is(frame: Frame, one: Value, other: Value) -> Value:
    """Same kind and same value; zones must be written alike, too."""
    same = logic.equal(one, other, frame.budget) is True
    return same and getattr(one, "tzinfo", None) == getattr(other, "tzinfo", None)


@builtin("get or else", "value: any, default: any")
def _get_or_else(value: Value, default: Value) -> Value:
    return default if value is None else value


@builtin("is defined", "value: any")
def _is_defined(value: Value) -> Value:
    return value is not None
