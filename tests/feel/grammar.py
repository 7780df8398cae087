"""Random sources that the grammar of FEEL allows."""

from random import Random

NAMES = ["a", "费用", "联系 电话", "list", "date", "pre-check", "?"]
KNOWN = ["联系 电话", "pre-check"]
_ATOMS = [
    *("1", "0.5", "2e3", "12345678901234567890", "true", "null", '"文字"', r'"a\"b\\d\n"', '""'),
    *('@"2026-03-05"', '@"10:00:00@Asia/Shanghai"', '@"2026-03-05T10:00:00.5+08:00"', '@"-P1DT2H"', '@"P2Y"', '@"P2W"'),
    '@"-2021-01-01"',
]
_OPERATORS = ["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or"]
_TYPES = [
    *("number", "string", "Any", "date and time", "list<number>", "range<date>", "context<a: number, b c: list<Any>>"),
    *("function<number, string> -> boolean", "days and time duration"),
]
_CALLS = ["count({})", "sum({}, {})", "substring({}, {})", "date({})", "a({})", "string length(string: {})", "not({})"]
_SHAPES = [
    *("({})", "-{}", "[{}, {}]", "[]", "{{k: {}, 两 词: {}}}", '{{"k-k": {}}}', "if {} then {} else {}", "{}.年 龄"),
    *("for i in {} return {}", "for i in 1..3, j j in {} return {}", "some x in {} satisfies {}", "{}[{}]"),
    *("every x in {} satisfies {}", "{} between {} and {}", "{} in {}", "{} in ({}, > {})", "{} in [{}..{})"),
    *("[{}..{}]", "]{}..{}[", "(> {})", "(= {})", "{} instance of TYPE", "/* c */ {} // d\n"),
    *("function(x, y: number) {}", "(function(x) {})({})"),
]


def expression(chance: Random, depth: int) -> str:
    if depth <= 0 or chance.random() < 0.2:
        return chance.choice([*_ATOMS, *NAMES])
    shape = chance.choice([*_SHAPES, *_CALLS, *(f"{{}} {operator} {{}}" for operator in _OPERATORS)])
    count = shape.replace("{{", "").count("{}")
    filled = shape.format(*(expression(chance, depth - 1) for _ in range(count)))
    return filled.replace("TYPE", chance.choice(_TYPES)) if "TYPE" in shape else filled


def cell(chance: Random, depth: int) -> str:
    shape = chance.choice(["-", "{}", "{}, {}", "> {}", "not({}, {})", "[{}..{}]", "? > {} and {}", "<= {}, {}"])
    return shape.format(*(expression(chance, depth - 1) for _ in range(shape.count("{}"))))
