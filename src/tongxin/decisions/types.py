"""Item definitions: which values conform to a type, and what a value becomes where a type is expected."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from tongxin import feel
from tongxin.decisions.document import Element, attribute, child, children, text_of
from tongxin.feel import FeelError, FunctionValue, Value
from tongxin.feel.values import kind

Matcher = Callable[[Value], bool]
Told = Callable[[Element, FeelError], None]  # takes what is wrong with an element's expression

_BUILT_IN = {
    **{name: name for name in ("number", "string", "boolean", "date", "time", "context", "list", "function")},
    **dict.fromkeys(("date and time", "dateTime"), "date and time"),
    **dict.fromkeys(("days and time duration", "dayTimeDuration"), "days and time duration"),
    **dict.fromkeys(("years and months duration", "yearMonthDuration"), "years and months duration"),
}
_MAX_DEPTH = 30  # structures within one another; a recursive type ends here


class Type:
    """`conforms` tells of a value that is not null; null conforms to every type."""

    __slots__ = ("conforms", "is_list", "kind")

    def __init__(self, conforms: Matcher, is_list: bool = False, kind: str = "") -> None:
        self.conforms = conforms
        self.is_list = is_list
        self.kind = kind

    def coerce(self, value: Value) -> Value:
        """The value as this type, by the rules of the standard (10.3.2.9.4); null if it cannot be."""
        if value is None or self.conforms(value):
            return value
        if self.is_list and not isinstance(value, list) and self.conforms([value]):
            return [value]
        if isinstance(value, list) and len(value) == 1 and value[0] is not None and self.conforms(value[0]):
            return value[0]
        if self.kind == "date and time" and isinstance(value, date):
            return datetime.combine(value, time(tzinfo=UTC))
        return None


ANY = Type(lambda value: True)


class Types:
    """The types of one model: the built-in ones, its own, and those it imports as `import.type`."""

    def __init__(self, root: Element, told: Told, imported: "Mapping[str, Types]") -> None:
        self._elements = {attribute(one, "name"): one for one in children(root, "itemDefinition")}
        self._imported = imported
        self._told = told
        self._found: dict[str, Type | None] = {}
        self._language = attribute(root, "typeLanguage")
        for name in self._elements:
            self.named(name)

    def matchers(self) -> dict[str, Matcher]:
        """What `instance of` in an expression may name."""
        own = {name: found.conforms for name in self._elements if (found := self.named(name))}
        for prefix, others in self._imported.items():
            start = f"{prefix}." if prefix else ""
            own |= {f"{start}{name}": matches for name, matches in others.matchers().items()}
        return own

    def named(self, name: str) -> Type | None:
        """The type a `typeRef` names: ANY without one, None if there is no such type."""
        name = name.strip().removeprefix("feel:")
        if not name or name == "Any":
            return ANY
        if name in self._elements:
            return self._own(name)
        if name in _BUILT_IN:
            return _built_in(_BUILT_IN[name])
        for prefix, others in self._imported.items():
            inner = name.removeprefix(f"{prefix}.") if prefix else name
            if (inner != name or not prefix) and (found := others.named(inner)):
                return found
        return None

    def _own(self, name: str) -> Type | None:
        if name not in self._found:
            self._found[name] = Type(lambda value: self._conforms_late(name, value))  # for a type within itself
            self._found[name] = self._read(self._elements[name])
        return self._found[name]

    def _conforms_late(self, name: str, value: Value) -> bool:
        found = self._found[name]
        return found is not None and found.conforms(value)

    def _read(self, element: Element) -> Type:
        """An item definition or component: what one item is, then whether it is a collection of them."""
        item = self._item(element)
        allowed = self._allowed(child(element, "allowedValues"))
        one = _both(item.conforms, allowed)
        constraint = self._allowed(child(element, "typeConstraint"))
        if attribute(element, "isCollection") != "true":
            return Type(_both(one, constraint), item.is_list, item.kind)
        return Type(_both(_list_of(one), constraint), True, "list")

    def _item(self, element: Element) -> Type:
        components = list(children(element, "itemComponent"))
        function = child(element, "functionItem")
        if components:
            return Type(_structure({attribute(one, "name"): self._read(one).conforms for one in components}))
        if function is not None:
            count = len(list(children(function, "parameters", "parameter")))
            return Type(lambda value: isinstance(value, FunctionValue) and len(value.parameters) == count)
        name = text_of(element, "typeRef")
        found = self.named(name)
        if found is None:
            self._told(element, FeelError("没有“{name}”这种类型", "unknown type {name!r}", name=name))
        return found or ANY

    def _allowed(self, element: Element | None) -> Matcher | None:
        if element is None:
            return None
        try:
            tests = feel.compile_tests(text_of(element, "text"))
        except FeelError as error:
            self._told(element, error)
            return None
        return lambda value: tests(value, {})

    def allowed_text(self, name: str) -> str:
        """What stands in `allowedValues` of the type of that name, or of the one it is made from."""
        for _depth in range(_MAX_DEPTH):
            element = self._elements.get(name.strip())
            if element is None:
                return ""
            if found := text_of(element, "allowedValues", "text"):
                return found
            name = text_of(element, "typeRef")
        return ""

    def base(self, name: str) -> str:
        """The built-in type a plain type is made from; empty for structures and lists."""
        for _depth in range(_MAX_DEPTH):
            name = name.strip().removeprefix("feel:")
            element = self._elements.get(name)
            if element is None:
                return _BUILT_IN.get(name, "")
            if attribute(element, "isCollection") == "true":
                return ""
            name = text_of(element, "typeRef")
        return ""


def _built_in(name: str) -> Type:
    return Type(lambda value: kind(value) == name, name == "list", name)


def _both(first: Matcher, second: Matcher | None) -> Matcher:
    return first if second is None else lambda value: first(value) and second(value)


def _list_of(item: Matcher) -> Matcher:
    return lambda value: isinstance(value, list) and all(one is None or item(one) for one in value)


def _structure(components: dict[str, Matcher]) -> Matcher:
    """Every component has to be there; more may be."""
    checks = tuple(components.items())

    def matches(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        return all(name in value and (value[name] is None or check(value[name])) for name, check in checks)

    return matches


def component_names(root: Element) -> Iterator[str]:
    """All names a model declares inside values: with spaces they can only be read if they are known."""
    for one in root.iter():
        if isinstance(one.tag, str) and attribute(one, "name"):
            yield attribute(one, "name")
