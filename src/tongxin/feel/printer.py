"""Nodes back to source: what is printed parses to the same nodes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tongxin.feel import ast, temporal
from tongxin.feel.values import Value


def text_of(node: ast.Node) -> str:
    """The source of an expression or of a cell. Operands stand in parentheses wherever one could doubt."""
    return _PRINT[type(node)](node)


def _operand(node: ast.Node) -> str:
    plain = isinstance(node, (ast.Name, ast.ListOf, ast.ContextOf, ast.Test)) or (
        isinstance(node, ast.Literal) and not isinstance(node.value, Decimal)
    )
    return text_of(node) if plain else f"({text_of(node)})"


def _literal(node: ast.Literal) -> str:
    value: Value = node.value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    return str(value) if isinstance(value, (int, Decimal)) else f"@{_quoted(temporal.text_of(value))}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _base(node: ast.Node) -> str:
    """What stands before a dot or bracket."""
    return text_of(node) if isinstance(node, (ast.Name, ast.Filter, ast.Call)) else f"({text_of(node)})"


def _call(node: ast.Call) -> str:
    arguments = [text_of(argument) for argument in node.arguments]
    if node.names:
        arguments = [f"{name}: {argument}" for name, argument in zip(node.names, arguments, strict=True)]
    return f"{_base(node.function)}({', '.join(arguments)})"


def _in(node: ast.In) -> str:
    return f"{_operand(node.value)} in ({', '.join(map(_item, node.tests))})"


def _item(node: ast.Node) -> str:
    """Among others with commas between them; parentheses keep a range within from being read as one around."""
    return text_of(node) if isinstance(node, (ast.Literal, ast.Name, ast.RangeOf, ast.Test)) else f"({text_of(node)})"


def _type(node: ast.TypeName) -> str:
    if node.name == "function" and node.fields is not None and node.element is not None:
        return f"function<{', '.join(_type(one) for _name, one in node.fields)}> -> {_type(node.element)}"
    if node.fields is not None:
        return f"{node.name}<{', '.join(f'{name}: {_type(one)}' for name, one in node.fields)}>"
    return f"{node.name}<{_type(node.element)}>" if node.element else node.name


def _iterators(nodes: list[ast.Iterator]) -> str:
    return ", ".join(
        f"{one.name} in {_operand(one.source)}" + (f"..{_operand(one.end)}" if one.end else "") for one in nodes
    )


def _quantified(node: ast.Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_iterators(node.iterators)} satisfies {_operand(node.condition)}"


def _range(node: ast.RangeOf) -> str:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{opening}{_operand(node.start)}..{_operand(node.end)}{closing}"


def _function(node: ast.FunctionOf) -> str:
    parameters = [f"{name}: {_type(kind)}" if kind else name for name, kind in node.parameters]
    return f"function({', '.join(parameters)}) {_operand(node.body)}"


def _tests(node: ast.Tests) -> str:
    tests = ", ".join(map(_item, node.tests))
    return f"not({tests})" if node.negated else tests or "-"


_PRINT: Mapping[type[ast.Node], Callable[[Any], str]] = {
    ast.Literal: _literal,
    ast.Name: lambda node: node.name,
    ast.Path: lambda node: f"{_base(node.base)}.{node.name}",
    ast.Filter: lambda node: f"{_base(node.base)}[{text_of(node.condition)}]",
    ast.Call: _call,
    ast.Negation: lambda node: f"-{_operand(node.operand)}",
    ast.Binary: lambda node: f"{_operand(node.left)} {node.operator} {_operand(node.right)}",
    ast.If: lambda node: f"if {text_of(node.condition)} then {text_of(node.then)} else {_operand(node.otherwise)}",
    ast.Between: lambda node: f"{_operand(node.value)} between {_operand(node.low)} and {_operand(node.high)}",
    ast.In: _in,
    ast.Test: lambda node: f"({node.operator} {_operand(node.operand)})",
    ast.InstanceOf: lambda node: f"{_operand(node.value)} instance of {_type(node.type)}",
    ast.For: lambda node: f"for {_iterators(node.iterators)} return {_operand(node.body)}",
    ast.Quantified: _quantified,
    ast.ListOf: lambda node: f"[{', '.join(map(_item, node.items))}]",
    ast.ContextOf: lambda node: (
        "{" + ", ".join(f"{_quoted(key)}: {text_of(value)}" for key, value in node.entries) + "}"
    ),
    ast.RangeOf: _range,
    ast.FunctionOf: _function,
    ast.Tests: _tests,
}
