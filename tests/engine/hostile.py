"""Files nobody draws. As a program it compiles them and tells what was found in each, in what time and memory."""

import json
import resource
import time
from collections.abc import Callable

from tongxin import engine

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1" id="d_" '
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" targetNamespace="urn:t">'
)
LANES = '<laneSet id="lanes"><lane id="lane" tx:role="clerk">{refs}</lane></laneSet>'
LANE = "<lane id='l{}' tx:role='r'/>"
BOMB = "".join(f"<!ENTITY e{n} '" + f"&e{n - 1};" * 10 + "'>" for n in range(1, 12))


def process(body: str, before: str = "", after: str = "", refs: str = "") -> bytes:
    lanes = LANES.format(refs=refs) if refs else ""
    return f'{HEAD}{before}<process id="p_" isExecutable="true">{lanes}{body}</process>{after}</definitions>'.encode()


def attributes(count: int) -> bytes:
    return process("<userTask id='x' " + " ".join(f"a{i}='1'" for i in range(count)) + "/>")


def flow(number: object, source: str, target: str, inner: str = "") -> str:
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def through(middle: str) -> str:
    """Start, x, end."""
    return f'<startEvent id="s"/>{middle}<endEvent id="e"/>{flow("a", "s", "x")}{flow("b", "x", "e")}'


def script(text: str) -> bytes:
    return process(through(f'<scriptTask id="x"><script>a = {text}</script></scriptTask>'))


def chain(kinds: list[str]) -> str:
    nodes = "".join(f'<{kind} id="n{i}"/>' for i, kind in enumerate(kinds))
    return nodes + "".join(flow(i, f"n{i}", f"n{i + 1}") for i in range(len(kinds) - 1))


