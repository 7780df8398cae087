from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongxin import calendar, feel

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 5, 8, 30, tzinfo=SHANGHAI)
CASE = {
    "费用": Decimal("12.50"),
    "紧急": True,
    "次数": 2,
    "空": None,
    "联系 电话": "13812345678",
    "reported_at": datetime(2026, 3, 5, 8, 0, tzinfo=SHANGHAI),
    "parameters": {"accept": "PT15M", "once more": 3},
    "members": [
        {"name": "李", "grid": 1, "tags": ["a"]},
        {"name": "赵", "grid": 2, "tags": []},
        {"name": "张", "grid": 2, "tags": ["b"]},
    ],
}


def value(source: str, **options: Any) -> Any:
    return feel.compile(source, **options).evaluate(CASE, NOW)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("= 次数 + 1", 3),
        ("费用 * 次数", Decimal("25.00")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1/3", Decimal("0.3333333333333333333333333333333333")),
        ("-2 ** 2", 4),
        ("2 ** -1", Decimal("0.5")),
        ("1 / 0", None),
        ('1 + "a"', None),
        ('"a" + "b"', "ab"),
        ("10 ** 7000", None),
        ("1 < 2 and 2 < 3 or false", True),
        ("空 and false", False),
        ("空 and true", None),
        ("空 or true", True),
        ("1 = 1.0", True),
        ('1 = "1"', None),
        ("空 = null", True),
        ("空 != 1", True),
        ("没有这个名字", None),
        ("没有.这个.名字", None),
        ('if 紧急 then "急" else "不急"', "急"),
        ("if 空 then 1 else 2", 2),
        ("次数 between 1 and 3", True),
        ("次数 in [1..2)", False),
        ("次数 in (1, 2)", True),
        ("次数 in (< 1, > 1)", True),
        ("次数 in >= 2", True),
        ("5 in (null..10]", None),
        ("parameters.accept", "PT15M"),
        ("parameters.once more * 2", 6),
        ("members[grid = 2].name", ["赵", "张"]),
        ("members[grid = 次数][1].name", "赵"),
        ("members[-1].name", "张"),
        ("members[4]", None),
        ("members[item.name = 空]", []),
        ('count(members[list contains(tags, "a")])', 1),
        ("some m in members satisfies m.grid > 1", True),
        ("every m in members satisfies m.grid > 1", False),
        ("every m in members satisfies m.无", None),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1, j in [1, 2] return i * j", [3, 6, 2, 4, 1, 2]),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", [1, 2, 6, 24]),
        ("{a: 1, b: a + 1, 合 计: a + b}.合 计", 3),
        ("{加: function(x, y) x + y, r: 加(1, 2)}.r", 3),
        ("(function(x: number) x + 1)(1)", 2),
        ('(function(x: number) x + 1)("1")', None),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", 120),
        ("sort(members, function(a, b) a.name > b.name)[1].grid", 2),
        ('@"2026-01-31" + @"P1M"', date(2026, 2, 28)),
        ('date("2026-03-05") - date("2026-03-01")', timedelta(days=4)),
        ('reported_at + duration(parameters.accept) < now()', True),
        ("now() - reported_at", timedelta(minutes=30)),
        ("today()", date(2026, 3, 5)),
        ('date and time("2026-03-05T08:29:59") < now()', True),  # without zone: in the zone of the other
        ('time("08:30:00") + duration("PT25H")', time(9, 30)),
        ("reported_at.hour", 8),
        ('@"P1Y3M".months', 3),
        ("@\"-PT90M\".minutes", -30),
        ('string(duration("P1DT90M"))', "P1DT1H30M"),
        ('day of week(today())', "Thursday"),
        ("now() instance of date and time", True),
        ("members instance of list<context<name: string>>", True),
        ("次数 instance of string", False),
        ('substring("同心同德", 2, 2)', "心同"),
        ("substring(string: \"abc\", start position: -2)", "bc"),
        (r'replace("2026-03-05", "(\d+)-(\d+)-(\d+)", "$1/$2/$3")', "2026/03/05"),
        (r'matches("同心", "^\p{Han}+$")', True),
        (r'matches("a", "(")', None),
        (r'"\u540c\uD83D\uDC0E\n"', "同🐎\n"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ('string join(["a", null, "b"], "、")', "a、b"),
        ("round half up(2.345, 2)", Decimal("2.35")),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("modulo(-5, 3)", 1),
        ("max(1, 3, 2)", 3),
        ("mean([1, 2])", Decimal("1.5")),
        ("sum([])", None),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ('overlaps([1..5], [5..8])', True),
        ('[range("[1..10)") = [1..10), 5 in range("(..5]"), 6 in range("[2..)")]', [True, True, True]),
        (r'range("[\"a..\"..date(\"2026-01-01\")]")', None),
        (r'range("[date(\"2026-01-01\")..@\"2026-02-01\"]") = [@"2026-01-01"..@"2026-02-01"]', True),
        ('[range("[..5]"), range("[5..1]"), range("1..5"), range("[1+1..5]"), range("")]', [None] * 5),
        ('[range("[2..)") = >=2, range("(..2]") = <= 2, (>= 2) = 3]', [True, True, None]),
        ('[1..3[ = [1..3)', True),
        ('context put(context: {a: 1}, key: ["a", "b"], value: 2)', None),
        ('string(@"-2021-01-01T10:10:10+11:00" + @"P1M")', "-2021-02-01T10:10:10+11:00"),
        ('date(10000, 1, 1) - @"9999-12-31" = @"P1D" and date(10000, 1, 1) > @"9999-12-31"', True),
        ('(@"9999-12-31" + @"P1D").year', 10000),
        ("not(紧急)", False),
        ("not(空)", None),
        ('get or else(空, "无")', "无"),
        ("// a comment\n1 /* and another */ + 1", 2),
    ],
)  # fmt: skip
def test_evaluates(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)


