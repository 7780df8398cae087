from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongxin import forms

Make = Callable[..., forms.Form]

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("field", "sent", "typed"),
    [
        ("what", " 下水道堵了\r\n外溢 ", "下水道堵了\n外溢"),
        ("name", "王\n小明 ", "王 小明"),
        ("phone", "138 1234 5678", "13812345678"),
        ("phone", "+86-138-1234-5678", "13812345678"),
        ("phone", "(0471)6234567", "0471-6234567"),
        ("phone", "4008123123", "400-8123123"),
        ("urgent", False, False),
        ("cost", 12, Decimal("12.00")),
        ("cost", 0.1, Decimal("0.10")),
        ("hours", Decimal("2.50"), Decimal("2.50")),
        ("people", 3, 3),
        ("people", Decimal("3.0"), 3),
        ("kind", "燃气", "燃气"),
        ("tags", ["儿童", "夜间", "儿童"], ["夜间", "儿童"]),
        ("on", "2026-03-05", date(2026, 3, 5)),
        ("at", "2026-03-05T08:30", datetime(2026, 3, 5, 8, 30, tzinfo=SHANGHAI)),
        ("at", "2026-03-05T00:30:00Z", datetime(2026, 3, 5, 8, 30, tzinfo=SHANGHAI)),
        ("member", "42", "42"),
        ("photos", ["a", "b"], ["a", "b"]),
        ("rating", 5, 5),
        ("what", "", None),
        ("photos", [], None),
    ],
)
def test_gives_typed_values(make: Make, field: str, sent: Any, typed: Any, now: datetime) -> None:
    checked = forms.check(make(**{field: {}}), {field: sent}, {}, now)
    assert checked == forms.Checked({field: typed}, ())
    assert type(checked.values[field]) is type(typed)


def test_a_moment_is_told_and_counted_from_in_local_time(make: Make, now: datetime) -> None:
    checked = forms.check(make(at={}), {"at": "2026-02-13T16:30:00Z"}, {}, now)
    moment = checked.values["at"]
    assert isinstance(moment, datetime)
    assert (moment.date(), moment.utcoffset()) == (date(2026, 2, 14), timedelta(hours=8))


@pytest.mark.parametrize(
    ("field", "sent", "message"),
    [
        ("what", 5, "什么事应为文字"),
        ("what", ["堵了"], "什么事应为文字"),
        ("what", "长" * 501, "什么事最多 500 字，现在有 501 字，请缩短"),
        ("what", "a\x00b", "含有无法保存的字符，请删去后重新填写"),
        ("what", "a\ud800b", "含有无法保存的字符，请删去后重新填写"),
        ("phone", "12345", "电话应为 11 位手机号或带区号的座机"),
        ("phone", 13812345678, "电话应为 11 位手机号或带区号的座机"),
        ("urgent", "yes", "请为紧急选择“是”或“否”"),
        ("urgent", 1, "请为紧急选择“是”或“否”"),
        ("cost", "12", "费用(元)应为数字"),
        ("cost", True, "费用(元)应为数字"),
        ("cost", float("nan"), "费用(元)应为数字"),
        ("cost", Decimal("-Infinity"), "费用(元)应为数字"),
        ("cost", Decimal("sNaN"), "费用(元)应为数字"),
        ("cost", Decimal("1E+999999"), "费用(元)的数字太大"),
        ("cost", 10**4000, "费用(元)的数字太大"),
        ("cost", Decimal("1E-999999"), "费用(元)的小数位太多"),
        ("cost", 1.234, "费用(元)最多 2 位小数"),
        ("cost", -1, "费用(元)不能小于 0"),
        ("cost", 100001, "费用(元)不能大于 100000"),
        ("hours", 0.3, "工时应为 0.5 的倍数"),
        ("people", 2.5, "人数应为整数"),
        ("kind", "煤气", "请从列表里选择类别"),
        ("kind", ["燃气"], "请从列表里选择类别"),
        ("kind", {"燃气": 1}, "请从列表里选择类别"),
        ("kind", Decimal("sNaN"), "请从列表里选择类别"),
        ("tags", "夜间", "请从列表里选择标签"),
        ("tags", [["夜间"]], "请从列表里选择标签"),
        ("tags", ["夜间"] * 4, "标签选得太多"),
        ("on", "2026-02-30", "日期应为日期，如 2026-03-05"),
        ("on", "9999-12-31", "日期应为日期，如 2026-03-05"),
        ("on", 20260305, "日期应为日期，如 2026-03-05"),
        ("at", "2026-03-05", "时间应为日期和时间，如 2026-03-05 08:30"),
        ("member", {"id": 1}, "请从列表里选择党员"),
        ("photos", ["a", "b", "c"], "照片最多 2 张，请删去几张"),
        ("photos", "a", "照片应为已上传的照片"),
        ("photos", [1], "照片应为已上传的照片"),
        ("rating", 6, "请为评分选择 1 到 5 星"),
        ("rating", 4.5, "评分应为整数"),
    ],
)
def test_says_what_is_wrong(make: Make, field: str, sent: Any, message: str, now: datetime) -> None:
    checked = forms.check(make(**{field: {}}), {field: sent}, {}, now)
    assert checked == forms.Checked({}, (forms.Error(field, message),))


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


HOSTILE = [
    None,
    True,
    -1,
    10**4000,
    0.1,
    float("inf"),
    Decimal("NaN"),
    Decimal("1E+6000"),
    "",
    "\x00",
    "\ud800",
    "x" * 10_000_000,
    " " * 100_000,
    "1" * 5000,
    "²",
    [],
    [None],
    ["\ud800"],
    {},
    {"a": {}},
    nested(900),
    b"bytes",
    object(),
]