def doctype(inner: str, encoding: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0"?><!DOCTYPE definitions [{inner}]>'
    return (text + process(through('<exclusiveGateway id="x" name="&e9;"/>')).decode()).encode(encoding)


def many_joins() -> bytes:
    """Hundreds of parallel blocks one in the other's way."""
    kinds = ["startEvent", *["parallelGateway"] * 1_200, "endEvent"]
    flows = "".join(flow(f"r{i}", f"n{i}", f"n{i + 2}") for i in range(1, 1_198, 3))
    return process(chain(kinds) + flows)


def tangle() -> bytes:
    """Everything leads to everything: more markings than anybody can look at."""
    kinds = ["startEvent", *["manualTask"] * 60, "endEvent"]
    flows = "".join(flow(f"x{i}_{j}", f"n{i}", f"n{(i * j) % 60 + 1}") for i in range(1, 60) for j in range(2, 9))
    return process(chain(kinds) + flows, refs="".join(f"<flowNodeRef>n{i}</flowNodeRef>" for i in range(1, 61)))


def branches() -> bytes:
    """Forty branches, each of which may leave: 2^40 markings."""
    body = '<startEvent id="s"/><parallelGateway id="x"/><parallelGateway id="y"/><endEvent id="e"/>'
    body += flow("s", "s", "x") + flow("e", "y", "e")
    for i in range(40):
        body += f'<manualTask id="a{i}"/><exclusiveGateway id="b{i}" default="f1_{i}"/><endEvent id="c{i}"/>'
        condition = "<conditionExpression>a</conditionExpression>"
        body += flow(f"0_{i}", "x", f"a{i}") + flow(f"1_{i}", f"b{i}", "y") + flow(f"2_{i}", f"a{i}", f"b{i}")
        body += flow(f"3_{i}", f"b{i}", f"c{i}", condition)
    return process(body, refs="".join(f"<flowNodeRef>a{i}</flowNodeRef>" for i in range(40)))


def nested_lanes() -> bytes:
    lanes = "".join(f'<lane id="l{i}"><childLaneSet id="c{i}">' for i in range(20)) + "</childLaneSet></lane>" * 20
    return process(f'<laneSet id="q">{lanes}</laneSet>' + through('<exclusiveGateway id="x"/>'))


def boundaries() -> bytes:
    """A task with very many events on its edge."""
    events = "".join(
        f'<boundaryEvent id="b{i}" attachedToRef="x" cancelActivity="false"><timerEventDefinition><timeDuration>PT1H'
        "</timeDuration></timerEventDefinition></boundaryEvent>" + flow(i, f"b{i}", "y")
        for i in range(990)
    )
    tasks = '<userTask id="x"/><userTask id="y"/>' + flow("y", "y", "e")
    return process(through(tasks) + events, refs="<flowNodeRef>x</flowNodeRef><flowNodeRef>y</flowNodeRef>")


FILES: dict[str, Callable[[], bytes]] = {
    "entity bomb": lambda: doctype(BOMB),
    "entity bomb in UTF-16": lambda: doctype('<!ENTITY e0 "ha">' + BOMB, "utf-16"),
    "entity bomb in UTF-16 without a mark": lambda: doctype('<!ENTITY e0 "ha">' + BOMB, "utf-16-be"),
    "entity bomb in UTF-32": lambda: doctype('<!ENTITY e0 "ha">' + BOMB, "utf-32"),
    "external entity": lambda: doctype('<!ENTITY e9 SYSTEM "file:///etc/passwd">'),
    "external entity in UTF-16": lambda: doctype('<!ENTITY e9 SYSTEM "file:///etc/passwd">', "utf-16"),
    "external DTD in UTF-16": lambda: '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'.encode("utf-16"),
    "UTF-7": lambda: b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>",
    "100,000 nodes": lambda: process("".join(f'<task id="n{i}"/>' for i in range(100_000))),
    "45,000 nodes": lambda: process("".join(f'<userTask id="n{i}"/>' for i in range(45_000))),
    "2,000 nodes in a row": lambda: process(chain(["startEvent", *["exclusiveGateway"] * 1998, "endEvent"])),
    "nested 10,000 deep": lambda: process('<subProcess id="x">' * 10_000 + "</subProcess>" * 10_000),
    "nested 55 deep": lambda: process("".join(f'<subProcess id="x{i}">' for i in range(55)) + "</subProcess>" * 55),
    "1,000,000 attributes": lambda: attributes(1_000_000),
    "300,000 attributes": lambda: attributes(300_000),
    "huge attribute value": lambda: process(
        through('<exclusiveGateway id="x" gatewayDirection="' + "a" * 4_900_000 + '"/>')
    ),
    "huge name": lambda: process(through('<task id="x" name="' + "名" * 3_400_000 + '"/>')),
    "large name": lambda: process(through('<task id="x" name="' + "名" * 1_600_000 + '"/>')),
    "huge expression": lambda: script("1 + " * 2_500_000 + "1"),
    "large expression": lambda: script("1 + " * 1_200_000 + "1"),
    "large text": lambda: script('"' + "a" * 4_900_000 + '"'),
    "deep expression": lambda: script("(" * 100_000 + "1" + ")" * 100_000),
    "deep lists": lambda: script("[" * 1_000_000),
    "many lines": lambda: script("1\na = " * 700_000 + "1"),
    "many wrong lines": lambda: script("1\na" * 1_600_000),
    "thousands of lanes": lambda: process(
        f'<laneSet id="q">{"".join(LANE.format(i) for i in range(20_000))}</laneSet>'
        + through('<exclusiveGateway id="x"/>')
    ),
    "nested lanes": nested_lanes,
    "nested lanes, thousands": lambda: process(
        "<laneSet>" + "<lane><childLaneSet>" * 5_000 + "</childLaneSet></lane>" * 5_000 + "</laneSet>"
    ),
    "20,000 flows between two nodes": lambda: process(
        through('<parallelGateway id="x"/><parallelGateway id="y"/>')
        + "".join(flow(i, "x", "y") for i in range(15_000))
        + flow("c", "y", "e")
    ),
    "20,000 flows with conditions": lambda: process(
        through('<inclusiveGateway id="x"/><exclusiveGateway id="y"/><userTask id="z"/>')
        + "".join(flow(i, "x", "y", "<conditionExpression>a</conditionExpression>") for i in range(15_000))
        + flow("c", "y", "z")
        + flow("d", "z", "e"),
        refs="<flowNodeRef>z</flowNodeRef>",
    ),
    "duplicate ids": lambda: process("<userTask id='x'/>" * 40_000),
    "strange ids": lambda: process(
        "".join(f"<userTask id='{one}'/>" for one in ("", " ", "1", "a b", "../x", "&#10;", "😀"))
    ),
    "associations in circles": lambda: process(
        through('<exclusiveGateway id="x"/>')
        + "".join(
            f'<association id="c{i}" sourceRef="c{(i + 1) % 15000}" targetRef="c{(i + 7) % 15000}"/>'
            for i in range(15_000)
        )
    ),
    "picture of megabytes": lambda: process(
        through('<exclusiveGateway id="x"/>'),
        after="<di:BPMNDiagram><di:BPMNPlane>" + "<di:BPMNShape/>" * 300_000 + "</di:BPMNPlane></di:BPMNDiagram>",
    ),
    "deep picture": lambda: process(
        through('<exclusiveGateway id="x"/>'),
        after="<di:BPMNDiagram>" * 200 + "</di:BPMNDiagram>" * 200,
    ),
    "many joins": many_joins,
    "tangle": tangle,
    "thousands of flows into inclusive joins": lambda: process(
        chain(["startEvent", *["inclusiveGateway"] * 1_500, "endEvent"])
        + "".join(flow(f"x{i}", f"n{i % 1_400 + 1}", f"n{i * 7 % 1_400 + 2}") for i in range(9_000))
    ),
    "branches that may leave": branches,
    "many events on an edge": boundaries,
    "namespaces": lambda: process(
        "".join(f'<userTask id="x{i}" xmlns:a{i}="u{i}" a{i}:b="1"/>' for i in range(40_000))
    ),
    "foreign elements": lambda: process(
        through(
            '<exclusiveGateway id="x"><extensionElements>' + "<a/>" * 40_000 + "</extensionElements></exclusiveGateway>"
        )
    ),
    "data beside the process": lambda: process(
        through('<exclusiveGateway id="x"/>'), before="".join(f'<message id="m{i}"/>' for i in range(40_000))
    ),
    "100 MB": lambda: process("<userTask id='x'/>" * 6_000_000),
}


def judge(name: str) -> dict[str, object]:
    source = FILES[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    try:
        said = engine.compile(source).warnings
    except engine.Refused as refused:
        said = refused.findings
    return {
        "said": [f"{one.element}{one.name}{one.message}{one.advice}" for one in said],
        "seconds": time.perf_counter() - begun,
        "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000,
    }


if __name__ == "__main__":
    print(json.dumps({name: judge(name) for name in FILES}))
