import pytest

from tests.decisions.writing import data, decision, document, literal, table
from tongxin import decisions


def findings(source: bytes) -> list[tuple[str, str]]:
    with pytest.raises(decisions.Refused) as refusal:
        decisions.compile(source)
    assert all(finding.advice for finding in refusal.value.findings)
    return [(one.element, one.message) for one in refusal.value.findings if one.severity == "error"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "不是有效的 XML"),
        (b"<a/>", "不是 DMN 1.3–1.5 文件"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "DOCTYPE"),
        (b"<a>" + b" " * 5_000_001 + b"</a>", "超过 5 MB"),
        (document("<text/>" * 100_001), "元素超过"),
        (document("<list>" * 120 + "</list>" * 120), "嵌套超过"),
    ],
)
def test_hostile_or_foreign_files(source: bytes, message: str) -> None:
    assert message in findings(source)[0][1]


@pytest.mark.parametrize(
    ("body", "element", "message"),
    [
        (decision("x", literal("1 +")), "x", "表达式没有写完：这里缺少一个值（第 4 个字符）"),
        (decision("x", literal("cuont([1])")), "x", "没有“cuont”这个函数，是不是“count”？（第 1 个字符）"),
        (decision("x", literal("1", "数目")), "x", "没有“数目”这种类型"),
        (data("n", "数目"), "in_n", "没有“数目”这种类型"),
        (decision("x", "", inputs="n"), "x", "“#in_n”指向的元素不存在"),
        (decision("x", literal("y"), needs="y") + decision("y", literal("x"), needs="x"), "x", "决策互相依赖成了圈"),
        (decision("x", table(["1"], ["x"], ["- -> 1"], "NEAREST")), "t", "不认识的命中策略“NEAREST”"),
        (decision("x", table(["1"], ["x"], ["- -> 1"], "PRIORITY")), "t", "按优先级命中的表没有写输出值的先后"),
        (decision("x", table(["1"], ["x", "y"], ["- -> 1 | 2"], "COLLECT", "SUM")), "t", "汇总的决策表只能有一个输出"),
        (decision("x", table(["1"], ["x"], ["- | - -> 1"])), "x", "第 1 行规则的格数和列数不同"),
        (decision("x", table(["1"], ["x"], ["> -> 1"])), "x", "表达式没有写完：这里缺少一个值（第 2 个字符）"),
        (decision("x", '<relation><column name="a"/><row><text>1</text></row></relation>'), "x",
         "这一行的格数和列数不同"),
        (data("n") + '<decisionService id="s" name="s"><outputDecision href="#in_n"/></decisionService>', "s",
         "决策服务没有输出决策，或输出的不是决策"),
        (decision("x", '<functionDefinition kind="Java"/>'), "x", "不支持 Java 函数"),
        (decision("x", '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>'), "x",
         "表达式语言“javascript”不支持"),
        (decision("x", f"<conditional><if>{literal('true')}</if></conditional>"), "x", "“conditional”缺少“then”部分"),
    ],
)  # fmt: skip
def test_says_where_and_what(body: str, element: str, message: str) -> None:
    assert (element, message) in findings(document(body))


def test_not_strict_gives_null_for_what_is_broken() -> None:
    body = decision("x", literal("1 +")) + decision("y", literal("2"))
    model = decisions.compile(document(body), strict=False)
    assert [model.evaluate(name, {}, None).value for name in ("x", "y")] == [None, 2]
    assert [finding.element for finding in model.findings] == ["x"]


def test_runaway_decisions_are_stopped() -> None:
    body = decision("x", literal("for i in 1..100000000 return 1"))
    with pytest.raises(decisions.Failed, match="计算量"):
        decisions.compile(document(body)).evaluate("x", {}, None)


def test_a_long_chain_and_a_wide_net_of_decisions() -> None:
    chain = decision("d0", literal("1")) + "".join(
        decision(f"d{n}", literal(f"d{n - 1} + 1"), needs=f"d{n - 1}") for n in range(1, 2000)
    )
    assert decisions.compile(document(chain)).evaluate("d1999", {}, None).value == 2000
    net = decision("d0", literal("1")) + "".join(
        decision(f"d{n}", literal(f"d{n - 1} + d{max(n - 2, 0)}"), needs=f"d{n - 1} d{max(n - 2, 0)}")
        for n in range(1, 60)
    )
    assert decisions.compile(document(net)).evaluate("d59", {}, None).value > 10**12
