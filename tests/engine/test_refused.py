"""A diagram we cannot execute is refused: the finding names the element, what is wrong and what to do."""

from collections.abc import Callable

import pytest

from tongxin import engine

Diagram = Callable[..., bytes]


def findings(source: bytes) -> tuple[engine.Finding, ...]:
    with pytest.raises(engine.Refused) as refused:
        engine.compile(source)
    return refused.value.findings


THROUGH = [  # what stands between start and end, the element to blame, and a word of the message
    ('<task id="x"/>', "x", "未定类型的任务"),
    ('<callActivity id="x" calledElement="q"/>', "x", "调用活动"),
    ('<businessRuleTask id="x"/>', "x", "业务规则任务"),
    ('<complexGateway id="x"/>', "x", "复杂网关"),
    ('<adHocSubProcess id="x"/>', "x", "即席子流程"),
    ('<transaction id="x"/>', "x", "事务子流程"),
    ('<intermediateThrowEvent id="x"><linkEventDefinition name="l"/></intermediateThrowEvent>', "x", "链接事件"),
    ('<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>', "x", "补偿事件"),
    ('<intermediateThrowEvent id="x"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>', "x", "消息"),
    (
        '<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>a</condition>'
        "</conditionalEventDefinition></intermediateCatchEvent>",
        "x",
        "条件事件",
    ),
    ('<intermediateCatchEvent id="x"><signalEventDefinition/></intermediateCatchEvent>', "x", "信号事件"),
    ('<intermediateCatchEvent id="x"/>', "x", "没有写等什么"),
    ('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>', "x", "等哪个消息"),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R3/PT1H</timeCycle>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "循环定时",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>P1X</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "定时写错了",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>R3/PT1H</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "定时写错了",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>PT</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "定时写错了",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>2026-02-30</timeDate>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "定时写错了",
    ),
    ('<intermediateCatchEvent id="x"><timerEventDefinition/></intermediateCatchEvent>', "x", "没有写定时"),
    ('<userTask id="x"><standardLoopCharacteristics/></userTask>', "x", "标准循环"),
    ('<userTask id="x"><multiInstanceLoopCharacteristics/></userTask>', "x", "对谁各办一次"),
    (
        '<serviceTask id="x" tx:do="a"><multiInstanceLoopCharacteristics tx:collection="[1]"/></serviceTask>',
        "x",
        "多实例",
    ),
    ('<userTask id="x" isForCompensation="true"/>', "x", "isForCompensation"),
    ('<userTask id="x" tx:from="start"/>', "x", "tx:from"),
    ('<userTask id="x" tx:limit="1 +"/>', "x", "tx:limit的表达式写错了"),
    ('<userTask id="x" tx:assignee="a b c d("/>', "x", "tx:assignee的表达式写错了"),
    ('<userTask id="x"><potentialOwner/></userTask>', "x", "潜在办理人"),
    ('<userTask id="x"><ioSpecification/></userTask>', "x", "输入输出规格"),
    ('<serviceTask id="x"/>', "x", "没有写要做什么"),
    ('<sendTask id="x" tx:do="a" messageRef="m"/>', "x", "messageRef"),
    (
        '<serviceTask id="x" tx:do="a"><extensionElements><tx:output name="a b" value="1"/></extensionElements>'
        "</serviceTask>",
        "x",
        "变量名",
    ),
    (
        '<serviceTask id="x" tx:do="a"><extensionElements><tx:input name="a"/></extensionElements></serviceTask>',
        "x",
        "缺少 name 或 value",
    ),
    ('<serviceTask id="x" tx:do="a"><extensionElements><tx:map/></extensionElements></serviceTask>', "x", "tx:map"),
    ('<scriptTask id="x"/>', "x", "脚本是空的"),
    ('<scriptTask id="x"><script>print("hi")</script></scriptTask>', "x", "脚本第 1 行"),
    ('<scriptTask id="x"><script>a = 1\nb == 2</script></scriptTask>', "x", "脚本第 2 行"),
    ('<scriptTask id="x"><script>_a = 1</script></scriptTask>', "x", "变量名"),
    ('<scriptTask id="x" scriptFormat="python"><script>a = 1</script></scriptTask>', "x", "python"),
    ('<receiveTask id="x"/>', "x", "等哪个消息"),
    ('<receiveTask id="x" messageRef="m" instantiate="true"/>', "x", "instantiate"),
    ('<eventBasedGateway id="x"/>', "x", "事件网关后面"),
    ('<subProcess id="x"/>', "x", "没有开始事件"),
    ('<subProcess id="x"><startEvent id="t"/></subProcess>', "x", "没有结束事件"),
    (
        '<subProcess id="x"><startEvent id="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/></subProcess>',
        "g",
        "穿过了子流程的边界",
    ),
    ('<userTask id="x"/><userTask id="y"/>', "y", "走不到这一步"),
    ('<userTask id="x"/><subProcess id="y" triggeredByEvent="true"/>', "y", "事件子流程"),
    ('<userTask id="x"/><dataObject id="y"/>', "y", "数据对象"),
    ('<userTask id="x"/><boundaryEvent id="b" attachedToRef="x"/>', "b", "没有写等什么"),
    (
        '<userTask id="x"/><boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>',
        "b",
        "不会出错误",
    ),
    (
        '<userTask id="x"/><boundaryEvent id="b" attachedToRef="s"><messageEventDefinition messageRef="m"/>'
        "</boundaryEvent>",
        "b",
        "没有挂在能等待的步骤上",
    ),
    (
        '<userTask id="x"/><boundaryEvent id="b" attachedToRef="x"><timerEventDefinition><timeDuration>due'
        "</timeDuration></timerEventDefinition></boundaryEvent>",
        "b",
        "没有期限",
    ),
    (
        '<userTask id="x"/><boundaryEvent id="b" attachedToRef="x"><messageEventDefinition messageRef="m"/>'
        "<escalationEventDefinition/></boundaryEvent>",
        "b",
        "几个定义",
    ),
    (
        '<subProcess id="x"><startEvent id="t"/><endEvent id="u"><errorEventDefinition errorRef="err"/></endEvent>'
        '<sequenceFlow id="g" sourceRef="t" targetRef="u"/></subProcess>',
        "u",
        "没有边界事件接住错误",
    ),
    ('<exclusiveGateway id="x"/><userTask id="x"/>', "x", "用了两次"),
    ('<exclusiveGateway id="x" default="nowhere"/>', "x", "默认线"),
    ('<userTask id="x"/><sequenceFlow id="g" sourceRef="x" targetRef="nowhere"/>', "g", "没有连到步骤"),
    ('<userTask id="x"/><sequenceFlow id="g" sourceRef="e" targetRef="x"/>', "e", "结束事件后面还有线"),
    ('<userTask id="x"/><sequenceFlow id="g" sourceRef="x" targetRef="s"/>', "s", "前面不能有线"),
    ('<userTask id="x"/><userTask/>', "p", "没有编号"),
]


