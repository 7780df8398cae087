"""Declaring a function of FEEL: its name, its parameters with their types, and what happens when they do not fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from tongxin.feel.far import Far
from tongxin.feel.frame import Frame
from tongxin.feel.values import FunctionValue, Range, Value, YearsMonths, as_number

MISMATCH: Any = object()
OMITTED: Any = object()  # a parameter left out by a call with named arguments

_MOST = 10**12  # as a position or count


def _number(value: Value) -> Value:
    number = as_number(value)
    return MISMATCH if number is None else number


def _whole(value: Value) -> Value:
    """A number of things or a position; a fraction is cut off."""
    number = as_number(value)
    return int(number) if number is not None and -_MOST <= number <= _MOST else MISMATCH


def _instance(*types: type) -> Callable[[Value], Value]:
    return lambda value: value if isinstance(value, types) else MISMATCH


def _list(value: Value) -> Value:
    if isinstance(value, list):
        return value
    return MISMATCH if value is None else [value]


_CONVERTERS: dict[str, Callable[[Value], Value]] = {
    "any": lambda value: value,
    "number": _number,
    "whole": _whole,
    "string": _instance(str),
    "string or null": lambda value: value if value is None or isinstance(value, str) else MISMATCH,
    "duration or null": lambda value: (
        value if value is None or isinstance(value, (timedelta, YearsMonths)) else MISMATCH
    ),
    "boolean": _instance(bool),
    "list": _list,
    "context": _instance(dict),
    "date": _instance(date),  # a date and time is one, too
    "any date": _instance(date, Far),
    "time": _instance(time),
    "duration": _instance(timedelta, YearsMonths),
    "range": _instance(Range),
    "function": _instance(FunctionValue),
}


class Parameter(NamedTuple):
    name: str
    type: str
    optional: bool

    def read(self, value: Value) -> Value:
        """The value as this parameter's type, or MISMATCH. A list of one item stands for its item."""
        if value is OMITTED:
            return None
        converted = _CONVERTERS[self.type](value)
        if converted is MISMATCH and isinstance(value, list) and len(value) == 1:
            return _CONVERTERS[self.type](value[0])
        return converted


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[Parameter, ...]
    rest: bool  # takes any number of arguments, as one list
    wants_frame: bool
    function: Callable[..., Value]

    def accepts(self, count: int) -> bool:
        needed = sum(not parameter.optional for parameter in self.parameters)
        return count > 0 if self.rest else needed <= count <= len(self.parameters)

    def call(self, frame: Frame, arguments: Sequence[Value]) -> Value:
        """The result, or MISMATCH when the arguments have other types."""
        if self.rest:
            values: list[Value] = [list(arguments)]
        else:
            values = [parameter.read(value) for parameter, value in zip(self.parameters, arguments, strict=False)]
            if MISMATCH in values:
                return MISMATCH
        return self.function(frame, *values) if self.wants_frame else self.function(*values)


class Builtin(FunctionValue):
    """A function of the standard; its first signature that fits the arguments is called."""

    __slots__ = ("name", "signatures")

    def __init__(self, name: str) -> None:
        super().__init__((), self._invoke)
        self.name = name
        self.signatures: tuple[Signature, ...] = ()

    def add(self, signature: Signature) -> None:
        self.signatures = (*self.signatures, signature)
        self.parameters = self.parameters or tuple(parameter.name for parameter in signature.parameters)

    def _invoke(self, frame: Frame, arguments: Sequence[Value]) -> Value:
        for signature in self.signatures:
            if signature.accepts(len(arguments)):
                result = signature.call(frame, arguments)
                if result is not MISMATCH:
                    if type(result) is str:
                        frame.budget.text(len(result))
                    elif type(result) is list:
                        frame.budget.items(len(result))
                    return result
        return None

    @property
    def is_constant(self) -> bool:
        """Whether the result depends on the arguments alone, so a call with literals can be computed beforehand."""
        return not any(signature.wants_frame for signature in self.signatures)

    def named(self, names: Sequence[str]) -> "Builtin":
        """The same function with those of its signatures only that have all these names."""
        narrowed = Builtin(self.name)
        for signature in self.signatures:
            if set(names) <= {parameter.name for parameter in signature.parameters}:
                narrowed.add(signature)
        return narrowed

    def arranged(self, names: Sequence[str]) -> list[int] | None:
        """Which of the named arguments goes to each parameter (-1: none); None if no signature has these names."""
        for signature in self.signatures:
            known = [parameter.name for parameter in signature.parameters]
            required = [parameter.name for parameter in signature.parameters if not parameter.optional]
            if set(names) <= set(known) and set(required) <= set(names):
                order = [names.index(name) if name in names else -1 for name in known]
                while order and order[-1] == -1:
                    order.pop()
                return order
        return None


BUILTINS: dict[str, Builtin] = {}


def builtin(
    name: str, parameters: str = "", *, frame: bool = False
) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare a function: `builtin("substring", "string: string, start position: whole, length?: whole")`.

    `*name` takes any number of arguments as one list. With `frame` the function gets the frame first.
    Several declarations of one name are its signatures, tried in order.
    """

    def register(function: Callable[..., Value]) -> Callable[..., Value]:
        signature = Signature(tuple(_parameters(parameters)), parameters.startswith("*"), frame, function)
        BUILTINS.setdefault(name, Builtin(name)).add(signature)
        return function

    return register


def _parameters(text: str) -> list[Parameter]:
    found = []
    for item in filter(None, text.split(", ")):
        name, _, type_name = item.lstrip("*").partition(": ")
        found.append(Parameter(name.rstrip("?"), type_name or "any", name.endswith("?")))
    return found
