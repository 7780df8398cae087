"""When a field is shown and who fills it, as an owner's page shows it and as the form's JSON keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongxin import feel
from tongxin.forms import TAKES_NOTHING
from tongxin.words import N_, _, told
from tongxin.workspace import conditions
from tongxin.workspace.conditions import Clause, Condition, Subject

ALWAYS, ROWS, FORMULA = "always", "rows", "formula"
PERSON, PREFILL, VALUE = "person", "prefill", "value"
FILLS: Mapping[str, str] = {
    PERSON: N_("办的人自己填"),
    PREFILL: N_("先填好，可以改"),
    VALUE: N_("自动算出，不能改"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a condition as texts: a subject's name, a key of conditions.COMPARISONS, a value."""

    subject: str
    comparison: str
    value: str


@dataclass(frozen=True, slots=True)
class Rules:
    """`when` is always, rows or formula, and `fill` a key of FILLS; the other parts are there to choose them."""

    when: str = ALWAYS
    lines: tuple[Line, ...] = ()
    any_of: bool = False
    condition: str = ""  # FEEL
    fill: str = PERSON
    formula: str = ""  # FEEL
    source: str = ""

    @property
    def open_lines(self) -> tuple[Line, ...]:
        """The rows, with room for more."""
        room = max(2, len(self.lines) + 1) - len(self.lines)
        return (*self.lines, *[Line("", "=", "")] * room)[: conditions.MOST_CLAUSES]


@dataclass(frozen=True, slots=True)
class About:
    """What the file says, in words, and what is wrong with it."""

    when: str
    can_be_filled: bool
    problems: Mapping[str, str]  # of `when` and `fill`


def shown(own: Mapping[str, Any], subjects: Mapping[str, Subject]) -> Rules:
    """The rules as the file has them."""
    condition = str(own.get("x-visible", ""))
    found = _read(condition, subjects) if "x-visible" in own else None
    when = ROWS if found else FORMULA if "x-visible" in own else ALWAYS
    fill = VALUE if "x-value" in own else PREFILL if "x-prefill" in own else PERSON
    return Rules(
        when,
        tuple(_line(one, subjects) for one in found.clauses) if found else (),
        found.any_of if found else False,
        condition,
        fill,
        str(own.get("x-value", own.get("x-prefill", ""))),
        str(own.get("x-source", "")),
    )


def about(name: str, own: Mapping[str, Any], schema: Mapping[str, Any], subjects: Mapping[str, Subject]) -> About:
    """What a page tells of a field; `schema` is its declaration with what the form adds."""
    rules = shown(own, subjects)
    found = _read(rules.condition, subjects) if rules.when == ROWS else None
    when = conditions.told(found, subjects) if found else _("按算式") if rules.when == FORMULA else _("总是")
    problems = {"when": _wrong(rules.condition, subjects) if rules.when == FORMULA else ""}
    problems["fill"] = _wrong(rules.formula, subjects) if rules.fill != PERSON else ""
    files_or_rows = schema.get("type") == "array" and schema.get("x-widget") != "choices" and not _picks(schema)
    fillable = str(schema.get("x-widget")) not in TAKES_NOTHING and not files_or_rows
    return About(when, fillable or rules.fill != PERSON, {part: said for part, said in problems.items() if said})


