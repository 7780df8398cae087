from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.decisions.writing import DMN, data, decision, document, literal, table
from tongxin import decisions


def value(body: str, inputs: dict[str, Any] | None = None, name: str = "x", **options: Any) -> Any:
    return decisions.compile(document(body), **options).evaluate(name, inputs or {}, None).value


def knowledge(name: str, parameters: dict[str, str], body: str, knows: str = "") -> str:
    formal = "".join(f'<formalParameter name="{one}" typeRef="{kind}"/>' for one, kind in parameters.items())
    link = f'<knowledgeRequirement><requiredKnowledge href="#{knows}"/></knowledgeRequirement>' if knows else ""
    logic = f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic>"
    return f'<businessKnowledgeModel id="{name}" name="{name}">{link}{logic}</businessKnowledgeModel>'


ABOVE_1 = f"<in>{literal('[1,2]')}</in><satisfies>{literal('i > 1')}</satisfies>"


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (literal("1 + 1"), 2),
        (f"<list>{literal('1')}<list>{literal('2')}</list></list>", [1, [2]]),
        (
            '<relation><column name="甲"/><column name="乙"/>'
            f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row></relation>",
            [{"甲": 1, "乙": 2}, {"甲": 3, "乙": 4}],
        ),
        (
            f'<context><contextEntry><variable name="a"/>{literal("1")}</contextEntry>'
            f'<contextEntry><variable name="b c"/>{literal("a + 1")}</contextEntry></context>',
            {"a": 1, "b c": 2},
        ),
        (
            f'<context><contextEntry><variable name="b c"/>{literal("2")}</contextEntry>'
            f"<contextEntry>{literal('b c * 2')}</contextEntry></context>",
            4,
        ),
        (
            f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then>"
            f"<else>{literal('2')}</else></conditional>",
            2,
        ),
        (f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item > 1')}</match></filter>", [2, 3]),
        (f"<filter><in>{literal('[{p: 1}, {p: 2}]')}</in><match>{literal('p > 1')}</match></filter>", [{"p": 2}]),
        (f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item')}</match></filter>", None),
        (
            f'<for iteratorVariable="i"><in>{literal("[1..3]")}</in>'
            f"<return>{literal('i + count(partial)')}</return></for>",
            [1, 3, 5],
        ),
        (f'<every iteratorVariable="i">{ABOVE_1}</every>', False),
        (f'<some iteratorVariable="i">{ABOVE_1}</some>', True),
        ("", None),
    ],
)  # fmt: skip
def test_boxed_expressions(logic: str, expected: Any) -> None:
    assert value(decision("x", logic)) == expected


def test_functions_are_invoked_boxed_and_by_name() -> None:
    add = knowledge("加", {"a": "number", "b": "number"}, literal("a + b"))
    bound = "".join(f'<binding><parameter name="{k}"/>{literal(v)}</binding>' for k, v in {"b": "2", "a": "1"}.items())
    boxed = decision("x", f"<invocation>{literal('加')}{bound}</invocation>", knows="加")
    assert value(add + boxed) == 3
    assert value(add + decision("x", literal("加(b: 1, a: 2) + 加(1, 1)"), knows="加")) == 5
    assert value(add + decision("x", literal('加("1", 2)'), knows="加")) is None
    assert value(add, {"a": 4, "b": 5}, "加") == 9


def test_a_function_may_call_itself_and_others() -> None:
    body = knowledge("一", {}, literal("1"))
    body += knowledge("阶乘", {"n": "number"}, literal("if n < 2 then 一() else n * 阶乘(n - 1)"), knows="一")
    assert value(body + decision("x", literal("阶乘(5)"), knows="阶乘")) == 120
    endless = knowledge("f", {}, literal("f()")) + decision("x", literal("f()"), knows="f")
    with pytest.raises(decisions.Failed):
        value(endless)


def test_a_decision_reads_what_it_requires_and_nothing_else() -> None:
    body = data("n") + decision("倍", literal("n * 2"), inputs="n")
    assert value(body + decision("x", literal("倍 + n"), inputs="n", needs="倍"), {"n": 3}) == 9
    model = decisions.compile(document(body + decision("x", literal("背 + 1"), needs="倍")))
    assert model.evaluate("x", {"n": 3}, None).value is None
    assert [(f.severity, f.element, f.message) for f in model.findings] == [
        ("warning", "x", "这里没有“背”这个名称，它的值总是空")
    ]
    assert model.inputs("x") == (decisions.Input("n", ""),)
    assert model.names == ("倍", "x")


def test_a_decision_service_hides_what_is_inside() -> None:
    body = data("n", "number") + decision("倍", literal("n * 2"), inputs="n")
    body += decision("y", literal("倍 + 1"), needs="倍")
    body += (
        '<decisionService id="s" name="服务"><outputDecision href="#y"/><encapsulatedDecision href="#倍"/>'
        '<inputData href="#in_n"/></decisionService>'
        '<decisionService id="t" name="另一个"><outputDecision href="#y"/><outputDecision href="#倍"/>'
        '<inputDecision href="#倍"/></decisionService>'
    )
    assert value(body, {"n": 3}, "服务") == 7
    assert value(body, {"倍": 3}, "另一个") == {"y": 4, "倍": 3}
    called = decision("x", literal("服务(n: 5) + 服务(1)"), knows="s")
    assert value(body + called) == 14
    assert decisions.compile(document(body)).services == ("服务", "另一个")


