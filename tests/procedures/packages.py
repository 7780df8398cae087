"""Small procedures for tests, as packages."""

import json

from tests.fixtures import World
from tongxin import config, db
from tongxin.procedures import catalogue
from tongxin.procedures.package import Package, read_folder

_PROCEDURE = """
format = 1
key = "{key}"
title = "试办"
code = "SB"
[start]
by = ["reporter", "community_clerk"]
level = "community"
title = 'what'
[parameters.way]
value = "nowhere"
"""
_DATA = {
    "what": {"type": "string", "title": "什么事", "maxLength": 500},
    "note": {"type": "string", "title": "说明", "maxLength": 500},
    "several": {"type": "integer", "title": "几个"},
    "cost": {"type": "number", "title": "费用", "multipleOf": 0.01, "format": "money"},
    "day": {"type": "string", "title": "哪天", "format": "date"},
    "photos": {
        "type": "array",
        "title": "照片",
        "maxItems": 6,
        "items": {"type": "string", "format": "attachment"},
    },
}
_DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1"
  xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:tongxin:tests">
<process id="p" isExecutable="true"><laneSet id="lanes">{lanes}</laneSet>
{body}</process></definitions>"""
_LANE = '<lane id="lane_{role}" tx:role="{role}" tx:level="community">{refs}</lane>'


def package(
    body: str, lanes: dict[str, list[str]], key: str = "trial", forms: dict[str, list[str]] | None = None
) -> Package:
    """A procedure around the body of its process; `lanes`: role → nodes, `forms`: name → fields."""
    drawn = "".join(
        _LANE.format(role=role, refs="".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in nodes))
        for role, nodes in lanes.items()
    )
    return {
        "procedure.toml": _PROCEDURE.format(key=key),
        "data.json": json.dumps({"type": "object", "properties": _DATA}, ensure_ascii=False),
        "process.bpmn": _DIAGRAM.format(lanes=drawn, body=body),
        **{f"forms/{name}.json": _form(fields) for name, fields in {"start": ["what"], **(forms or {})}.items()},
    }


def _form(fields: list[str]) -> str:
    properties = {name: {"$ref": f"../data.json#/properties/{name}"} for name in fields}
    return json.dumps({"title": "填写", "type": "object", "required": fields[:1], "properties": properties})


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow."""
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


# One task, then a way on that a setting has to open, then a task of a role that somebody has to hold.
FRAGILE = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/>'
    '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    '</timerEventDefinition></boundaryEvent><exclusiveGateway id="way"/>'
    '<userTask id="inspect" name="查看"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "way")
    + flow("late", "way")
    + flow("way", "inspect", "parameters.way = &quot;inspect&quot;")
    + flow("inspect", "done"),
    {"community_clerk": ["begin", "work", "late", "way", "done"], "inspector": ["inspect"]},
    forms={"work": ["note", "several", "cost", "day", "photos"]},
)
_PARTS = [f"part_{number}" for number in range(1, 21)]
# Twenty tasks at once, all in one case.
PARALLEL = package(
    '<startEvent id="begin"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="done"/>'
    + "".join(f'<userTask id="{part}" name="{part}" tx:form="work"/>' for part in _PARTS)
    + flow("begin", "split")
    + "".join(flow("split", part) + flow(part, "join") for part in _PARTS)
    + flow("join", "done"),
    {"community_clerk": ["begin", "split", *_PARTS, "join", "done"]},
    key="parallel",
    forms={"work": ["note"]},
)


def orders() -> dict[str, str]:
    """The orders' folder, to be changed."""
    return dict(read_folder(config.PROJECT / "processes" / "orders"))


def publish(world: World, published: Package) -> int:
    """Publish as from a folder; the id of the new version."""
    with db.transaction(world.engine) as session:
        row = catalogue.publish_folder_package(session, published)
    assert row is not None
    return row.id


# A call of an outside system between two tasks; nothing on its edge takes a failure.
CALLING = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/>'
    '<serviceTask id="call" name="告诉对方" tx:do="demo"><extensionElements>'
    '<tx:input name="text" value="note"/></extensionElements></serviceTask>'
    '<userTask id="look" name="回看"/><endEvent id="done" name="办结"/>'
    + flow("begin", "work")
    + flow("work", "call")
    + flow("call", "look")
    + flow("look", "done"),
    {"community_clerk": ["begin", "work", "call", "look", "done"]},
    key="calling",
    forms={"work": ["note"]},
)
# Ten working days to handle it; they stand still while the resident brings what is missing.
PAUSING = package(
    '<startEvent id="begin"/><parallelGateway id="split"/>'
    '<userTask id="handle" name="审批" tx:form="work" tx:limit="add working days(now(), 10)"/>'
    '<boundaryEvent id="late" name="逾期" attachedToRef="handle" cancelActivity="false"><timerEventDefinition>'
    '<timeDate>due</timeDate></timerEventDefinition></boundaryEvent><endEvent id="noted"/>'
    '<userTask id="check" name="看材料" tx:form="work"/>'
    '<userTask id="supplement" name="补正" tx:form="work" tx:pauses="handle"/>'
    '<parallelGateway id="join"/><endEvent id="done" name="办结"/>'
    + flow("begin", "split")
    + flow("split", "handle")
    + flow("split", "check")
    + flow("check", "supplement")
    + flow("supplement", "join")
    + flow("handle", "join")
    + flow("join", "done")
    + flow("late", "noted"),
    {
        "community_clerk": ["begin", "split", "handle", "late", "noted", "check", "join", "done"],
        "reporter": ["supplement"],
    },
    key="pausing",
    forms={"work": ["note"]},
)