def apply(
    before: Mapping[str, Any], own: Mapping[str, Any], typed: Rules, subjects: Mapping[str, Subject]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The field as edited, and what is wrong with `when` and `fill`; `own` is it with the ticks, `before` without."""
    now, changed, problems = shown(before, subjects), dict(own), {}
    try:
        _set_when(changed, now, typed, subjects)
    except _Wrong as wrong:
        problems["when"] = str(wrong)
    unchanged = before.get("readOnly") and typed.fill == now.fill
    try:
        if own.get("readOnly") and typed.fill in (PREFILL, VALUE) and not unchanged:
            raise _Wrong(_("只给看的字段不用算：请去掉“只给看”的勾，或选“办的人自己填”。"))
        _set_fill(changed, now, typed, subjects)
    except _Wrong as wrong:
        problems["fill"] = str(wrong)
    return changed, problems


class _Wrong(Exception):
    """What to change, for the person at the page."""


def _set_when(own: dict[str, Any], now: Rules, typed: Rules, subjects: Mapping[str, Subject]) -> None:
    rows_changed = (typed.lines, typed.any_of) != (now.lines, now.any_of)
    if typed.when != ROWS and rows_changed and typed.lines:
        raise _Wrong(_("写了条件：请选“满足条件时”；不要条件，就把各行清空。"))
    if typed.when != FORMULA and typed.condition != now.condition and typed.condition.strip():
        raise _Wrong(_("写了算式：请选“写成算式”；不要算式，就把它清空。"))
    if typed.when == ROWS:
        if now.when != ROWS or rows_changed:
            own["x-visible"] = conditions.write(_condition(typed, subjects))
    elif typed.when == FORMULA:
        _set_formula(own, "x-visible", typed.condition, subjects)
    elif typed.when == ALWAYS:
        own.pop("x-visible", None)
    else:
        raise _Wrong(_("请选这个字段什么时候显示。"))


def _set_fill(own: dict[str, Any], now: Rules, typed: Rules, subjects: Mapping[str, Subject]) -> None:
    if typed.fill not in FILLS:
        raise _Wrong(_("请选这个字段由谁来填。"))
    if typed.fill == PERSON and typed.formula != now.formula and typed.formula.strip():
        raise _Wrong(_("写了算式：请选“先填好，可以改”或“自动算出，不能改”；不要算式，就把它清空。"))
    if typed.fill != PREFILL and typed.source != now.source and typed.source.strip():
        raise _Wrong(_("“来自哪里”只用于“先填好，可以改”的字段，请改选，或把它清空。"))
    keys = {PREFILL: "x-prefill", VALUE: "x-value"}
    for fill, key in keys.items():
        if fill != typed.fill:
            own.pop(key, None)
    if typed.fill != PREFILL or not typed.source.strip():
        own.pop("x-source", None)
    else:
        own["x-source"] = typed.source.strip()
    if typed.fill in keys:
        _set_formula(own, keys[typed.fill], typed.formula, subjects)


def _set_formula(own: dict[str, Any], key: str, formula: str, subjects: Mapping[str, Subject]) -> None:
    if not formula.strip():
        raise _Wrong(_("请写算式。"))
    wrong = _wrong(formula, subjects)
    if wrong:
        raise _Wrong(wrong)
    own[key] = formula if formula == own.get(key) else formula.strip()


def _condition(typed: Rules, subjects: Mapping[str, Subject]) -> Condition:
    if not typed.lines:
        raise _Wrong(_("请至少写一个条件，或选“总是”。"))
    clauses = []
    for number, line in enumerate(typed.lines, 1):
        try:
            clauses.append(_test(line, subjects))
        except conditions.NoValue as wrong:
            raise _Wrong(_("第 {number} 个条件：{wrong}。", number=number, wrong=wrong)) from None
    return Condition(tuple(clauses), typed.any_of)


def _test(line: Line, subjects: Mapping[str, Subject]) -> Clause:
    subject = subjects.get(line.subject)
    if subject is None:
        raise conditions.NoValue(_("请选字段"))
    if line.comparison not in conditions.COMPARISONS:
        raise conditions.NoValue(_("请选怎么比较"))
    if line.comparison in conditions.NEED_NO_VALUE:
        return Clause(subject.name, line.comparison)
    if not conditions.fits(subject, "="):
        raise conditions.NoValue(_("“{title}”只能看填了没有；要比别的，请写成算式", title=subject.title))
    if not conditions.fits(subject, line.comparison):
        raise conditions.NoValue(_("大于、小于只用于数字和日期；“{title}”请用“是”或“不是”", title=subject.title))
    return Clause(subject.name, line.comparison, conditions.value_of(subject, line.value))


def _line(clause: Clause, subjects: Mapping[str, Subject]) -> Line:
    no_value = clause.comparison in conditions.NEED_NO_VALUE
    return Line(
        clause.name, clause.comparison, "" if no_value else conditions.text_of(subjects[clause.name], clause.value)
    )


def _read(condition: str, subjects: Mapping[str, Subject]) -> Condition | None:
    try:
        return conditions.read(condition, subjects)
    except feel.FeelError:
        return None


def _wrong(formula: str, subjects: Mapping[str, Subject]) -> str:
    """What is wrong with a formula; nothing if it can be computed."""
    try:
        conditions.compiled(formula, subjects)
    except feel.FeelError as error:
        return _("算式不对：{error}。", error=told(error))
    return ""


def _picks(schema: Mapping[str, Any]) -> bool:
    items = schema.get("items")
    return isinstance(items, dict) and bool(items.keys() & {"enum", "oneOf"})