@pytest.mark.parametrize(("between", "element", "message"), THROUGH)
def test_what_we_do_not_execute_is_refused(diagram: Diagram, between: str, element: str, message: str) -> None:
    found = findings(diagram(through=between))
    assert any(f.element == element and message in f.message and f.advice for f in found), found


def test_one_mistake_is_said_once(diagram: Diagram) -> None:
    """What hangs on a refused element is not called unreachable or loose as well."""
    assert [f.element for f in findings(diagram(through='<task id="x" name="核实"/>'))] == ["x"]


def test_user_task_outside_every_lane_has_no_role(diagram: Diagram) -> None:
    source = diagram(through='<userTask id="x" name="核实"/>').replace(b"<flowNodeRef>x</flowNodeRef>", b"")
    assert [(f.element, f.name, f.message) for f in findings(source)] == [("x", "核实", "没有写由谁办")]


def test_lane_with_unknown_attribute(diagram: Diagram) -> None:
    source = diagram(through='<userTask id="x"/>').replace(b"tx:role", b'tx:colour="red" tx:role')
    assert [f.element for f in findings(source)] == ["lane"]


def test_message_with_unknown_attribute_or_wrong_key(diagram: Diagram) -> None:
    found = findings(
        diagram(through='<userTask id="x"/>', declared='<message id="n" name="n" tx:ttl="1" tx:key="1 +"/>')
    )
    assert ["tx:ttl" in found[0].message, "tx:key的表达式" in found[1].message] == [True, True]


GATEWAY = (
    '<startEvent id="s"/><exclusiveGateway id="x"{default}/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="a">{first}'
    '</sequenceFlow><sequenceFlow id="f3" sourceRef="x" targetRef="b">{second}</sequenceFlow>'
    '<sequenceFlow id="f4" sourceRef="a" targetRef="e"/><sequenceFlow id="f5" sourceRef="b" targetRef="e"/>'
)
CONDITION = "<conditionExpression>a = 1</conditionExpression>"


