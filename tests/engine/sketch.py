"""Small processes as a line of text: `s>p p>a p>b a>q b>q q>e`.

The first letter of an id says what it is: s start, e end, t terminate, r error end, c catch event; gateways are x, y, z
(exclusive), p, q (parallel), o (inclusive), v (event-based); all others are user tasks. `a>b?` has a condition, `a>b*`
is the default; gateways that choose get theirs by themselves, the last being the default. `a!b` puts an interrupting
event b on the edge of a, `a~b` one that does not interrupt.
"""

import re

KINDS = {
    "s": '<startEvent id="{0}"/>',
    "e": '<endEvent id="{0}"/>',
    "t": '<endEvent id="{0}"><terminateEventDefinition/></endEvent>',
    "r": '<endEvent id="{0}"><errorEventDefinition errorRef="err"/></endEvent>',
    "x": '<exclusiveGateway id="{0}"{1}/>',
    "p": '<parallelGateway id="{0}"/>',
    "o": '<inclusiveGateway id="{0}"{1}/>',
    "v": '<eventBasedGateway id="{0}"/>',
    "c": '<intermediateCatchEvent id="{0}"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>',
}
KINDS |= {"q": KINDS["p"], "y": KINDS["x"], "z": KINDS["x"]}
_EDGE = '<boundaryEvent id="{1}" attachedToRef="{0}" cancelActivity="{2}">{3}</boundaryEvent>'
_MESSAGE = '<messageEventDefinition messageRef="m"/>'
_CONDITION = "<conditionExpression>{}</conditionExpression>"


def sketch(text: str, *, inside: dict[str, str] | None = None, condition: str = "a = 1") -> str:
    """BPMN elements; `inside` gives the sketches of subprocesses by id, `condition` may name the flow: `{} = 1`."""
    flows = re.findall(r"(\w+)>(\w+)([?*]?)", text)
    edges = re.findall(r"(\w+)([!~])(\w+)", text)
    inside, ids = inside or {}, [one for source, target, _mark in flows for one in (source, target)]
    leaving = {source: [flow for flow in flows if flow[0] == source] for source, _target, _mark in flows}
    defaults = {source: target for source, target, mark in flows if mark == "*"}
    for source, outs in leaving.items():
        if source[0] in "xyzo" and len(outs) > 1 and not any(mark for _source, _target, mark in outs):
            defaults[source] = outs[-1][1]
    xml = ""
    for one in dict.fromkeys(ids):
        if one not in [event for _host, _how, event in edges]:
            default = f' default="{one}_{defaults[one]}"' if one in defaults else ""
            xml += _node(one, default, inside, condition)
    for host, how, event in edges:
        definition = '<errorEventDefinition errorRef="err"/>' if event.startswith("r") else _MESSAGE
        xml += _EDGE.format(host, event, "true" if how == "!" else "false", definition)
    for source, target, mark in flows:
        asked = mark == "?" or (source[0] in "xyzo" and len(leaving[source]) > 1 and defaults.get(source) != target)
        xml += f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        xml += (_CONDITION.format(condition.format(f"{source}_{target}")) if asked else "") + "</sequenceFlow>"
    return xml


def _node(identity: str, default: str, inside: dict[str, str], condition: str) -> str:
    if identity in inside:
        return f'<subProcess id="{identity}"{default}>{sketch(inside[identity], condition=condition)}</subProcess>'
    return KINDS.get(identity[0], '<userTask id="{0}"{1}/>').format(identity, default)
