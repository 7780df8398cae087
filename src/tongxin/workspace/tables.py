"""A decision table as rows and columns, read from a `.dmn` document; `table_writing` puts it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongxin.decisions import Refused
from tongxin.decisions.document import attribute, child, children, kind, parse, text_of
from tongxin.words import N_, _

POLICIES: Mapping[str, str] = {
    "UNIQUE": N_("只许命中一行"),
    "FIRST": N_("从上往下，第一行命中的算"),
    "ANY": N_("可以命中几行，结果必须一样"),
    "PRIORITY": N_("命中几行时，取最要紧的结果"),
    "COLLECT": N_("命中的结果全部列出"),
    "COLLECT SUM": N_("命中的结果加起来"),
    "COLLECT MIN": N_("取命中的最小的"),
    "COLLECT MAX": N_("取命中的最大的"),
    "COLLECT COUNT": N_("数命中了几行"),
    "RULE ORDER": N_("命中的结果按行的先后列出"),
    "OUTPUT ORDER": N_("命中的结果按要紧的先后列出"),
}
TYPES: Mapping[str, str] = {
    "": N_("不限"),
    "string": N_("文字"),
    "number": N_("数字"),
    "boolean": N_("是或否"),
    "date": N_("日期"),
    "date and time": N_("日期和时间"),
    "time": N_("钟点"),
    "days and time duration": N_("时长"),
}
MOST_CELLS = 1_500  # that a page can hold


class NotATable(Exception):
    """That file or decision is not a table a page can hold; the message says why. It can be changed as text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A condition (`source`: what it looks at) or a result (`source`: its name). `values`: all it may be, in FEEL."""

    identity: str
    label: str
    source: str
    type: str
    values: str = ""
    default: str = ""  # of a result: what it is when no rule matches


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a cell for each condition and each result."""

    identity: str
    cells: tuple[str, ...]
    results: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision that is a table. An identity is an element's id, or, while it has none, new."""

    decision: str
    identity: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]


def decisions_of(text: str) -> list[tuple[str, str, bool]]:
    """Id, name, and whether it is a table, of every decision. Raises NotATable when the file cannot be read."""
    return [
        (identity_of(one), attribute(one, "name"), child(one, "decisionTable") is not None)
        for one in children(root_of(text), "decision")
    ]


def read(text: str, identity: str = "") -> Table:
    """The decision with this id; without one, the first that is a table. Raises NotATable."""
    found = [one for one in children(root_of(text), "decision") if not identity or identity_of(one) == identity]
    tables = [(one, table) for one in found if (table := child(one, "decisionTable")) is not None]
    if not tables:
        raise NotATable(_("这个决策不是决策表，这里只能试，要改请改文字。"))
    decision, element = tables[0]
    inputs = tuple(_input(one, at) for at, one in enumerate(children(element, "input")))
    outputs = tuple(_output(one, at) for at, one in enumerate(children(element, "output")))
    rules = tuple(_rule(one, at, len(inputs), len(outputs)) for at, one in enumerate(children(element, "rule")))
    if len(rules) * (len(inputs) + len(outputs) + 2) > MOST_CELLS:
        raise NotATable(_("这张表有 {n} 行规则，太大了，不能在网页上改。可以在这里试，或改文字。", n=len(rules)))
    policy = f"{attribute(element, 'hitPolicy') or 'UNIQUE'} {attribute(element, 'aggregation')}".strip()
    return Table(attribute(decision, "name"), identity_of(decision), policy, inputs, outputs, rules)


def root_of(text: str) -> Any:
    """The document's root; raises NotATable."""
    try:
        return parse(text.encode())
    except Refused as refused:
        raise NotATable(
            " ".join(_("{message}。{advice}。", message=one.message, advice=one.advice) for one in refused.findings)
        ) from None


def identity_of(element: Any, at: int = 0) -> str:
    """An element's id; what has none is known by its kind and place."""
    return attribute(element, "id") or f"{kind(element)} {at}"


def _input(element: Any, at: int) -> Column:
    asked = child(element, "inputExpression")
    return Column(
        identity_of(element, at),
        attribute(element, "label"),
        text_of(element, "inputExpression", "text"),
        attribute(asked, "typeRef"),
        text_of(element, "inputValues", "text"),
    )


def _output(element: Any, at: int) -> Column:
    return Column(
        identity_of(element, at),
        attribute(element, "label"),
        attribute(element, "name"),
        attribute(element, "typeRef"),
        text_of(element, "outputValues", "text"),
        text_of(element, "defaultOutputEntry", "text"),
    )


def _rule(element: Any, at: int, inputs: int, outputs: int) -> Rule:
    cells = [text_of(one, "text") for one in children(element, "inputEntry")]
    results = [text_of(one, "text") for one in children(element, "outputEntry")]
    notes = [text_of(one, "text") for one in children(element, "annotationEntry")]
    return Rule(
        identity_of(element, at),
        tuple((cells + [""] * inputs)[:inputs]),
        tuple((results + [""] * outputs)[:outputs]),
        notes[0] if notes else text_of(element, "description"),
    )


def with_deed(table: Table, deed: str, column: Column | None = None) -> Table:
    """The table with a row or column more, fewer or moved: `add_rule`, `copy_rule 2`, `remove_input 0` …

    Places count from 0. What is none of these changes nothing. `column`: the condition that `add_input` adds.
    """
    verb, _space, where = deed.partition(" ")
    at = int(where) if where.isdecimal() and len(where) < 6 else -1
    if verb in _RULES and (0 <= at < len(table.rules) or verb == "add_rule"):
        return replace(table, rules=_RULES[verb](table, at))
    if verb == "add_input" and column:
        rules = tuple(replace(one, cells=(*one.cells, "")) for one in table.rules)
        return replace(table, inputs=(*table.inputs, column), rules=rules)
    if verb == "add_output":
        rules = tuple(replace(one, results=(*one.results, "")) for one in table.rules)
        fresh = Column("", "", f"result{len(table.outputs) + 1}", "string")
        return replace(table, outputs=(*table.outputs, fresh), rules=rules)
    if verb == "remove_input" and 0 <= at < len(table.inputs):
        rules = tuple(replace(one, cells=_without(one.cells, at)) for one in table.rules)
        return replace(table, inputs=_without(table.inputs, at), rules=rules)
    if verb == "remove_output" and 0 <= at < len(table.outputs) > 1:
        rules = tuple(replace(one, results=_without(one.results, at)) for one in table.rules)
        return replace(table, outputs=_without(table.outputs, at), rules=rules)
    return table


def _without(some: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    return (*some[:at], *some[at + 1 :])


def _moved(rules: tuple[Rule, ...], at: int, to: int) -> tuple[Rule, ...]:
    kept = list(rules)
    kept.insert(max(0, to), kept.pop(at))
    return tuple(kept)


_RULES: Mapping[str, Callable[[Table, int], tuple[Rule, ...]]] = {
    "add_rule": lambda table, _at: (*table.rules, Rule("", ("",) * len(table.inputs), ("",) * len(table.outputs))),
    "copy_rule": lambda table, at: (
        *table.rules[: at + 1],
        replace(table.rules[at], identity=""),
        *table.rules[at + 1 :],
    ),
    "remove_rule": lambda table, at: _without(table.rules, at),
    "up": lambda table, at: _moved(table.rules, at, at - 1),
    "down": lambda table, at: _moved(table.rules, at, at + 1),
}