def test_gateway_flow_needs_a_condition_or_be_the_default(diagram: Diagram) -> None:
    found = findings(diagram(GATEWAY.format(default="", first=CONDITION, second="")))
    assert [(f.element, f.severity) for f in found] == [("f3", "error"), ("x", "warning")]


def test_gateway_without_default_is_a_warning(diagram: Diagram) -> None:
    process = engine.compile(diagram(GATEWAY.format(default="", first=CONDITION, second=CONDITION)))
    assert [(f.element, f.severity) for f in process.warnings] == [("x", "warning")]


def test_default_flow_cannot_have_a_condition(diagram: Diagram) -> None:
    found = findings(diagram(GATEWAY.format(default=' default="f3"', first=CONDITION, second=CONDITION)))
    assert [f.element for f in found] == ["f3"]


def test_condition_in_another_language(diagram: Diagram) -> None:
    python = '<conditionExpression language="python">a</conditionExpression>'
    found = findings(diagram(GATEWAY.format(default=' default="f3"', first=python, second="")))
    assert [(f.element, "python" in f.message) for f in found] == [("f2", True)]


def test_condition_where_nobody_would_ask_it(diagram: Diagram) -> None:
    source = diagram(through='<userTask id="x"/>').replace(
        b'<sequenceFlow id="f1" sourceRef="s" targetRef="x"/>',
        f'<sequenceFlow id="f1" sourceRef="s" targetRef="x">{CONDITION}</sequenceFlow>'.encode(),
    )
    assert [f.element for f in findings(source)] == ["f1"]


def test_join_that_waits_for_itself(diagram: Diagram) -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="j"/><userTask id="a"/><exclusiveGateway id="x" default="f4"/>'
        '<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="j"/>'
        '<sequenceFlow id="f2" sourceRef="j" targetRef="a"/><sequenceFlow id="f3" sourceRef="a" targetRef="x"/>'
        '<sequenceFlow id="f4" sourceRef="x" targetRef="e"/><sequenceFlow id="f5" sourceRef="x" targetRef="j">'
        f"{CONDITION}</sequenceFlow>"
    )
    assert [(f.element, "永远等不到" in f.message) for f in findings(diagram(body))] == [("j", True)]


def test_several_starts(diagram: Diagram) -> None:
    body = '<startEvent id="t"/><sequenceFlow id="g" sourceRef="t" targetRef="x"/>'
    assert [f.message for f in findings(diagram(body, through='<userTask id="x"/>'))] == ["有 2 个开始事件"]


def test_several_or_no_executable_processes(diagram: Diagram) -> None:
    source = diagram(through='<userTask id="x"/>')
    second = source.replace(b"</definitions>", b'<process id="q" isExecutable="true"/></definitions>')
    drawn = source.replace(b"</definitions>", b'<process id="q" isExecutable="false"/></definitions>')
    assert ["几个" in f.message for f in findings(second)] == [True]
    assert engine.compile(drawn).id == "p"
    assert ["没有" in f.message for f in findings(source.replace(b'"true"', b'"false"'))] == [True]


def test_foreign_extension_is_a_warning(diagram: Diagram) -> None:
    process = engine.compile(
        diagram(
            through='<userTask id="x" xmlns:c="urn:c" c:assignee="me"><extensionElements><c:form/></extensionElements>'
            "</userTask>"
        )
    )
    assert [(f.element, f.severity) for f in process.warnings] == [("x", "warning")] * 2


BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="&b;"/>"""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "不是有效的 XML"),
        (b"\xff\xfe\x00", "不是有效的 XML"),
        (b"<definitions>", "不是有效的 XML"),
        (b"<definitions/>", "不是 BPMN 2.0 文件"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "没有可执行流程"),
        (BOMB, "DOCTYPE"),
        (BOMB.decode().encode("utf-16"), "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b" " * 5_000_001, "超过 5 MB"),
    ],
)
def test_hostile_files(source: bytes, message: str) -> None:
    assert message in findings(source)[0].message


def test_nesting_and_count_have_limits(diagram: Diagram) -> None:
    deep = '<subProcess id="x">' * 100 + "</subProcess>" * 100
    assert "嵌套" in findings(diagram(deep))[0].message
    deeper = '<subProcess id="x">' * 5000 + "</subProcess>" * 5000
    assert "XML" in findings(diagram(deeper))[0].message
    many = "".join(f'<userTask id="n{i}"/>' for i in range(60_000))
    assert "太多内容" in findings(diagram(many))[0].message
    rather_many = "".join(f'<userTask id="n{i}"/>' for i in range(3_000))
    assert any("最多" in f.message for f in findings(diagram(rather_many)))
