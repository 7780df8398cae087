"""Nodes to closures. Nothing of Python is reachable from an expression: only values, parts, and declared functions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tongxin.feel import arithmetic, ast, calls, constants, iteration, logic, operators, types
from tongxin.feel.builtins import BUILTINS, Builtin
from tongxin.feel.errors import FeelError
from tongxin.feel.frame import Frame
from tongxin.feel.values import Function, FunctionValue, Range, Value

Run = Callable[[Frame], Value]
MAX_DEPTH = 150  # nodes below one another; each is one Python frame when evaluated


class Compiler:
    """Compiles one expression and collects the names it reads from outside."""

    def __init__(
        self, functions: Mapping[str, Function], names: frozenset[str], own_types: Mapping[str, types.Matcher]
    ) -> None:
        self._functions = {name: calls.injected(name, function) for name, function in functions.items()}
        self._known = names
        self._types = own_types
        self._bound: list[set[str]] = []
        self._depth = 0
        self._filters = 0
        self.names: set[str] = set()
        self.possible_names: set[str] = set()  # read inside a filter, where they may be fields of the items

    def compile(self, node: ast.Node) -> Run:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeelError("表达式太复杂，请拆成几个", "the expression is too deep", node.at)
        run: Run = _COMPILE[type(node)](self, node)
        self._depth -= 1
        return run

    def within(self, names: set[str], node: ast.Node) -> Run:
        """Compile a part in which these names are bound."""
        self._bound.append(names)
        run = self.compile(node)
        self._bound.pop()
        return run

    def _is_bound(self, name: str) -> bool:
        return any(name in names for names in self._bound)

    # operands

    def _literal(self, node: ast.Literal) -> Run:
        value = node.value
        return lambda frame: value

    def _name(self, node: ast.Name) -> Run:
        name = node.name
        if not self._is_bound(name):
            fallback = self._function(name)
            if fallback is not None and name not in self._known:
                return lambda frame: found if (found := frame.names.get(name)) is not None else fallback
            if name != "?" and not (self._filters and name == "item"):
                (self.possible_names if self._filters else self.names).add(name)
        return lambda frame: frame.names.get(name)

    def _function(self, name: str) -> FunctionValue | None:
        return self._functions.get(name) or BUILTINS.get(name)

    def _path(self, node: ast.Path) -> Run:
        base, name = self.compile(node.base), node.name

        def path(frame: Frame) -> Value:
            value = base(frame)
            return value.get(name) if type(value) is dict else operators.member(value, name, frame.budget)

        return path

    def _list(self, node: ast.ListOf) -> Run:
        items = [self.compile(item) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def _context(self, node: ast.ContextOf) -> Run:
        seen: set[str] = set()
        entries: list[tuple[str, Run]] = []
        for key, value in node.entries:
            itself = {key} if isinstance(value, ast.FunctionOf) else set()  # a function may call itself
            entries.append((key, self.within(seen | itself, value)))
            seen.add(key)

        def context(frame: Frame) -> Value:
            built: dict[str, Value] = {}
            inner = frame.inside(built)
            for key, value in entries:
                built[key] = value(inner)
            return built

        return context

    def _range(self, node: ast.RangeOf) -> Run:
        start, end = self.compile(node.start), self.compile(node.end)
        start_included, end_included = node.start_included, node.end_included

        def between(frame: Frame) -> Value:
            low, high = start(frame), end(frame)
            if low is None or high is None or logic.at_most(low, high) is None:
                return None
            return Range(low, high, start_included, end_included)

        return between

    def _function_literal(self, node: ast.FunctionOf) -> Run:
        names = [name for name, _ in node.parameters]
        checks = [types.matcher(type_name, self._types) if type_name else None for _, type_name in node.parameters]
        body = self.within(set(names), node.body)

        def make(outer: Frame) -> Value:
            def invoke(frame: Frame, arguments: Sequence[Value]) -> Value:
                frame.budget.spend(10)
                if len(arguments) != len(names):
                    return None
                for check, argument in zip(checks, arguments, strict=True):
                    if check and argument is not None and not check(argument):
                        return None
                return body(outer.inside(dict(zip(names, arguments, strict=True))))

            return FunctionValue(names, invoke)

        return make

    # operators

    def _binary(self, node: ast.Binary) -> Run:
        return operators.BINARY[node.operator](self.compile(node.left), self.compile(node.right))

    def _negation(self, node: ast.Negation) -> Run:
        operand = self.compile(node.operand)
        return lambda frame: arithmetic.negate(operand(frame))

    def _if(self, node: ast.If) -> Run:
        condition, then, otherwise = map(self.compile, (node.condition, node.then, node.otherwise))
        return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)

    def _between(self, node: ast.Between) -> Run:
        value, low, high = map(self.compile, (node.value, node.low, node.high))

        def between(frame: Frame) -> Value:
            it = value(frame)
            return logic.both(logic.at_least(it, low(frame)), logic.at_most(it, high(frame)))

        return between

    def _instance_of(self, node: ast.InstanceOf) -> Run:
        value, matches = self.compile(node.value), types.matcher(node.type, self._types)
        return lambda frame: matches(value(frame))

    def _in(self, node: ast.In) -> Run:
        value = self.compile(node.value)
        tests = [self.test(test) for test in node.tests]
        if len(tests) == 1:
            only = tests[0]
            return lambda frame: only(frame, value(frame))

        def is_in(frame: Frame) -> Value:
            it = value(frame)
            results = [test(frame, it) for test in tests]
            return True if True in results else None if None in results else False

        return is_in

    def test(self, node: ast.Node) -> Callable[[Frame, Value], Value]:
        """A test of a value: a comparison, or an expression it must equal or be in."""
        constant = constants.test_of(node)
        if constant:
            return constant
        if isinstance(node, ast.Test) and node.operator in {"=", "!="}:
            return self._equality_test(node)
        run = self.compile(node)
        if isinstance(node, (ast.RangeOf, ast.Test)):
            return lambda frame, value: logic.passes_range(value, run(frame))
        return lambda frame, value: logic.passes(value, run(frame), frame.budget)

    def _equality_test(self, node: ast.Test) -> Callable[[Frame, Value], Value]:
        run = self.compile(node.operand)
        if node.operator == "=":
            return lambda frame, value: logic.equal(value, run(frame), frame.budget)
        return lambda frame, value: logic.negation(logic.equal(value, run(frame), frame.budget))

    def _comparison_range(self, node: ast.Test) -> Run:
        """`> 5` as a value is the range of everything above 5."""
        if node.operator == "!=":
            raise FeelError("这里不能用没有左边的不等号", "an inequality test is no value here", node.at)
        run = self.compile(node.operand)
        included = node.operator in {"<=", ">="}
        upwards = node.operator in {">", ">="}
        equality = node.operator == "="

        def half_open(frame: Frame) -> Value:
            end = run(frame)
            if end is None:
                return None
            if equality:
                return Range(end, end, True, True)
            return Range(end, None, included, False) if upwards else Range(None, end, False, included)

        return half_open

    # calls

    def _call(self, node: ast.Call) -> Run:
        arguments = [self.compile(argument) for argument in node.arguments]
        callee = node.function
        if isinstance(callee, ast.Name) and not self._is_bound(callee.name):
            function = self._function(callee.name)
            if function is not None:
                return self._static_call(node, callee.name, function, arguments)
            if callee.name not in self._known:
                raise calls.unknown(callee, [*BUILTINS, *self._functions, *self._known])
        run = self.compile(callee)
        named = tuple(node.names) if node.names else None

        def call(frame: Frame) -> Value:
            function = run(frame)
            if not isinstance(function, FunctionValue):
                return None
            values = [argument(frame) for argument in arguments]
            return function.invoke(frame, values if named is None else operators.in_order(function, named, values))

        return call

    def _static_call(self, node: ast.Call, name: str, function: FunctionValue, arguments: list[Run]) -> Run:
        if isinstance(function, Builtin):
            function, arguments = calls.arranged(node, function, arguments)
            if function.is_constant and all(isinstance(argument, ast.Literal) for argument in node.arguments):
                frame = Frame({}, None)
                value = function.invoke(frame, [argument(frame) for argument in arguments])
                return lambda frame: value
        elif node.names:
            raise FeelError("“{name}”的参数不能写名称", "{name!r} takes no named arguments", node.at, name=name)
        invoke = function.invoke
        if len(arguments) == 1:
            only = arguments[0]
            return lambda frame: invoke(frame, (only(frame),))
        return lambda frame: invoke(frame, [argument(frame) for argument in arguments])

    # iteration

    def _sources(self, iterators: list[ast.Iterator]) -> list[iteration.Source]:
        """Each iterator's items; later ones see the earlier names. Leaves the names bound: the caller unbinds them."""
        sources = []
        for iterator in iterators:
            start = self.compile(iterator.source)
            end = self.compile(iterator.end) if iterator.end else None
            sources.append(iteration.Source(iterator.name, start, end))
            self._bound.append({iterator.name})
        return sources

    def _for(self, node: ast.For) -> Run:
        sources = self._sources(node.iterators)
        run = iteration.for_each(sources, self.within({"partial"}, node.body), ast.weight(node.body))
        del self._bound[-len(sources) :]
        return run

    def _quantified(self, node: ast.Quantified) -> Run:
        sources = self._sources(node.iterators)
        run = iteration.quantified(sources, self.compile(node.condition), ast.weight(node.condition), node.every)
        del self._bound[-len(sources) :]
        return run

    def _filter(self, node: ast.Filter) -> Run:
        base = self.compile(node.base)
        self._filters += 1
        condition = self.compile(node.condition)
        self._filters -= 1
        if isinstance(node.condition, ast.Literal) and not isinstance(node.condition.value, bool):
            position = node.condition.value
            return lambda frame: iteration.item_at(base(frame), position)
        return iteration.filtered(base, condition, ast.weight(node.condition))


_COMPILE: Mapping[type[ast.Node], Callable[[Compiler, Any], Run]] = {
    ast.Literal: Compiler._literal,
    ast.Name: Compiler._name,
    ast.Path: Compiler._path,
    ast.Filter: Compiler._filter,
    ast.Call: Compiler._call,
    ast.Negation: Compiler._negation,
    ast.Binary: Compiler._binary,
    ast.If: Compiler._if,
    ast.Between: Compiler._between,
    ast.In: Compiler._in,
    ast.Test: Compiler._comparison_range,
    ast.InstanceOf: Compiler._instance_of,
    ast.For: Compiler._for,
    ast.Quantified: Compiler._quantified,
    ast.ListOf: Compiler._list,
    ast.ContextOf: Compiler._context,
    ast.RangeOf: Compiler._range,
    ast.FunctionOf: Compiler._function_literal,
}