@pytest.mark.parametrize(
    "field",
    [
        *("what", "phone", "urgent", "cost", "kind", "tags", "on", "at", "member", "photos"),
        *("id_no", "unit", "lines", "sign"),
    ],
)
def test_never_raises_and_never_echoes(make: Make, field: str, now: datetime) -> None:
    form = make(required=(field,), **{field: {}})
    for value in HOSTILE:
        checked = forms.check(form, {field: value}, {}, now)
        assert all(len(error.message) < 100 for error in checked.errors), value
        assert checked.errors or checked.values
    for texts in ([], [""], ["\ud800"], ["\x00", "1E999"], ["x" * 10_000_000], ["1" * 5000], ["²", "½"]):
        parsed = forms.parse(form, {field: texts})
        forms.check(form, parsed, {}, now)
        forms.view(form, parsed, {}, (), now)


def test_asks_for_what_is_missing(make: Make, now: datetime) -> None:
    form = make(required=("what", "kind", "photos", "urgent"), what={}, kind={}, photos={}, urgent={}, phone={})
    checked = forms.check(form, {"what": " \n", "photos": [], "urgent": None}, {}, now)
    assert [error.message for error in checked.errors] == [
        "请填写什么事",
        "请选择类别",
        "请上传照片",
        "请选择紧急",
    ]
    assert checked.values == {}


def test_takes_only_fields_it_may_write(make: Make, now: datetime) -> None:
    form = make(what={"readOnly": True}, total={"x-value": "cost"}, hint={"x-widget": "note", "title": "说明"})
    sent = {"what": "改", "total": 1, "hint": "x", "stranger": 1, "坏\x00名" * 50: 1}
    messages = [error.message for error in forms.check(form, sent, {}, now).errors]
    assert messages[0] == "这张表里没有“stranger”这一项"
    assert "□" in messages[1]
    assert len(messages[1]) < 60
    assert messages[2:] == ["什么事不能修改", "合计不能修改", "说明不能修改"]
    assert forms.check(form, [1], {}, now).errors == (forms.Error("", "提交的内容应为一组字段和值"),)  # type: ignore[arg-type]


def test_leaves_out_hidden_fields(make: Make, now: datetime) -> None:
    form = make(required=("cost",), urgent={}, cost={"x-visible": "urgent"}, people={"x-visible": "cost > 10"}, what={})
    hidden = forms.check(form, {"urgent": False, "cost": "not even a number", "people": 1}, {}, now)
    assert hidden == forms.Checked({"urgent": False}, ())
    assert forms.check(form, {"urgent": True}, {}, now).errors == (forms.Error("cost", "请填写费用(元)"),)
    shown = forms.check(form, {"urgent": True, "cost": 20, "people": 2}, {}, now)
    assert shown.values == {"urgent": True, "cost": 20, "people": 2}
    assert forms.check(form, {"cost": 20}, {"urgent": True}, now).values == {"cost": 20}


def test_computes(make: Make, now: datetime) -> None:
    form = make(required=("total",), hours={}, total={"x-value": "hours * rate"}, on={"x-value": "today()"})
    checked = forms.check(form, {"hours": 2.5}, {"rate": 4}, now)
    assert checked.values == {"hours": Decimal("2.5"), "total": 10, "on": date(2026, 3, 5)}
    missing = forms.check(form, {}, {"rate": 4}, now)
    assert missing.errors == (forms.Error("total", "合计还算不出来，请先填好有关的各项"),)


def test_asks_outside_whether_references_exist(make: Make, now: datetime) -> None:
    form = make(member={}, photos={})
    known = {"person": lambda field, value: value == "42", "photo": lambda field, value: value == "a"}
    assert forms.check(form, {"member": "42", "photos": ["a"]}, {}, now, known).errors == ()
    wrong = forms.check(form, {"member": "43", "photos": ["a", "b"]}, {}, now, known)
    assert [error.message for error in wrong.errors] == [
        "没有找到这个人，请重新选择党员",
        "照片里有没传成的照片，请重新上传",
    ]


RULE = {"people <= 10": "最多 10 人，您填了 {{ people }} 人", "people >= hours": "人数比小时还少"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"people": 11, "hours": 1}, "最多 10 人，您填了 11 人"),
        ({"people": 2, "hours": 3}, "人数比小时还少"),
        ({"people": 2}, ""),  # there is nothing to compare with
        ({"hours": 3}, ""),  # the field itself is not filled
        ({"people": 3, "hours": 3}, ""),
    ],
)
def test_fields_are_held_to_what_the_form_says_of_them_together(
    make: Make, now: datetime, sent: dict[str, int], said: str
) -> None:
    form = make(people={"x-check": RULE}, hours={})
    assert [one.message for one in forms.check(form, sent, {}, now).errors] == ([said] if said else [])


def test_a_rule_says_nothing_of_what_is_hidden_or_wrong_anyway(make: Make, now: datetime) -> None:
    form = make(people={"x-check": RULE, "x-visible": "hours > 5"}, hours={})
    assert forms.check(form, {"people": 11, "hours": 1}, {}, now).errors == ()
    (error,) = forms.check(make(people={"x-check": RULE}), {"people": "viel"}, {}, now).errors
    assert "最多" not in error.message


def test_a_computed_field_is_held_to_rules_too(make: Make, now: datetime) -> None:
    rest = {"x-value": "10 - people", "x-check": {"hours >= 0": "一共只有 10"}}
    (error,) = forms.check(make(people={}, hours=rest), {"people": 12}, {}, now).errors
    assert (error.field, error.message) == ("hours", "一共只有 10")
