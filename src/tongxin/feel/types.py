"""Types written in an expression, and whether a value is an instance of one."""

from collections.abc import Callable, Mapping

from tongxin.feel.ast import TypeName
from tongxin.feel.errors import FeelError
from tongxin.feel.values import Value, kind

_SIMPLE = frozenset(
    (
        *("number", "string", "boolean", "date", "time", "date and time", "list", "context", "range", "function"),
        *("days and time duration", "years and months duration"),
    )
)
_OTHER_NAMES = {
    "day time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "year month duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "dateTime": "date and time",
}
Matcher = Callable[[Value], bool]


def matcher(type_name: TypeName, own: Mapping[str, Matcher]) -> Matcher:
    """A test of whether a value has the type. null has only the type Null; Any holds every other value.

    `own` are types declared around the expression, by name; a built-in name is never looked up there.
    """
    name = _OTHER_NAMES.get(type_name.name, type_name.name)
    if name in _SPECIAL:
        return _SPECIAL[name]
    if name not in _SIMPLE:
        if name in own:
            return own[name]
        raise FeelError("没有“{name}”这种类型", "unknown type {name!r}", type_name.at, name=name)
    detail = _detail_matcher(name, type_name, own)
    if detail is None:
        return lambda value: kind(value) == name
    return lambda value: kind(value) == name and detail(value)


_SPECIAL: dict[str, Matcher] = {"Any": lambda value: value is not None, "Null": lambda value: value is None}


def _detail_matcher(name: str, type_name: TypeName, own: Mapping[str, Matcher]) -> Matcher | None:
    """A test of what stands between < and >, on a value that has the plain type; an item may always be null."""
    if name == "context" and type_name.fields is not None:
        return _context_matcher(type_name.fields, own)
    if name == "function" and type_name.fields is not None:
        count = len(type_name.fields)
        return lambda value: len(value.parameters) == count
    if type_name.element is None:
        return None
    item = matcher(type_name.element, own)
    if name == "list":
        return lambda value: all(one is None or item(one) for one in value)
    return lambda value: all(one is None or item(one) for one in (value.start, value.end))


def _context_matcher(fields: list[tuple[str, TypeName]], own: Mapping[str, Matcher]) -> Matcher:
    matchers = [(name, matcher(type_name, own)) for name, type_name in fields]

    def is_such_context(value: Value) -> bool:
        return all(name in value and (value[name] is None or matches(value[name])) for name, matches in matchers)

    return is_such_context
