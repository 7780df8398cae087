"""The nodes of a parsed expression. `at` is the position in the source and no part of a node's identity."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Node:
    at: int = field(compare=False, kw_only=True, default=0)


@dataclass(slots=True)
class Literal(Node):
    value: Any


@dataclass(slots=True)
class Name(Node):
    name: str


@dataclass(slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(slots=True)
class Call(Node):
    function: Node
    arguments: list[Node]
    names: list[str] | None  # of named arguments, in the order of `arguments`


@dataclass(slots=True)
class Negation(Node):
    operand: Node


@dataclass(slots=True)
class Binary(Node):
    """Arithmetic, comparison, and/or: `operator` says which."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class In(Node):
    value: Node
    tests: list[Node]


@dataclass(slots=True)
class Test(Node):
    """A comparison without its left side, such as `> 5`."""

    operator: str
    operand: Node


@dataclass(slots=True)
class TypeName(Node):
    """`element`: of list<…>, range<…>; result of function<…>. `fields`: of context<…>; parameters of function<…>."""

    name: str
    element: "TypeName | None" = None
    fields: "list[tuple[str, TypeName]] | None" = None


@dataclass(slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeName


@dataclass(slots=True)
class Iterator(Node):
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    iterators: list[Iterator]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    every: bool
    iterators: list[Iterator]
    condition: Node


@dataclass(slots=True)
class ListOf(Node):
    items: list[Node]


@dataclass(slots=True)
class ContextOf(Node):
    entries: list[tuple[str, Node]]


@dataclass(slots=True)
class RangeOf(Node):
    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(slots=True)
class FunctionOf(Node):
    parameters: list[tuple[str, TypeName | None]]
    body: Node


@dataclass(slots=True)
class Tests(Node):
    """The content of a decision table's cell; no tests at all accept everything."""

    tests: list[Node]
    negated: bool


def weight(node: Node) -> int:
    """How many steps one evaluation of this node counts for: the nodes in it."""
    count = 0
    waiting: list[object] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Node):
            count += 1
            if not isinstance(one, Literal):
                waiting += [getattr(one, name) for name in one.__dataclass_fields__]
        elif isinstance(one, (list, tuple)):
            waiting += one
    return count
