"""Rows and FEEL say the same: what is written from rows is read as these rows, and what is no rows is left alone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tongxin import feel
from tongxin.workspace import conditions
from tongxin.workspace.conditions import BY_STAFF, COMPARISONS, MOST_CLAUSES, Clause, Condition, NoValue, Subject

VARIABLES: dict[str, Any] = {
    "what": {"type": "string", "title": "什么事"},
    "kind": {"type": "string", "title": "哪一类", "enum": ["下水", "供电", '带"引号\\的']},
    "answer": {"type": "string", "title": "接不接", "oneOf": [{"const": "yes", "title": "接"}, {"const": "no"}]},
    "twice": {
        "type": "string",
        "oneOf": [{"const": "a", "title": "同名"}, {"const": "b", "title": "同名"}, {"const": "c", "title": "a"}],
    },
    "stars": {"type": "integer", "title": "几星", "oneOf": [{"const": 1, "title": "差"}, {"const": 2, "title": "好"}]},
    "cost": {"type": "number", "title": "费用"},
    "urgent": {"type": "boolean", "title": "是否紧急"},
    "不急的日子": {"type": "string", "title": "日子", "format": "date"},
    "seen_at": {"type": "string", "title": "什么时候看的", "format": "date-time"},
    "member": {"type": "string", "title": "谁", "format": "person"},
    "photos": {"type": "array", "title": "照片"},
}
KNOWN = conditions.subjects(VARIABLES)
NUMBERS = some.decimals(-(10**12), 10**12, places=3).map(lambda one: one + 0)  # no -0
CHARACTERS = "甲乙aB 12\"\\'=“”，,.(){}<>-null/*é😀"
TEXTS = some.text(CHARACTERS, min_size=1, max_size=20).filter(lambda one: one == one.strip())


def values(subject: Subject) -> some.SearchStrategy[feel.Value]:
    """Any value its row can have."""
    if subject.labels:
        return some.sampled_from(list(subject.labels.values()))
    return {"text": TEXTS, "number": NUMBERS, "date": some.dates(), "other": some.none()}[subject.kind]


@some.composite
def rows(draw: Any) -> Clause:
    subject = KNOWN[draw(some.sampled_from(sorted(KNOWN)))]
    comparison = draw(some.sampled_from([one for one in COMPARISONS if conditions.fits(subject, one)]))
    needed = comparison not in conditions.NEED_NO_VALUE
    return Clause(subject.name, comparison, draw(values(subject)) if needed else None)


@given(some.lists(rows(), min_size=1, max_size=MOST_CLAUSES), some.booleans())
def test_written_rows_are_read_as_the_same_rows(clauses: list[Clause], any_of: bool) -> None:
    condition = Condition(tuple(clauses), any_of and len(clauses) > 1)
    assert conditions.read(conditions.write(condition), KNOWN) == condition


@given(rows())
def test_what_a_row_shows_is_typed_back_as_its_value(clause: Clause) -> None:
    if clause.comparison not in conditions.NEED_NO_VALUE:
        subject = KNOWN[clause.name]
        assert conditions.value_of(subject, conditions.text_of(subject, clause.value)) == clause.value


@pytest.mark.parametrize(
    ("source", "clauses", "any_of"),
    [
        ("urgent", [Clause("urgent", "=", True)], False),
        ("case.by_staff", [Clause(BY_STAFF, "=", True)], False),
        ('= (kind = "下水") and cost >= -3.50',
         [Clause("kind", "=", "下水"), Clause("cost", ">=", Decimal("-3.50"))], False),
        ("photos = null or member != null", [Clause("photos", "empty"), Clause("member", "filled")], True),
        ('不急的日子 < @"2026-05-01"', [Clause("不急的日子", "<", date(2026, 5, 1))], False),
        ("stars = 2 and (urgent = true and cost > 1)",
         [Clause("stars", "=", 2), Clause("urgent", "=", True), Clause("cost", ">", 1)], False),
    ],
)  # fmt: skip
def test_what_others_write_is_read(source: str, clauses: list[Clause], any_of: bool) -> None:
    assert conditions.read(source, KNOWN) == Condition(tuple(clauses), any_of)


@pytest.mark.parametrize(
    "source",
    [
        'kind = "下水" and urgent or cost > 3',
        "not(urgent)",
        "cost > stars",
        "cost + 1 > 3",
        "nothing = 3",
        "nothing",
        "what",
        'kind = "没有的"',
        'what > "a"',
        'what = " a"',
        'what = "两\\n行"',
        "cost = true",
        'urgent = "是"',
        'member = "5"',
        "cost > null",
        "null = cost",
        "case.code = null",
        '不急的日子 = date("2026-13-01")',
        'seen_at > date and time("2026-05-01T08:00:00")',
        "true",
        " and ".join(["urgent"] * (MOST_CLAUSES + 1)),
    ],
)
def test_what_is_more_than_rows_is_none(source: str) -> None:
    assert conditions.read(source, KNOWN) is None


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("kind", "燃气", "可以填：下水、供电"),
        ("cost", "三块", "要和数字比"),
        ("cost", "1e3", "要和数字比"),
        ("不急的日子", "五一", "2026-05-01"),
        ("member", "5", "只能看填了没有"),
        ("urgent", "也许", "可以填：是、否"),
        ("what", " ", "请填值"),
        ("what", "两\n行", "一行文字"),
    ],
)
def test_what_is_no_value_is_said(name: str, typed: str, said: str) -> None:
    with pytest.raises(NoValue, match=said):
        conditions.value_of(KNOWN[name], typed)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("answer", "接", "yes"),
        ("answer", "yes", "yes"),
        ("stars", "2", 2),
        ("urgent", "否", False),
        ("twice", "a", "a"),
        ("cost", "３", 3),
    ],
)
def test_a_value_is_typed_by_its_name_or_as_it_is_kept(name: str, typed: str, value: feel.Value) -> None:
    assert conditions.value_of(KNOWN[name], typed) == value


@pytest.mark.parametrize("junk", [None, 3, {"type": "string", "oneOf": ["x"]}, {"type": ["string"]}, {"enum": 3}])
def test_a_dictionary_that_is_not_right_yet_does_no_harm(junk: Any) -> None:
    known = conditions.subjects({"odd": junk, **VARIABLES})
    assert conditions.read("urgent", known) == Condition((Clause("urgent", "=", True),))


def test_told_in_words() -> None:
    said = conditions.read('answer = "yes" and photos != null', KNOWN)
    assert said is not None
    assert conditions.told(said, KNOWN) == "“接不接”是“接”，并且“照片”填了"
