"""A condition as rows of field, comparison and value, and the same condition in FEEL: each makes the other."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from tongxin import calendar, feel
from tongxin.feel import ast
from tongxin.words import N_, _

MOST_CLAUSES = 5
COMPARISONS: Mapping[str, str] = {  # as the modeler calls them; 是 alone is the answer yes in English
    "=": N_("是（等于）"),
    "!=": N_("不是"),
    ">": N_("大于"),
    ">=": N_("大于或等于"),
    "<": N_("小于"),
    "<=": N_("小于或等于"),
    "filled": N_("填了"),
    "empty": N_("没有填"),
}
_SENTENCES = {
    "=": N_("“{title}”是“{value}”"),
    "!=": N_("“{title}”不是“{value}”"),
    ">": N_("“{title}”大于 {value}"),
    ">=": N_("“{title}”大于或等于 {value}"),
    "<": N_("“{title}”小于 {value}"),
    "<=": N_("“{title}”小于或等于 {value}"),
    "filled": N_("“{title}”填了"),
    "empty": N_("“{title}”没有填"),
}
NEED_NO_VALUE = frozenset({"filled", "empty"})
BY_STAFF = "case.by_staff"
_NULL_TESTS = {"!=": "filled", "=": "empty"}
_ORDERED = frozenset({"number", "date"})
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?")
_REFERENCES = frozenset({"date-time", "time", "duration", "person", "place", "unit", "case"})

Kind = Literal["text", "number", "yes-no", "date", "other"]


class NoValue(Exception):
    """What was typed cannot be compared with that field; the message says what can."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row can be about; `labels` are the names of its values where only some are possible."""

    name: str
    title: str
    kind: Kind
    labels: Mapping[str, feel.Value]


@dataclass(frozen=True, slots=True)
class Clause:
    """One row. `comparison` is a key of COMPARISONS; `value` is None where none is needed."""

    name: str
    comparison: str
    value: feel.Value = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Rows of which all hold, or with `any_of` at least one."""

    clauses: tuple[Clause, ...]
    any_of: bool = False


def subjects(variables: Mapping[str, Any]) -> dict[str, Subject]:
    """By name: the variables of data.json, and whether staff opened the case."""
    found = {name: _subject(name, schema) for name, schema in variables.items() if isinstance(schema, dict)}
    return {**found, BY_STAFF: Subject(BY_STAFF, _("工作人员代报的"), "yes-no", {_("是"): True, _("否"): False})}


def compiled(source: str, known: Mapping[str, Subject]) -> feel.Expression:
    """An expression of a form, as publishing compiles it. Raises FeelError."""
    return feel.compile(source, functions=calendar.FUNCTIONS, names=[name for name in known if name != BY_STAFF])


def read(source: str, known: Mapping[str, Subject]) -> Condition | None:
    """The rows that say the same, or None if rows cannot. Raises FeelError."""
    tree = compiled(source, known).tree
    joined = tree.operator if isinstance(tree, ast.Binary) and tree.operator in ("and", "or") else "and"
    clauses = [_test(node, known) for node in _parts(tree, joined)]
    if len(clauses) > MOST_CLAUSES:
        return None
    sure = tuple(one for one in clauses if one is not None)
    return Condition(sure, joined == "or") if len(sure) == len(clauses) else None


def write(condition: Condition) -> str:
    """The rows in FEEL."""
    return (" or " if condition.any_of else " and ").join(map(_written, condition.clauses))


def told(condition: Condition, known: Mapping[str, Subject]) -> str:
    """The rows in words."""
    parts = (_told(one, known[one.name]) for one in condition.clauses)
    return (_("，或者") if condition.any_of else _("，并且")).join(parts)


def value_of(subject: Subject, typed: str) -> feel.Value:
    """What was typed as a value of that field, by its name or as it is kept. Raises NoValue."""
    plain = typed.strip()
    if not plain:
        raise NoValue(_("请填值；只看有没有填，请选“填了”或“没有填”"))
    if subject.labels:
        by_text = {_plain(value): value for value in subject.labels.values()} | dict(subject.labels)
        if plain not in by_text:
            possible = _("、").join(subject.labels)
            raise NoValue(
                _("“{title}”没有“{value}”，可以填：{possible}", title=subject.title, value=plain, possible=possible)
            )
        return by_text[plain]
    if subject.kind == "other":
        raise NoValue(_("“{title}”只能看填了没有；要比别的，请写成算式", title=subject.title))
    if subject.kind == "number":
        if not _NUMBER.fullmatch(plain):
            raise NoValue(_("“{title}”要和数字比，例如 3", title=subject.title))
        return Decimal(plain)
    if subject.kind == "date":
        return _date(subject, plain)
    if not plain.isprintable():
        raise NoValue(_("“{title}”要和一行文字比", title=subject.title))
    return plain


def text_of(subject: Subject, value: feel.Value) -> str:
    """How a value stands in its row."""
    for label, one in subject.labels.items():
        if one == value:
            return label
    return _plain(value)


def fits(subject: Subject, comparison: str) -> bool:
    """Whether that field can be compared so."""
    if comparison in NEED_NO_VALUE:
        return True
    if comparison in ("=", "!="):
        return subject.kind != "other"
    return comparison in COMPARISONS and subject.kind in _ORDERED


def _told(clause: Clause, subject: Subject) -> str:
    value = "" if clause.comparison in NEED_NO_VALUE else text_of(subject, clause.value)
    return _(_SENTENCES[clause.comparison], title=subject.title, value=value)


def _subject(name: str, schema: Mapping[str, Any]) -> Subject:
    title, kind = str(schema.get("title", name)), _kind(schema)
    if kind == "yes-no":
        return Subject(name, title, kind, {_("是"): True, _("否"): False})
    pairs = _options(schema) if kind in ("text", "number") else []
    titles = Counter(label for _value, label in pairs)
    labels = {label if titles[label] == 1 else _plain(value): value for value, label in pairs}
    if len(labels) < len(pairs):
        labels = {_plain(value): value for value, _label in pairs}
    return Subject(name, title, kind, labels)


def _options(schema: Mapping[str, Any]) -> list[tuple[feel.Value, str]]:
    """Each value a variable may have, with its title."""
    if isinstance(schema.get("enum"), list):
        pairs = [(value, value) for value in schema["enum"]]
    else:
        options = schema.get("oneOf") if isinstance(schema.get("oneOf"), list) else []
        pairs = [(one["const"], one.get("title", one["const"])) for one in options or () if "const" in one]
    exact = [(Decimal(repr(value)) if isinstance(value, float) else value, str(title)) for value, title in pairs]
    return [(value, title.strip()) for value, title in exact if _plain_kind(value) in ("text", "number")]


def _kind(schema: Mapping[str, Any]) -> Kind:
    usual: dict[str, Kind] = {"boolean": "yes-no", "integer": "number", "number": "number", "string": "text"}
    kind = usual.get(str(schema.get("type")), "other")
    if kind == "text" and schema.get("format") == "date":
        return "date"
    return "other" if kind == "text" and schema.get("format") in _REFERENCES else kind


def _plain_kind(value: feel.Value) -> Kind:
    if isinstance(value, bool):
        return "yes-no"
    if isinstance(value, (int, Decimal)):
        return "number"
    if isinstance(value, str):
        return "text"
    return "date" if isinstance(value, date) and not isinstance(value, datetime) else "other"


def _plain(value: feel.Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _date(subject: Subject, typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NoValue(_("“{title}”要和日期比，例如 2026-05-01", title=subject.title)) from None


def _parts(node: ast.Node, joined: str) -> Iterator[ast.Node]:
    """What stands between the words `and`, or the words `or`, from the left."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Binary) and one.operator == joined:
            waiting += [one.right, one.left]
        else:
            yield one


