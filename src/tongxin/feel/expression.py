"""What callers hold: a compiled expression, or the compiled tests of a cell. Immutable and safe between threads."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from tongxin.feel import ast, temporal
from tongxin.feel.compiler import Compiler
from tongxin.feel.errors import FeelError
from tongxin.feel.frame import Budget, Frame, Nested
from tongxin.feel.parser import parse, parse_tests
from tongxin.feel.room import in_time
from tongxin.feel.types import Matcher
from tongxin.feel.unary import Matches, compile_cell
from tongxin.feel.values import Function, Value, YearsMonths

_NONE: Mapping[str, Function] = MappingProxyType({})
_NO_TYPES: Mapping[str, Matcher] = MappingProxyType({})
_Functions = tuple[tuple[str, Function], ...]
_Types = tuple[tuple[str, Matcher], ...]


class Expression:
    """`names` are the variables it reads; `possible_names` those that may also be fields of filtered items.

    `tree` is the parsed source, for those who look into it.
    """

    __slots__ = ("_run", "names", "possible_names", "source", "tree")

    def __init__(self, source: str, tree: ast.Node, run: Callable[[Frame], Value], compiler: Compiler) -> None:
        self.source = source
        self.tree = tree
        self.names = frozenset(compiler.names)
        self.possible_names = frozenset(compiler.possible_names - compiler.names)
        self._run = run

    def evaluate(self, scope: Mapping[str, Value], now: datetime | None = None, budget: Budget | None = None) -> Value:
        """The value. Unknown names and impossible operations give null; only a spent budget raises FeelError.

        `budget`: one that several expressions share; else this one has its own.
        """
        try:
            return in_time(self._run, scope, now, budget)
        except RecursionError:
            raise _too_deep() from None

    @property
    def run(self) -> Callable[[Frame], Value]:
        """The same within an evaluation under way: in its frame, on its budget."""
        return self._run

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


class UnaryTests:
    """The tests of a cell, asked with a value; `names` are the variables they read."""

    __slots__ = ("_matches", "names", "source")

    def __init__(self, source: str, matches: Matches, compiler: Compiler) -> None:
        self.source = source
        self.names = frozenset(compiler.names)
        self._matches = matches

    def __call__(self, value: Value, scope: Mapping[str, Value], now: datetime | None = None) -> bool:
        """Whether the value passes."""
        try:
            return in_time(lambda frame: self._matches(frame, value), Nested({"?": value}, scope), now)
        except RecursionError:
            raise _too_deep() from None

    @property
    def matches(self) -> Matches:
        """The same within an evaluation under way; its frame has to name the value `?`."""
        return self._matches

    def __repr__(self) -> str:
        return f"UnaryTests({self.source!r})"


def _too_deep() -> FeelError:
    return FeelError("计算时嵌套太深，已停止", "the evaluation is nested too deeply")


def compile(
    source: str,
    *,
    functions: Mapping[str, Function] = _NONE,
    names: Iterable[str] = (),
    types: Mapping[str, Matcher] = _NO_TYPES,
    fields: Iterable[str] = (),
) -> Expression:
    """Compile an expression.

    `names` are needed only for variables with spaces and for functions held in variables; `types` are those that
    `instance of` and parameters may name besides the built-in ones; `fields` are names that entries of the values may
    have: those with signs, such as `pre-check`, can only be recognised after a dot if they are known.
    """
    return _compiled(source, tuple(functions.items()), tuple(names), tuple(types.items()), tuple(fields))


@lru_cache(8192)
def _compiled(
    source: str, functions: _Functions, names: tuple[str, ...], types: _Types, fields: tuple[str, ...]
) -> Expression:
    compiler = Compiler(dict(functions), frozenset(names), dict(types))
    text = _without_equals_sign(source)
    try:
        tree = parse(text, _known(functions, names, types), fields)
        run = compiler.compile(tree)
    except RecursionError:
        raise _too_deep() from None
    return Expression(source, tree, run, compiler)


def compile_tests(
    source: str,
    *,
    functions: Mapping[str, Function] = _NONE,
    names: Iterable[str] = (),
    types: Mapping[str, Matcher] = _NO_TYPES,
    fields: Iterable[str] = (),
) -> UnaryTests:
    """Compile the content of a decision table's cell."""
    return _compiled_tests(source, tuple(functions.items()), tuple(names), tuple(types.items()), tuple(fields))


@lru_cache(8192)
def _compiled_tests(
    source: str, functions: _Functions, names: tuple[str, ...], types: _Types, fields: tuple[str, ...]
) -> UnaryTests:
    compiler = Compiler(dict(functions), frozenset(names), dict(types))
    try:
        matches = compile_cell(parse_tests(source, _known(functions, names, types), fields), compiler)
    except RecursionError:
        raise _too_deep() from None
    return UnaryTests(source, matches, compiler)


def _known(functions: _Functions, names: tuple[str, ...], types: _Types) -> tuple[str, ...]:
    return (*names, *(name for name, _ in functions), *(name for name, _ in types))


def _without_equals_sign(source: str) -> str:
    """A leading `=`, which some tools write before every expression, becomes a space: positions stay right."""
    stripped = source.lstrip()
    if not stripped.startswith("="):
        return source
    return " " * (len(source) - len(stripped) + 1) + stripped[1:]


def duration(text: str) -> timedelta | YearsMonths:
    """The duration an ISO 8601 text such as PT15M or P1Y stands for."""
    value = temporal.duration(text.strip())
    if value is None:
        raise FeelError(
            "“{text}”不是时长，应像 PT15M（15 分钟）、P3D（3 天）",
            "{text!r} is no duration: write PT15M (15 minutes) or P3D (3 days)",
            text=text[:40],
        )
    return value
