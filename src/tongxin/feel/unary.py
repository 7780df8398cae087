"""The content of a decision table's cell: tests of one value."""

from collections.abc import Callable
from typing import Any

from tongxin.feel import ast
from tongxin.feel.compiler import Compiler
from tongxin.feel.frame import Frame
from tongxin.feel.values import Value

Matches = Callable[[Frame, Value], bool]


def compile_cell(node: ast.Tests, compiler: Compiler) -> Matches:
    """Whether the value passes any of the tests, or none of them after `not(…)`. The frame names the value `?`."""
    tests = [_cell_test(test, compiler) for test in node.tests]
    if not tests:
        return lambda frame, value: True
    if node.negated:
        return lambda frame, value: all(test(frame, value) is False for test in tests)
    if len(tests) == 1:
        only = tests[0]
        return lambda frame, value: only(frame, value) is True
    return lambda frame, value: any(test(frame, value) is True for test in tests)


def _cell_test(node: ast.Node, compiler: Compiler) -> Callable[[Frame, Value], Value]:
    if not _mentions_value(node):
        return compiler.test(node)
    return _condition(compiler.compile(node))


def _condition(run: Callable[[Frame], Value]) -> Callable[[Frame, Value], Value]:
    return lambda frame, value: run(frame)


def _mentions_value(node: Any) -> bool:
    """Whether `?` is read somewhere in the node, which makes it a condition rather than a value to match."""
    if isinstance(node, ast.Name):
        return node.name == "?"
    if isinstance(node, (list, tuple)):
        return any(map(_mentions_value, node))
    if isinstance(node, ast.Node):
        return any(_mentions_value(getattr(node, name)) for name in node.__dataclass_fields__)
    return False
