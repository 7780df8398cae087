"""Hit policies: what a table's value is when several rules match, or none."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tongxin.decisions.scope import Run
from tongxin.feel import Value, arithmetic
from tongxin.feel.builtins import BUILTINS
from tongxin.feel.frame import Budget, Frame
from tongxin.feel.logic import equal
from tongxin.words import N_, _

Row = list[Value]
Chosen = tuple[Value, Sequence[int], str | None]  # the value, the places of the rows it comes from, what was wrong

_SEVERAL = N_("有几行规则同时命中，但这张表只许命中一行")
_DIFFERENT = N_("命中的几行规则给出的结果不同")


class Output(NamedTuple):
    name: str
    label: str
    coerce: Callable[[Value], Value]
    order: Run | None  # all output values, the most important first
    default: Run | None

    def priorities(self, frame: Frame) -> list[Value]:
        found = self.order(frame) if self.order else []
        return found if isinstance(found, list) else []


class Policy(NamedTuple):
    name: str
    aggregation: str = ""

    @property
    def first_only(self) -> bool:
        return self.name == "FIRST"

    @property
    def needs_order(self) -> bool:
        return self.name in {"PRIORITY", "OUTPUT ORDER"}

    @property
    def needs_one_output(self) -> bool:
        return bool(self.aggregation)

    @property
    def gives_list(self) -> bool:
        return self.name in {"OUTPUT ORDER", "RULE ORDER", "COLLECT"} and not self.aggregation


UNIQUE = Policy("UNIQUE")
_NAMES = {"UNIQUE", "ANY", "PRIORITY", "FIRST", "OUTPUT ORDER", "RULE ORDER", "COLLECT"}
_AGGREGATIONS = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}


def policy(name: str, aggregation: str) -> Policy | None:
    """None for a policy the standard does not know."""
    if name not in _NAMES or (aggregation and aggregation not in _AGGREGATIONS):
        return None
    return Policy(name, aggregation if name == "COLLECT" else "")


def without_rule(policy: Policy, outputs: list[Output], frame: Frame) -> Value:
    """The default output; without one null, for a list too; nothing counts as 0."""
    if any(output.default for output in outputs):
        row = [output.coerce(output.default(frame)) if output.default else None for output in outputs]
        value = composed(outputs, row)
        return [value] if policy.gives_list and not isinstance(value, list) else value
    return 0 if policy.aggregation == "COUNT" else None


def composed(outputs: list[Output], row: Row) -> Value:
    """One output is the value itself; several are a context by their names."""
    if len(outputs) == 1:
        return row[0] if row else None
    return {output.name: value for output, value in zip(outputs, row, strict=False)}


def apply(policy: Policy, outputs: list[Output], rows: list[Row], frame: Frame) -> Chosen:
    every = range(len(rows))
    if policy.name == "UNIQUE" and len(rows) > 1:
        return None, every, _(_SEVERAL)
    if policy.name == "ANY" and not _all_equal(rows, frame.budget):
        return None, every, _(_DIFFERENT)
    if policy.name in {"UNIQUE", "ANY", "FIRST"}:
        return composed(outputs, rows[0]), every, None
    if policy.name == "PRIORITY":
        best = _by_priority(outputs, rows, frame)[0]
        return composed(outputs, rows[best]), [best], None
    order = _by_priority(outputs, rows, frame) if policy.name == "OUTPUT ORDER" else every
    values = [composed(outputs, rows[index]) for index in order]
    frame.budget.items(len(values))
    if policy.aggregation:
        return _aggregated(policy.aggregation, values, frame), order, None
    return values, order, None


def _all_equal(rows: list[Row], budget: Budget) -> bool:
    return all(equal(rows[0], row, budget) is True for row in rows[1:])


def _by_priority(outputs: list[Output], rows: list[Row], frame: Frame) -> list[int]:
    """The places of the rows, the most important first; a value not listed comes last."""
    priorities = [output.priorities(frame) for output in outputs]

    def place(index: int) -> list[int]:
        return [
            next((at for at, one in enumerate(order) if equal(one, value, frame.budget) is True), len(order))
            for order, value in zip(priorities, rows[index], strict=False)
        ]

    return sorted(range(len(rows)), key=place)


def _aggregated(aggregation: str, values: list[Value], frame: Frame) -> Value:
    """SUM of texts or durations adds them as `+` does; MIN, MAX and COUNT are the functions of FEEL."""
    if aggregation != "SUM":
        return BUILTINS[_AGGREGATIONS[aggregation]].invoke(frame, [values])
    total = values[0]
    for value in values[1:]:
        total = arithmetic.add(total, value)
    return total
