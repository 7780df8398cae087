"""What BPMN's own schema does not allow is said once, in words, and only where nothing better was said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tongxin import engine
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.schema import validate

Diagram = Callable[..., bytes]
ROOT = Path(__file__).parents[2]
SOUND = [*sorted(ROOT.glob("bpmn/conformance/*.bpmn")), *sorted(ROOT.glob("processes/*/process.bpmn"))]

WRONG = [  # what stands between start and end, and what is said
    (
        '<userTask id="x"/><sequenceFlow id="1y" sourceRef="x" targetRef="e"/>',
        ("1y", "顺序流（sequenceFlow）的属性“id”不能是“1y”"),
    ),
    ('<userTask id="x">text</userTask>', ("x", "任务（userTask）里不能直接写文字")),
    (
        '<parallelGateway id="x" gatewayDirection="Up"/>',
        ("x", "网关（parallelGateway）的属性“gatewayDirection”不能是“Up”"),
    ),
    (
        '<userTask id="x"><outgoing>f2</outgoing><incoming>f1</incoming></userTask>',
        ("x", "任务（userTask）里不能有“incoming”，或者放错了位置"),
    ),
    ('<userTask id="x"/><textAnnotation id="t"/>', ("e", "流程（process）里不能有“endEvent”，或者放错了位置")),
    ('<userTask id="x"/><association id="a"/>', ("a", "关联线（association）缺少属性“sourceRef”")),
]


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.parent.name + "/" + path.name)
def test_what_is_published_passes(path: Path) -> None:
    draft = Draft({})
    validate(etree.parse(path).getroot(), draft)
    assert draft.findings == []


@pytest.mark.parametrize(("between", "said"), WRONG)
def test_a_violation_in_words(diagram: Diagram, between: str, said: tuple[str, str]) -> None:
    with pytest.raises(engine.Refused) as refused:
        engine.compile(diagram(through=between))
    assert said in [(one.element, one.message) for one in refused.value.findings]
    assert all(one.advice for one in refused.value.findings)


def test_a_value_of_a_list_is_told(diagram: Diagram) -> None:
    with pytest.raises(engine.Refused) as refused:
        engine.compile(diagram(through='<parallelGateway id="x" gatewayDirection="Up"/>'))
    assert "Unspecified、Converging、Diverging、Mixed" in refused.value.findings[0].advice


def test_our_attributes_and_elements_are_allowed_by_the_schema(diagram: Diagram) -> None:
    task = (
        '<serviceTask id="x" tx:do="a"><extensionElements><tx:input name="n" value="1"/></extensionElements>'
        "</serviceTask>"
    )
    assert engine.compile(diagram(through=task)).warnings == ()


def test_a_broken_picture_stops_nothing(diagram: Diagram) -> None:
    picture = b'<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"><di:Nonsense/></di:BPMNDiagram>'
    source = diagram(through='<userTask id="x"/>').replace(b"</definitions>", picture + b"</definitions>")
    assert engine.compile(source).warnings == ()


def test_what_was_published_before_runs_on(diagram: Diagram) -> None:
    """Neither the schema nor the tokens of a published version are judged anew."""
    body = (
        '<startEvent id="s"/><exclusiveGateway id="x" default="f2"/><manualTask id="a"/><manualTask id="b"/>'
        '<parallelGateway id="j"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/>'
        '<sequenceFlow id="f2" sourceRef="x" targetRef="a"/><sequenceFlow id="f3" sourceRef="x" targetRef="b">'
        "<conditionExpression>v</conditionExpression></sequenceFlow>"
        '<sequenceFlow id="f4" sourceRef="a" targetRef="j"/><sequenceFlow id="f5" sourceRef="b" targetRef="j"/>'
        '<sequenceFlow id="f6" sourceRef="j" targetRef="e"/>'
    )
    source = (
        diagram(body)
        .replace(b"<manualTask", b"<userTask")
        .replace(b"<process", b"<process processType='Odd'", 1)
        .replace(b"</lane>", b"<flowNodeRef>a</flowNodeRef><flowNodeRef>b</flowNodeRef></lane>")
    )
    with pytest.raises(engine.Refused):
        engine.compile(source)
    assert engine.compile(source, published=True).id == "p"
