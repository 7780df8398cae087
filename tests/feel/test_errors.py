import random
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from tongxin import feel
from tongxin.feel.builtins import NAMES


@pytest.mark.parametrize(
    ("source", "position", "message", "english"),
    [
        ("费用 >", 4, "表达式没有写完", "found the end"),
        ("1 + * 2", 4, "这里缺少一个值，却看到“*”", "a value is missing"),
        ("费用 大于 5", 3, "缺少运算符", "expected an operator"),
        ("“急”", 0, "这里是全角符号““”，请改用半角“\"”", "full-width"),
        ("如果\uff08a, 1\uff09", 2, "全角符号“\uff08”", "full-width"),
        ('"没有结束', 0, "引号没有成对", "unterminated"),
        ("string lenght(a)", 7, "没有这个名称，是不是“string length”", "did you mean 'string length'"),
        ("string is long", 7, "缺少运算符", "operator"),
        ("uper_case(a)", 0, "没有“uper_case”这个函数，是不是“upper case”？", "did you mean"),
        ("if a then b", 11, "这里缺少“else”", "'else'"),
        ("{a: 1, a: 2}", 7, "“a”写了两次", "duplicate key"),
        ("[1, 2", 5, "这里缺少“]”", "']'"),
        ("substring(a)", 0, "参数个数不对：写了 1 个", "number of arguments"),
        ("substring(text: a, from: 1)", 0, "没有这些参数", "no such parameters"),
        ('@"明天"', 1, "不是日期、时间或时长", "no date"),
        ("a instance of 数字", 14, "没有“数字”这种类型", "unknown type"),
        ("1e9999999", 0, "数字太大", "too large"),
        (r'"\ud800"', 0, "半个字符", "surrogate"),
        ("a # b", 2, "不认识的符号“#”", "unexpected character"),
        ("", 0, "没有写完", "end"),
    ],
)  # fmt: skip
def test_says_where_and_what(source: str, position: int, message: str, english: str) -> None:
    with pytest.raises(feel.FeelError) as refusal:
        feel.compile(source)
    assert refusal.value.position == position
    assert message in refusal.value.message
    assert english in refusal.value.english
    assert f"第 {position + 1} 个字符" in str(refusal.value)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000,
        "[" * 41 + "]" * 41,
        "-" * 10_000 + "1",
        "+".join("1" * 5_000),
        "a" + "[1]" * 5_000,
        "if a then " * 1_000 + "b",
        "1" * 30_000,
    ],
)
def test_refuses_what_is_too_deep_or_long(source: str) -> None:
    with pytest.raises(feel.FeelError):
        feel.compile(source)
    with pytest.raises(feel.FeelError):
        feel.compile_tests(source)


@pytest.mark.parametrize(
    "source",
    [
        "for i in 1..10000000000000 return i",
        "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
        "some i in 1..100000000 satisfies i < 0",
        'for i in 1..1000000 return "x"',
        "{" + "a0: [1, 1], " + ", ".join(f"a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 60)) + ", s: string(a59)}",
        "{" + "a0: [1], " + ", ".join(f"a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 60)) + ", f: flatten(a59)}",
        "{" + "a0: [1], " + ", ".join(f"a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 30)) + ", e: a29 = (a29 + 0)}",
        "{" + 'a0: "xxxxxxxxxx", ' + ", ".join(f"a{i}: a{i - 1} + a{i - 1}" for i in range(1, 60)) + "}",
        "distinct values(for i in 1..20000 return i)",
        'for i in 1..100000 return string join(for j in 1..1000 return "0123456789")',
        "{f: function(g) g(g), r: f(f)}",
    ],
)
def test_stops_runaway_expressions(source: str) -> None:
    compiled = feel.compile(source)
    started = time.process_time()
    with suppress(feel.FeelError):
        compiled.evaluate({})
    assert time.process_time() - started < 3


def test_nothing_of_python_is_reachable() -> None:
    scope = {"d": {"a": 1}, "s": "text", "l": [1], "n": 1, "o": object()}
    for source in ("d.keys", "s.upper", "l.append", "n.real", "o.__class__", "d.__class__", "s.format", "now().tzinfo"):
        assert feel.compile(source).evaluate(scope) in (None, [None])
    for source in ("__import__(s)", "eval(s)", "open(s)"):
        with pytest.raises(feel.FeelError):
            feel.compile(source)


WORDS = (  # noqa: SIM905 - eighty quoted words read worse
    'a b 1 2.5 "t" @"2026-03-05" @"P1D" + - * / ** = != < > <= >= ( ) [ ] { } , . .. : ? and or not( if then else for '
    "in return some every satisfies between instance of function( null true false date( string( sum( count( x "
    "number list< context< // /* */ \\ “ § 🐎 \x00 \ud800"
).split(" ")


def test_random_text_gives_values_or_feel_errors() -> None:
    chance = random.Random(7)
    for _ in range(4_000):
        source = " ".join(chance.choices(WORDS, k=chance.randint(1, 14)))
        for compile_source in (feel.compile, feel.compile_tests):
            try:
                compiled = compile_source(source)
            except feel.FeelError:
                continue
            if isinstance(compiled, feel.Expression):
                compiled.evaluate({"a": 1, "x": [1, 2]})
            else:
                compiled(1, {"a": 1})


OPERATORS = ("+", "-", "*", "/", "**", "=", "<", ">=", "in", "and")
VALUES = [
    "1",
    "-1.5",
    "1e6000",
    "1e-6000",
    "null",
    "true",
    '"a"',
    '"("',
    "[1, 2, null]",
    "[]",
    "{a: 1}",
    '{key: "a", value: 1}',
    "[1..3]",
    '@"0001-01-01"',
    "now()",
    '@"9999-12-31T23:59:59Z"',
    '@"10:00:00@Europe/Paris"',
    '@"PT1H"',
    '@"P999999999D"',
    '@"-P9999Y"',
    "function(x, y) x",
    "date",
    "x",
]


def test_every_function_and_operator_takes_any_value() -> None:
    chance = random.Random(7)
    now = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    for _ in range(60):
        for name in sorted(NAMES):
            arguments = ", ".join(chance.choices(VALUES, k=chance.randint(0, 4)))
            operation = f" {chance.choice(OPERATORS)} ".join(chance.choices(VALUES, k=2))
            with suppress(feel.FeelError):  # a number of arguments no signature takes
                feel.compile(f"[{name}({arguments}), {operation}]").evaluate({"x": [1, 2]}, now)
