"""What an expression reads from outside, what it compares, what it can give: for checks, found without evaluating."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongxin.feel import ast
from tongxin.feel.expression import Expression
from tongxin.feel.values import Value

_Bound = frozenset[str]
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_NOTHING: _Bound = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """A name with the fields asked of it: `a.b.c` is `a` and `("b", "c")`. `at` counts characters from 0.

    `filtered` has an entry for every filter around it, the innermost first: what is filtered, as name and fields, or
    None when that is computed. Inside a filter the name may be a field of the items.
    """

    name: str
    fields: tuple[str, ...] = ()
    at: int = 0
    filtered: tuple[tuple[str, ...] | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is read, compared with a value written out; `operator` is one of = != < <= > >=."""

    read: Read
    operator: str
    value: Value


def reads(expression: Expression) -> tuple[Read, ...]:
    """Every place where the expression reads a variable; names it binds itself and functions are none."""
    return tuple(_walked(expression).reads)


def comparisons(expression: Expression) -> tuple[Comparison, ...]:
    """Every comparison of a variable, or a field of it, with a literal: `x = "a"`, `x in ("a", "b")`, `x > 3`."""
    return tuple(_walked(expression).comparisons)


def results(expression: Expression) -> tuple[Value, ...] | None:
    """All values the expression can give if each is written out: the literals at the ends of its `if`s. None if not."""
    found: list[Value] = []
    todo: list[ast.Node] = [expression.tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If):
            todo += [node.otherwise, node.then]
        elif isinstance(node, ast.Literal):
            found.append(node.value)
        else:
            return None
    return tuple(found)


def _walked(expression: Expression) -> "_Walk":
    walk = _Walk(expression.names | expression.possible_names)
    walk.node(expression.tree, _NOTHING, ())
    return walk


class _Walk:
    """Goes through a tree with the names bound there and the filters around."""

    def __init__(self, free: frozenset[str]) -> None:
        self.reads: list[Read] = []
        self.comparisons: list[Comparison] = []
        self._free = free

    def node(self, node: ast.Node, bound: _Bound, filters: tuple[tuple[str, ...] | None, ...]) -> None:
        read = self._read(node, bound, filters)
        if read is not None:
            self.reads.append(read)
            return
        special = _WALK.get(type(node))
        if special is not None:
            special(self, node, bound, filters)
        else:
            for child in _children(node):
                self.node(child, bound, filters)

    def _read(self, node: ast.Node, bound: _Bound, filters: tuple[tuple[str, ...] | None, ...]) -> Read | None:
        """The node as a name with fields, if it is one and comes from outside."""
        fields: list[str] = []
        while isinstance(node, ast.Path):
            fields.append(node.name)
            node = node.base
        if not isinstance(node, ast.Name) or node.name in bound or node.name not in self._free:
            return None
        if filters and node.name == "item":
            return None
        return Read(node.name, tuple(reversed(fields)), node.at, filters)

    def _binary(self, node: ast.Binary, bound: _Bound, filters: Any) -> None:
        if node.operator in _COMPARISONS:
            self._compare(node.left, node.operator, node.right, bound, filters)
            self._compare(node.right, _TURNED.get(node.operator, node.operator), node.left, bound, filters)
        self.node(node.left, bound, filters)
        self.node(node.right, bound, filters)

    def _in(self, node: ast.In, bound: _Bound, filters: Any) -> None:
        for test in node.tests:
            for one in test.items if isinstance(test, ast.ListOf) else [test]:
                operator = one.operator if isinstance(one, ast.Test) else "="
                operand = one.operand if isinstance(one, ast.Test) else one
                self._compare(node.value, operator, operand, bound, filters)
        for child in (node.value, *node.tests):
            self.node(child, bound, filters)

    def _compare(self, left: ast.Node, operator: str, right: ast.Node, bound: _Bound, filters: Any) -> None:
        read = self._read(left, bound, filters)
        if read is not None and isinstance(right, ast.Literal):
            self.comparisons.append(Comparison(read, operator, right.value))

    def _filter(self, node: ast.Filter, bound: _Bound, filters: Any) -> None:
        self.node(node.base, bound, filters)
        read = self._read(node.base, bound, filters)
        base = (read.name, *read.fields) if read is not None and not filters else None
        self.node(node.condition, bound, (base, *filters))

    def _context(self, node: ast.ContextOf, bound: _Bound, filters: Any) -> None:
        for key, value in node.entries:
            itself = {key} if isinstance(value, ast.FunctionOf) else set()
            self.node(value, bound | itself, filters)
            bound |= {key}

    def _function(self, node: ast.FunctionOf, bound: _Bound, filters: Any) -> None:
        self.node(node.body, bound | {name for name, _kind in node.parameters}, filters)

    def _for(self, node: ast.For, bound: _Bound, filters: Any) -> None:
        self.node(node.body, self._iterators(node.iterators, bound, filters) | {"partial"}, filters)

    def _quantified(self, node: ast.Quantified, bound: _Bound, filters: Any) -> None:
        self.node(node.condition, self._iterators(node.iterators, bound, filters), filters)

    def _iterators(self, iterators: list[ast.Iterator], bound: _Bound, filters: Any) -> _Bound:
        for one in iterators:
            for child in (one.source, one.end):
                if child is not None:
                    self.node(child, bound, filters)
            bound |= {one.name}
        return bound


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WALK: Mapping[type[ast.Node], Callable[[_Walk, Any, _Bound, Any], None]] = {
    ast.Binary: _Walk._binary,
    ast.In: _Walk._in,
    ast.Filter: _Walk._filter,
    ast.ContextOf: _Walk._context,
    ast.FunctionOf: _Walk._function,
    ast.For: _Walk._for,
    ast.Quantified: _Walk._quantified,
}


def _children(node: ast.Node) -> Iterator[ast.Node]:
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, ast.Node):
                yield one
