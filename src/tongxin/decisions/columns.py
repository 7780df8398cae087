"""What the cells of one input column accept, as sets over pieces of the column's values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cmp_to_key

from tongxin.feel import FeelError, Range, Value, ast
from tongxin.feel.builtins.strings import text_of
from tongxin.feel.compiler import Compiler
from tongxin.feel.frame import Budget, Frame
from tongxin.feel.logic import less
from tongxin.feel.parser import parse_tests
from tongxin.feel.values import kind
from tongxin.words import N_, _

ORDERED = {"number", "date", "time", "date and time", "days and time duration", "years and months duration"}
OTHER = N_("其他")


class Undecided(Exception):
    """The cell is no set that could be compared; the message says why."""


@dataclass(slots=True)
class Cell:
    """Single values and ranges that are accepted, or, negated, all but these: `-` is the negation of nothing."""

    parts: list[Value] = field(default_factory=list)
    negated: bool = False


def read(source: str, names: Iterable[str]) -> Cell:
    if source in {"", "-"}:
        return Cell(negated=True)
    try:
        tests = parse_tests(source, names)
        parts = [part for test in tests.tests for part in _parts(test)]
    except FeelError as error:
        raise Undecided(str(error)) from error
    return Cell(parts, tests.negated)


def _parts(node: ast.Node) -> list[Value]:
    if isinstance(node, ast.Test) and node.operator == "!=":
        value = _constant(node.operand)
        if kind(value) not in ORDERED:
            raise Undecided(_("“!=” 只看得懂数字和日期"))
        return [Range(None, value, False, False), Range(value, None, False, False)]
    value = _constant(node)
    parts = value if isinstance(value, list) else [value]
    if any(kind(one) in {"list", "context", "function", "unknown"} for one in parts):
        raise Undecided(_("有列表或结构"))
    return parts


def _constant(node: ast.Node) -> Value:
    """The value of a node that reads no name and no clock."""
    compiler = Compiler({}, frozenset(), {})
    run = compiler.compile(node)
    read = compiler.names | compiler.possible_names
    if read or _mentions(node, {"?", "now", "today"}):
        raise Undecided(_("有的格里是算出来的值"))
    value = run(Frame({}, None))
    if value is None and not (isinstance(node, ast.Literal) and node.value is None):
        raise Undecided(_("有的格里的值算不出来"))
    return value


def _mentions(node: object, names: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.name in names
    if isinstance(node, (list, tuple)):
        return any(_mentions(one, names) for one in node)
    if isinstance(node, ast.Node):
        return any(_mentions(getattr(node, name), names) for name in node.__dataclass_fields__)
    return False


class Column:
    """Pieces: for ordered values the points named in cells and what lies between; else the values, and all others.

    A set of pieces is an int, a bit each. null is left out: only `-` and `null` accept it.
    """

    def __init__(self, label: str, cells: list[Cell], allowed: Cell | None, base: str) -> None:
        self.label = label
        points = [point for cell in [*cells, *([allowed] if allowed else [])] for point in _points(cell)]
        kinds = {kind(point) for point in points} or ({base} if base else set())
        if len(kinds) > 1:
            raise Undecided(_("“{label}”一列里有几种类型的值", label=label))
        self.kind = next(iter(kinds), "string")
        self.is_ordered = self.kind in ORDERED
        self.points = self._sorted([True, False] if self.kind == "boolean" else points)
        self.size = self._size()
        self.whole = (1 << self.size) - 1
        if allowed:
            self.whole = self.set_of(allowed)
        self.sets = [self.set_of(cell) & self.whole for cell in cells]

    def _size(self) -> int:
        if self.is_ordered:
            return 2 * len(self.points) + 1
        return len(self.points) + (self.kind != "boolean")

    def _sorted(self, points: list[Value]) -> list[Value]:
        if not self.is_ordered:
            return list(dict.fromkeys(points))
        found: list[Value] = []
        for point in sorted(points, key=cmp_to_key(self._order)):
            if not found or self._order(found[-1], point):
                found.append(point)
        return found

    def _order(self, one: Value, other: Value) -> int:
        before, after = less(one, other), less(other, one)
        if before is None or after is None:
            raise Undecided(_("“{label}”一列的值没有先后", label=self.label))
        return -1 if before else int(after)

    def set_of(self, cell: Cell) -> int:
        found = 0
        for part in cell.parts:
            if isinstance(part, Range):
                found |= self._range_set(part)
            elif part is not None:
                found |= 1 << (2 * self._place(part) + 1 if self.is_ordered else self.points.index(part))
        return ~found & self.whole if cell.negated else found

    def _range_set(self, part: Range) -> int:
        if not self.is_ordered:
            raise Undecided(_("“{label}”一列有文字的区间", label=self.label))
        first = 0 if part.start is None else 2 * self._place(part.start) + (1 if part.start_included else 2)
        last = self.size - 1 if part.end is None else 2 * self._place(part.end) + (1 if part.end_included else 0)
        return (1 << (last + 1)) - (1 << first) if last >= first else 0

    def _place(self, point: Value) -> int:
        return next(at for at, one in enumerate(self.points) if not self._order(one, point))

    def text(self, pieces: int) -> str:
        """The pieces for people, such as `[18..60)、> 65`."""
        if not self.is_ordered:
            named = [_shown(point) for at, point in enumerate(self.points) if pieces >> at & 1]
            other = [_(OTHER)] if pieces >> len(self.points) & 1 else []
            return _("、").join([*named, *other])
        texts, at = [], 0
        while at < self.size:
            end = at
            while end < self.size and pieces >> end & 1:
                end += 1
            if end > at:
                texts.append(self._stretch(at, end - 1))
            at = end + 1
        return _("、").join(texts)

    def _stretch(self, first: int, last: int) -> str:
        """Even pieces lie between points, odd ones are points."""
        low = None if first == 0 else _shown(self.points[(first - 1) // 2])
        high = None if last == self.size - 1 else _shown(self.points[last // 2])
        if low is None and high is None:
            return "-"
        if low is None:
            return f"{'<=' if last % 2 else '<'} {high}"
        if high is None:
            return f"{'>=' if first % 2 else '>'} {low}"
        if first == last and first % 2:
            return low
        return f"{'[' if first % 2 else '('}{low}..{high}{']' if last % 2 else ')'}"


def _points(cell: Cell) -> list[Value]:
    ends = [(one.start, one.end) if isinstance(one, Range) else (one,) for one in cell.parts]
    return [point for pair in ends for point in pair if point is not None]


def _shown(value: Value) -> str:
    return f"“{value}”" if isinstance(value, str) else text_of(value, Budget())
