"""A diagram we cannot execute is refused: the finding names the element, what is wrong and what to do."""

from collections.abc import Callable

import pytest

from tests.engine.conftest import NOW
from tongxin import engine

Diagram = Callable[..., bytes]


def findings(source: bytes) -> tuple[engine.Finding, ...]:
    with pytest.raises(engine.Refused) as refused:
        engine.compile(source)
    return refused.value.findings


THROUGH = [  # what stands between start and end, the element to blame, and a word of the message
    ('<task id="x"/>', "x", "未定类型的任务"),
    ('<callActivity id="x"/>', "x", "没有写调用哪个流程"),
    ('<callActivity id="x" calledElement="q"/>', "x", "找不到被调用的流程“q”"),
    ('<businessRuleTask id="x" tx:result="a"/>', "x", "没有写按哪个决策判断"),
    ('<businessRuleTask id="x" tx:decision="grade" tx:result="a"/>', "x", "找不到决策“grade”"),
    ('<businessRuleTask id="x" tx:decision="grade"/>', "x", "没有写结果放进哪个变量"),
    ('<complexGateway id="x"/>', "x", "复杂网关"),
    ('<adHocSubProcess id="x"><userTask id="y"/></adHocSubProcess>', "x", "没有写什么时候算办完"),
    ('<adHocSubProcess id="x"><completionCondition>a</completionCondition></adHocSubProcess>', "x", "没有可办的步骤"),
    (
        '<adHocSubProcess id="x"><completionCondition>a</completionCondition><scriptTask id="y"><script>a = 1</script>'
        "</scriptTask></adHocSubProcess>",
        "y",
        "要由人办",
    ),
    ('<adHocSubProcess id="x" ordering="Sequential"><userTask id="y"/></adHocSubProcess>', "x", "ordering=Sequential"),
    ('<transaction id="x" method="##Store"/>', "x", "method"),
    ('<intermediateThrowEvent id="x"><linkEventDefinition name="l"/></intermediateThrowEvent>', "x", "没有到达点"),
    ('<intermediateThrowEvent id="x"><linkEventDefinition/></intermediateThrowEvent>', "x", "链接没有名称"),
    ('<intermediateThrowEvent id="x"><compensateEventDefinition/></intermediateThrowEvent>', "x", "没有什么可补偿"),
    (
        '<intermediateThrowEvent id="x"><compensateEventDefinition activityRef="z"/></intermediateThrowEvent>',
        "x",
        "不在同一个流程或子流程里",
    ),
    (
        '<intermediateThrowEvent id="x"><compensateEventDefinition waitForCompletion="false"/>'
        "</intermediateThrowEvent>",
        "x",
        "waitForCompletion=false",
    ),
    ('<intermediateThrowEvent id="x"><errorEventDefinition errorRef="err"/></intermediateThrowEvent>', "x", "错误事件"),
    ('<intermediateThrowEvent id="x"><timerEventDefinition/></intermediateThrowEvent>', "x", "这里的定时事件"),
    ('<intermediateThrowEvent id="x"><messageEventDefinition/></intermediateThrowEvent>', "x", "没有写送出哪个消息"),
    (
        '<intermediateThrowEvent id="x"><extensionElements><tx:input name="a" value="1"/></extensionElements>'
        "</intermediateThrowEvent>",
        "x",
        "tx:input",
    ),
    ('<intermediateThrowEvent id="x"><escalationEventDefinition/></intermediateThrowEvent>', "x", "没有代码"),
    (
        '<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>',
        "x",
        "没有写条件",
    ),
    ('<intermediateCatchEvent id="x"><signalEventDefinition/></intermediateCatchEvent>', "x", "哪个信号"),
    ('<intermediateCatchEvent id="x"><linkEventDefinition name="l"/></intermediateCatchEvent>', "x", "没有链接通到"),
    ('<intermediateCatchEvent id="x"><escalationEventDefinition/></intermediateCatchEvent>', "x", "这里的升级事件"),
    ('<intermediateCatchEvent id="x"/>', "x", "没有写等什么"),
    ('<intermediateCatchEvent id="x"><messageEventDefinition/></intermediateCatchEvent>', "x", "等哪个消息"),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R3/PT30S</timeCycle>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "太频繁",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>0 25 * * *</timeCycle>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "不是有效的 cron",
    ),
    (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R0/PT1H</timeCycle>'
        "</timerEventDefinition></intermediateCatchEvent>",
        "x",
        "一次也不会来",
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
    ('<userTask id="x"><standardLoopCharacteristics/></userTask>', "x", "循环没有写条件"),
    ('<userTask id="x"><standardLoopCharacteristics loopMaximum="0"/></userTask>', "x", "不是 1 到 10000"),
    (f'<userTask id="x"><standardLoopCharacteristics loopMaximum="{"9" * 5000}"/></userTask>', "x", "不是 1 到 10000"),
    ('<exclusiveGateway id="x"><standardLoopCharacteristics/></exclusiveGateway>', "x", "这里的循环"),
    (
        '<userTask id="x"><multiInstanceLoopCharacteristics tx:collection="[1]"><loopCardinality>2</loopCardinality>'
        "</multiInstanceLoopCharacteristics></userTask>",
        "x",
        "写了两样",
    ),
    (
        '<userTask id="x"><multiInstanceLoopCharacteristics tx:collection="[1]" behavior="None"/></userTask>',
        "x",
        "behavior=None",
    ),
    ('<userTask id="x"><multiInstanceLoopCharacteristics/></userTask>', "x", "对谁各办一次"),
    ('<userTask id="x"/><userTask id="y" isForCompensation="true"/>', "y", "没有补偿边界事件通向它"),
    ('<userTask id="x" isForCompensation="true"/>', "x", "不接顺序流"),
    ('<userTask id="x" tx:from="start"/>', "x", "tx:from"),
    ('<userTask id="x" tx:limit="1 +"/>', "x", "tx:limit的表达式写错了"),
    ('<userTask id="x" tx:assignee="a b c d("/>', "x", "tx:assignee的表达式写错了"),
    ('<userTask id="x"><potentialOwner/></userTask>', "x", "潜在办理人"),
    ('<userTask id="x"><ioSpecification/></userTask>', "x", "输入输出规格"),
    ('<serviceTask id="x"/>', "x", "没有写要做什么"),
    ('<sendTask id="x"/>', "x", "没有写要做什么"),
    ('<sendTask id="x" tx:do="a" messageRef="m"/>', "x", "既写了动作又选了消息"),
    (
        '<sendTask id="x" messageRef="m"><extensionElements><tx:output name="a" value="1"/></extensionElements>'
        "</sendTask>",
        "x",
        "不会带回结果",
    ),
    (
        '<userTask id="x"><dataInputAssociation><assignment/></dataInputAssociation></userTask>',
        "x",
        "数据关联里的赋值",
    ),
    (
        '<userTask id="x"><dataOutputAssociation><transformation/></dataOutputAssociation></userTask>',
        "x",
        "数据关联里的转换",
    ),
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
    ('<userTask id="x"/><property id="y"/>', "y", "不支持“属性”"),
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


MESSAGE = '<messageEventDefinition messageRef="m"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
HOURLY = "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
CONDITIONAL = "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>"
COMPENSATION = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"


def edge(event: str, host: str = "x", attributes: str = "") -> str:
    """A boundary event `b` that leads to an end."""
    return (
        f'<boundaryEvent id="b" attachedToRef="{host}" {attributes}>{event}</boundaryEvent><endEvent id="be"/>'
        '<sequenceFlow id="bf" sourceRef="b" targetRef="be"/>'
    )


def inside(kind: str = "subProcess", start: str = "", end: str = "", attributes: str = "", more: str = "") -> str:
    """A subprocess `x` with a start `t` and an end `u`."""
    return (
        f'<{kind} id="x" {attributes}><startEvent id="t">{start}</startEvent><endEvent id="u">{end}</endEvent>'
        f'<sequenceFlow id="g" sourceRef="t" targetRef="u"/>{more}</{kind}>'
    )


def beside(start: str, attributes: str = "", end: str = "", event: str = "") -> str:
    """An event subprocess `y` with a start `v` and an end `w`, beside a task `x`."""
    return (
        f'<userTask id="x"/><subProcess id="y" triggeredByEvent="true" {attributes}><startEvent id="v" {event}>{start}'
        f'</startEvent><endEvent id="w">{end}</endEvent><sequenceFlow id="h" sourceRef="v" targetRef="w"/></subProcess>'
    )


def undoing(mark: str) -> str:
    """A compensation event at the edge of `x`, and the step it leads to."""
    return (
        f'<boundaryEvent id="b{mark}" attachedToRef="x">{COMPENSATION}</boundaryEvent>'
        f'<userTask id="undo{mark}" isForCompensation="true"/>'
        f'<association id="as{mark}" sourceRef="b{mark}" targetRef="undo{mark}"/>'
    )


MISPLACED = [  # the same, with events
    (f'<userTask id="x"/>{edge(ERROR)}', "b", "不会出错误"),
    (f'<receiveTask id="x" messageRef="m"/>{edge(ERROR)}', "b", "不会出错误"),
    (f'<userTask id="x"/>{edge(ESCALATION)}', "b", "不会升级"),
    (f'<scriptTask id="x"><script>a = 1</script></scriptTask>{edge(TIMER)}', "b", "没有挂在能等待的步骤上"),
    (f'<userTask id="x"/>{edge(HOURLY)}', "b", "只会到一次"),
    (f'<userTask id="x"/>{edge(CANCEL)}', "b", "不会取消"),
    (inside() + edge(CANCEL), "b", "不会取消"),
    (inside("transaction") + edge(CANCEL), "b", "不会取消"),
    (inside("transaction", end=CANCEL), "u", "不在有取消边界事件的事务里"),
    (inside("transaction", end=CANCEL) + edge(CANCEL, attributes='cancelActivity="false"'), "b", "总要中断"),
    (inside(end=CANCEL), "u", "不在有取消边界事件的事务里"),
    (inside(end=ERROR) + edge(ERROR, attributes='cancelActivity="false"'), "b", "总要中断"),
    (f'<userTask id="x"/><boundaryEvent id="b" attachedToRef="x">{COMPENSATION}</boundaryEvent>', "b", "没有连到补偿"),
    (f'<userTask id="x"/>{edge(COMPENSATION)}', "b", "不接顺序流"),
    (  # the step that undoes stands in a subprocess, its event outside
        inside(more='<userTask id="undo" isForCompensation="true"/>')
        + f'<boundaryEvent id="b" attachedToRef="x">{COMPENSATION}</boundaryEvent>'
        '<association id="as" sourceRef="b" targetRef="undo"/>',
        "b",
        "没有连到补偿",
    ),
    (f'<userTask id="x"/>{undoing("1")}{undoing("2")}', "b2", "已经有一个同样的"),
    (
        inside("transaction", end=CANCEL)
        + edge(CANCEL)
        + edge(CANCEL).replace('"b"', '"b2"').replace('"be"', '"be2"').replace('"bf"', '"bf2"'),
        "b2",
        "已经有一个同样的",
    ),
    (
        inside(
            more=beside(COMPENSATION).replace('<userTask id="x"/>', "")
            + beside(COMPENSATION)
            .replace('<userTask id="x"/>', "")
            .replace('"y"', '"y2"')
            .replace('"v"', '"v2"')
            .replace('"w"', '"w2"')
            .replace('"h"', '"h2"')
        ),
        "v2",
        "已经有一个补偿事件子流程",
    ),
    (f'<sendTask id="x" messageRef="m"/>{edge(TIMER)}', "b", "边上的事件不会发生"),
    (f'<sendTask id="x" messageRef="m"/>{edge(ERROR)}', "b", "边上的事件不会发生"),
    (f'<userTask id="x"/>{edge(TIMER, host="e")}', "b", "没有挂在能等待的步骤上"),
    (f'<userTask id="x"/>{edge(MESSAGE, host="nowhere")}', "b", "没有挂在能等待的步骤上"),
    (inside(start=MESSAGE), "x", "子流程的开始不能等事件"),
    (inside(more='<startEvent id="t2"/><sequenceFlow id="g2" sourceRef="t2" targetRef="u"/>'), "x", "有 2 个开始事件"),
    (beside(""), "y", "没有写由什么触发"),
    (beside(HOURLY), "v", "只会到一次"),
    (beside(ERROR, event='isInterrupting="false"'), "v", "不能是非中断型"),
    (beside(COMPENSATION), "v", "流程本身办完就不能补偿了"),
    (beside(CANCEL), "v", "取消事件"),
    (beside(MESSAGE) + '<sequenceFlow id="k" sourceRef="x" targetRef="y"/>', "y", "不接顺序流"),
    (
        beside(MESSAGE).replace(
            "</subProcess>", '<multiInstanceLoopCharacteristics tx:collection="[1]"/></subProcess>'
        ),
        "y",
        "不能多实例或循环",
    ),
    (inside(end=ERROR), "u", "没有边界事件接住错误"),
    (  # what took over from its scope is not caught there any more
        inside(
            more=beside(MESSAGE, end=ERROR).replace('<userTask id="x"/>', "")
            + beside("<errorEventDefinition/>")
            .replace('<userTask id="x"/>', "")
            .replace('"y"', '"y2"')
            .replace('"v"', '"v2"')
            .replace('"w"', '"w2"')
            .replace('"h"', '"h2"')
        ),
        "w",
        "没有边界事件接住错误",
    ),
    (inside(attributes='triggeredByEvent="maybe"'), "x", "triggeredByEvent"),
    (
        '<eventBasedGateway id="x"/><userTask id="y"/><sequenceFlow id="k" sourceRef="x" targetRef="y"/>',
        "x",
        "事件网关",
    ),
    (
        '<intermediateThrowEvent id="x"><linkEventDefinition name="l"/></intermediateThrowEvent><userTask id="y"/>'
        '<intermediateCatchEvent id="c1"><linkEventDefinition name="l"/></intermediateCatchEvent>'
        '<intermediateCatchEvent id="c2"><linkEventDefinition name="l"/></intermediateCatchEvent>',
        "c2",
        "有几个同名的链接",
    ),
]


@pytest.mark.parametrize(("between", "element", "message"), [*THROUGH, *MISPLACED])
def test_what_we_do_not_execute_is_refused(diagram: Diagram, between: str, element: str, message: str) -> None:
    found = findings(diagram(through=between, declared='<escalation id="esc" escalationCode="help"/>'))
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


def test_only_way_on_with_a_condition_is_a_warning(diagram: Diagram) -> None:
    bare = '<sequenceFlow id="f2" sourceRef="x" targetRef="e"/>'
    asked = bare.replace("/>", f">{CONDITION}</sequenceFlow>")
    for kind in ("userTask", "exclusiveGateway"):
        process = engine.compile(diagram(through=f'<{kind} id="x"/>').replace(bare.encode(), asked.encode()))
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
    assert [f.message for f in findings(diagram(body, through='<userTask id="x"/>'))] == ["有 2 个普通的开始事件"]


@pytest.mark.parametrize("event", [ERROR, ESCALATION, CONDITIONAL, COMPENSATION])
def test_what_cannot_begin_a_process(diagram: Diagram, event: str) -> None:
    body = f'<startEvent id="t">{event}</startEvent><sequenceFlow id="g" sourceRef="t" targetRef="x"/>'
    declared = '<escalation id="esc" escalationCode="help"/>'
    found = findings(diagram(body, through='<userTask id="x"/>', declared=declared))
    assert [(f.element, f.message) for f in found] == [("t", "流程不能由这个事件开始")]


def called(diagram: Diagram, name: str, through: str = '<userTask id="x"/>', **more: str) -> bytes:
    """A process of another name."""
    return diagram(through=through, **more).replace(b'<process id="p"', f'<process id="{name}"'.encode())


def test_circle_of_calls(diagram: Diagram) -> None:
    calls = {
        "p": called(diagram, "p", '<callActivity id="x" calledElement="q"/>'),
        "q": called(diagram, "q", '<callActivity id="x" calledElement="p"/>'),
    }
    with pytest.raises(engine.Refused) as refused:
        engine.compile(calls["p"], called=calls)
    assert [(f.element, f.message) for f in refused.value.findings] == [("x/x", "流程调用绕成了圈：p → q → p")]


def test_calls_within_calls_have_a_limit(diagram: Diagram) -> None:
    calls = {f"p{i}": called(diagram, f"p{i}", f'<callActivity id="x" calledElement="p{i + 1}"/>') for i in range(20)}
    with pytest.raises(engine.Refused) as refused:
        engine.compile(calls["p0"], called=calls)
    assert ["层以上" in f.message for f in refused.value.findings] == [True]


def test_scopes_within_scopes_have_a_limit(diagram: Diagram) -> None:
    """A called process may be as deep as its caller, so what counts is all of them together."""

    def deep(inmost: str, levels: int) -> str:
        body, name = inmost, "inmost"
        for level in range(levels):
            start, end = f'<startEvent id="s{level}"/>', f'<endEvent id="e{level}"/>'
            start += f'<sequenceFlow id="i{level}" sourceRef="s{level}" targetRef="{name}"/>'
            end += f'<sequenceFlow id="o{level}" sourceRef="{name}" targetRef="e{level}"/>'
            name = "x" if level == levels - 1 else f"n{level}"
            body = f'<subProcess id="{name}">{start}{body}{end}</subProcess>'
        return body

    call, work = '<callActivity id="inmost" calledElement="q"/>', '<userTask id="inmost"/>'
    for levels, fits in ((29, True), (31, False)):
        source = diagram(through=deep(call, levels))
        calls = {"q": called(diagram, "q", deep(work, levels))}
        if fits:
            process = engine.compile(source, called=calls)
            assert [task.node for task in engine.start(process, {}, NOW, {}).opened] == ["inmost/inmost"]
            continue
        with pytest.raises(engine.Refused) as refused:
            engine.compile(source, called=calls)
        assert ["一层套一层" in f.message for f in refused.value.findings] == [True]


def test_caller_without_an_id(diagram: Diagram) -> None:
    source = diagram(through='<callActivity id="x" calledElement="q"/>').replace(b'<process id="p"', b"<process")
    with pytest.raises(engine.Refused) as refused:
        engine.compile(source, called={"q": called(diagram, "q")})
    assert any("没有编号" in f.message for f in refused.value.findings)


@pytest.mark.parametrize(
    ("inner", "element", "message"),
    [
        ({"through": '<userTask id="x"/>', "name": "other"}, "x", "没有流程“q”"),
        ({"through": '<userTask id="x" tx:limit="1 +"/>'}, "x/x", "tx:limit的表达式写错了"),
        ({"through": '<userTask id="x"/><userTask id="y"/>'}, "x/y", "走不到这一步"),
    ],
)
def test_called_process_is_checked_where_it_is_called(
    diagram: Diagram, inner: dict[str, str], element: str, message: str
) -> None:
    source = called(diagram, inner.get("name", "q"), inner["through"])
    with pytest.raises(engine.Refused) as refused:
        engine.compile(diagram(through='<callActivity id="x" calledElement="q"/>'), called={"q": source})
    assert any(f.element == element and message in f.message for f in refused.value.findings), refused.value.findings


def test_called_process_needs_a_plain_start(diagram: Diagram) -> None:
    source = called(diagram, "q").replace(
        b'<startEvent id="s"/>', f'<startEvent id="s">{MESSAGE}</startEvent>'.encode()
    )
    with pytest.raises(engine.Refused) as refused:
        engine.compile(diagram(through='<callActivity id="x" calledElement="q"/>'), called={"q": source})
    assert ("x", "被调用的流程没有普通的开始事件") in [(f.element, f.message) for f in refused.value.findings]


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


@pytest.mark.parametrize("target", ["note", "data", "lanes"])
def test_a_flow_to_what_is_no_step_does_not_switch_the_check_off(diagram: Diagram, target: str) -> None:
    body = (
        '<startEvent id="s"/><userTask id="a"/><endEvent id="e"/><dataObject id="object"/>'
        '<dataObjectReference id="data" dataObjectRef="object"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="e"/>'
        f'<sequenceFlow id="f3" sourceRef="a" targetRef="{target}"/><textAnnotation id="note"/>'
    )
    assert "f3" in {one.element for one in findings(diagram(body))}


def test_an_ad_hoc_subprocess_has_no_joins_and_nothing_nobody_comes_to(diagram: Diagram) -> None:
    inside = (
        '<userTask id="a"/><userTask id="b"/><parallelGateway id="j"/><userTask id="c"/>'
        '<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>'
        '</intermediateCatchEvent><sequenceFlow id="g1" sourceRef="a" targetRef="j"/>'
        '<sequenceFlow id="g2" sourceRef="b" targetRef="j"/><sequenceFlow id="g3" sourceRef="j" targetRef="c"/>'
        "<completionCondition>done</completionCondition>"
    )
    found = findings(diagram(through=f'<adHocSubProcess id="x">{inside}</adHocSubProcess>'))
    assert {"j", "t"} <= {one.element for one in found}