def _test(node: ast.Node, known: Mapping[str, Subject]) -> Clause | None:
    """The row, if typing it again would give the same."""
    if not isinstance(node, ast.Binary):
        subject = known.get(_name(node))
        return Clause(subject.name, "=", True) if subject and subject.kind == "yes-no" else None
    subject = known.get(_name(node.left))
    if subject is None or node.operator not in COMPARISONS:
        return None
    if isinstance(node.right, ast.Literal) and node.right.value is None:
        return Clause(subject.name, _NULL_TESTS[node.operator]) if node.operator in _NULL_TESTS else None
    value = _value(node.right)
    if not fits(subject, node.operator) or _plain_kind(value) != subject.kind:
        return None
    try:
        again = value_of(subject, text_of(subject, value))
    except NoValue:
        return None
    return Clause(subject.name, node.operator, value) if again == value else None


def _name(node: ast.Node) -> str:
    if isinstance(node, ast.Path) and isinstance(node.base, ast.Name):
        return BY_STAFF if f"{node.base.name}.{node.name}" == BY_STAFF else ""
    return node.name if isinstance(node, ast.Name) else ""


def _value(node: ast.Node) -> feel.Value:
    """A value written out, or None."""
    if isinstance(node, ast.Literal):
        return node.value
    if isinstance(node, ast.Negation) and isinstance(node.operand, ast.Literal):
        value = node.operand.value
        return -value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
    if isinstance(node, ast.Call) and node.function == ast.Name("date") and len(node.arguments) == 1:
        text = _value(node.arguments[0])
        if isinstance(text, str):
            try:
                return date.fromisoformat(text)
            except ValueError:
                return None
    return None


def _written(clause: Clause) -> str:
    if clause.comparison in NEED_NO_VALUE:
        return f"{clause.name} {'=' if clause.comparison == 'empty' else '!='} null"
    return f"{clause.name} {clause.comparison} {_literal(clause.value)}"


def _literal(value: feel.Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _plain(value)