def test_reads_names_with_spaces_and_signs() -> None:
    scope = {"联系 电话": "1", "Pre-check of A/B": 2, "date": "shadows the function"}
    assert feel.compile('联系 电话 + "0"', names=scope).evaluate(scope) == "10"
    assert feel.compile("Pre-check of A/B * 2", names=scope).evaluate(scope) == 4
    assert feel.compile("Teacher's remark", names=["Teacher's remark"]).evaluate({"Teacher's remark": 1}) == 1
    assert feel.compile("a.pre-check - 1", fields=["pre-check"]).evaluate({"a": {"pre-check": 3}}) == 2
    assert feel.compile("date").evaluate(scope) == "shadows the function"
    assert feel.compile("date = null and count([date]) = 1", names=["date", "count"]).evaluate({}) is True


def test_takes_types_declared_elsewhere() -> None:
    types = {"级 别": lambda value: value in {"急", "缓"}, "别处.级别": lambda value: False}
    source = '["急" instance of 级 别, "急" instance of 别处.级别, (function(a: 级 别) a)("快")]'
    assert value(source, types=types) == [True, False, None]


def test_tells_which_names_it_reads() -> None:
    compiled = feel.compile("[for i in 列表 return i.a + b, {c: 1, d: c}, f(x), 人[年龄 > 限]]", names=["f"])
    assert compiled.names == {"列表", "b", "f", "x", "人"}
    assert compiled.possible_names == {"年龄", "限"}


def test_calls_injected_functions() -> None:
    functions = {"加 一": lambda number: number + 1, **calendar.FUNCTIONS}
    assert value("加 一(次数) * 2", functions=functions) == 6
    limit = value('add service hours(reported_at, duration("PT13H"), "08:00", "20:00")', functions=functions)
    assert limit == datetime(2026, 3, 6, 9, 0, tzinfo=SHANGHAI)
    assert limit.derivation["rule"] == "service_hours"
    with pytest.raises(feel.FeelError, match="“加 一”算不出结果"):
        value("加 一(空)", functions=functions)


def test_is_compiled_once_and_shared_by_threads() -> None:
    source = "sum(for i in 1..50 return i * 次数)"
    assert feel.compile(source) is feel.compile(source)
    compiled = feel.compile(source)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda n: compiled.evaluate({"次数": n}), range(40))) == [1275 * n for n in range(40)]


@pytest.mark.parametrize(
    ("source", "tested", "passes"),
    [
        ("-", None, True),
        ("> 3, < 1", 4, True),
        ("> 3, < 1", 2, False),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ("[1..5)", 5, False),
        ('"a", "b"', "b", True),
        ("!= 5", 6, True),
        ("? > 3 and ? < 次数 * 3", 5, True),
        ("null", None, True),
        ("> 3", None, False),
        ("true", True, True),
        ("次数", 2, True),
    ],
)
def test_tests_a_cell(source: str, tested: Any, passes: bool) -> None:
    assert feel.compile_tests(source)(tested, CASE, NOW) is passes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT15M", timedelta(minutes=15)),
        (" P1DT2H ", timedelta(days=1, hours=2)),
        ("P2W", timedelta(weeks=2)),
        ("P1Y2M", feel.YearsMonths(14)),
        ("-PT0.5S", -timedelta(milliseconds=500)),
    ],
)
def test_reads_durations(text: str, expected: Any) -> None:
    assert feel.duration(text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M1D", "15M", "PT99999999999999H", "P1Y" * 99, "P1.5D"])
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(feel.FeelError, match="不是时长"):
        feel.duration(text)
