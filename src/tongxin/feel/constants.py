"""Tests of a value against numbers and texts written as such: most cells of decision tables."""

from collections.abc import Callable
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from tongxin.feel import arithmetic, ast, logic
from tongxin.feel.frame import Frame
from tongxin.feel.values import Range, Value

Test = Callable[[Frame, Value], Value]
_NUMBERS = frozenset((int, Decimal))
_TEXTS = frozenset((str,))
_NO_CONSTANT: Any = object()
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def test_of(node: ast.Node) -> Test | None:
    """A test that agrees with the general one; None if the node is none of this simple kind."""
    if isinstance(node, ast.Test):
        return _compared(node.operator, _constant(node.operand))
    if isinstance(node, ast.RangeOf):
        return _between(_constant(node.start), _constant(node.end), node.start_included, node.end_included)
    return _compared("=", _constant(node))


def _constant(node: ast.Node) -> Value:
    if isinstance(node, ast.Negation) and isinstance(node.operand, ast.Literal):
        value = node.operand.value
        return arithmetic.negate(value) if type(value) in _NUMBERS else _NO_CONSTANT
    return node.value if isinstance(node, ast.Literal) else _NO_CONSTANT


def _types(value: Value) -> frozenset[type]:
    """The types that compare with this one as Python does."""
    return _NUMBERS if type(value) in _NUMBERS else _TEXTS if type(value) is str else frozenset()


def _compared(operator: str, constant: Value) -> Test | None:
    types, compare = _types(constant), _COMPARE.get(operator)
    if not types or compare is None:
        return None
    full = _full(operator, constant)
    return lambda frame, value: compare(value, constant) if type(value) in types else full(frame, value)


def _full(operator: str, constant: Value) -> Test:
    if operator == "=":
        return lambda frame, value: logic.equal(value, constant, frame.budget)
    upwards, included = operator in {">", ">="}, operator in {"<=", ">="}
    limits = Range(constant, None, included, False) if upwards else Range(None, constant, False, included)
    return lambda frame, value: logic.passes_range(value, limits)


def _between(low: Value, high: Value, low_included: bool, high_included: bool) -> Test | None:
    types = _types(low)
    if not types or types is not _types(high):
        return None
    limits = Range(low, high, low_included, high_included)
    above, below = ge if low_included else gt, le if high_included else lt

    def between(frame: Frame, value: Value) -> Value:
        if type(value) in types:
            return above(value, low) and below(value, high)
        return logic.passes_range(value, limits)

    return between