TYPES = """
<itemDefinition name="级别"><typeRef>string</typeRef>
  <allowedValues><text>"急", "缓"</text></allowedValues></itemDefinition>
<itemDefinition name="件" isCollection="true"><itemComponent name="名"><typeRef>string</typeRef></itemComponent>
  <itemComponent name="级 别"><typeRef>级别</typeRef></itemComponent></itemDefinition>
<itemDefinition name="树"><itemComponent name="子" isCollection="true"><typeRef>树</typeRef></itemComponent>
</itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_ref", "given", "expected"),
    [
        ("number", 1, 1),
        ("number", "1", None),
        ("number", [1], 1),
        ("级别", "急", "急"),
        ("级别", "快", None),
        ("件", [{"名": "甲", "级 别": "急"}], [{"名": "甲", "级 别": "急"}]),
        ("件", {"名": "甲", "级 别": None}, [{"名": "甲", "级 别": None}]),
        ("件", [{"名": "甲", "级 别": "快"}], None),
        ("件", [{"名": "甲"}], None),
        ("树", {"子": [{"子": []}]}, {"子": [{"子": []}]}),
        ("树", {"子": [{"女": []}]}, None),
        ("dateTime", date(2026, 3, 5), datetime(2026, 3, 5, tzinfo=UTC)),
        ("feel:string", "a", "a"),
    ],
)  # fmt: skip
def test_values_conform_to_their_type_or_are_null(type_ref: str, given: Any, expected: Any) -> None:
    body = TYPES + data("n", type_ref)
    assert value(body + decision("x", literal("n"), inputs="n"), {"n": given}) == expected
    assert (
        value(body + data("m") + decision("x", literal("m"), inputs="m", type_ref=type_ref), {"m": given}) == expected
    )


def test_types_are_known_to_expressions() -> None:
    body = TYPES + data("n", "件")
    source = '[n[级 别 = "急"].名, n[1].级 别 instance of 级别, (function(a: 级别) a)("快")]'
    given = {"n": [{"名": "甲", "级 别": "急"}, {"名": "乙", "级 别": "缓"}]}
    assert value(body + decision("x", literal(source), inputs="n"), given) == [["甲"], True, None]


def test_imports_are_read_by_the_name_they_are_given() -> None:
    other = document(TYPES + data("n") + decision("倍 数", literal("n * 2"), inputs="n"), "urn:other")
    link = '<informationRequirement><requiredDecision href="urn:other#倍 数"/></informationRequirement>'
    body = f'<import name="别处" namespace="urn:other" importType="{DMN}"/>{data("l", "别处.级别")}'
    body += decision("x", link + literal("[别处.倍 数, l]"), inputs="l")
    assert value(body, {"n": 3, "l": "快"}, imports={"other.dmn": other}) == [6, None]
    assert value(body, {"别处": {"n": 4}, "l": "急"}, imports={"other.dmn": other}) == [8, "急"]
    with pytest.raises(decisions.Refused, match="找不到导入的决策文件"):
        value(body)


def test_a_document_imported_by_two_ways_has_inputs_for_each() -> None:
    def importing(name: str, namespace: str) -> str:
        return f'<import name="{name}" namespace="{namespace}" importType="{DMN}"/>'

    def link(kind: str, href: str) -> str:
        return f'<informationRequirement><required{kind} href="{href}"/></informationRequirement>'

    base = document(data("n"), "urn:base")
    middle = {
        f"{one}.dmn": document(
            importing("底", "urn:base") + decision("y", link("Input", "urn:base#in_n") + literal("底.n * 2")),
            f"urn:{one}",
        )
        for one in ("a", "b")
    }
    body = importing("甲", "urn:a") + importing("乙", "urn:b")
    body += decision("x", link("Decision", "urn:a#y") + link("Decision", "urn:b#y") + literal("[甲.y, 乙.y]"))
    given = {"甲": {"底": {"n": 1}}, "乙": {"底": {"n": 5}}}
    assert value(body, given, imports={"base.dmn": base, **middle}) == [2, 10]
    assert value(body, {"n": 3}, imports={"base.dmn": base, **middle}) == [6, 6]


def test_functions_of_the_caller_and_the_time_given() -> None:
    body = decision("x", literal("[加一(1), today()]"))
    model = decisions.compile(document(body), functions={"加一": lambda n: n + 1})
    assert model.evaluate("x", {}, datetime(2026, 3, 5, tzinfo=UTC)).value == [2, date(2026, 3, 5)]


def test_is_shared_by_threads() -> None:
    body = data("n") + decision("y", table(["n"], ["y"], ["< 20 -> n + 1", ">= 20 -> n"]), inputs="n")
    model = decisions.compile(document(body + decision("x", literal("y * 2"), needs="y")))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: model.evaluate("x", {"n": n}, None).value, range(40)))
    assert found == [2 * (n + 1 if n < 20 else n) for n in range(40)]


def test_an_unknown_name_is_no_decision() -> None:
    with pytest.raises(decisions.NoSuchDecision):
        value(decision("x", literal("1")), name="y")
