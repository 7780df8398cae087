"""Random diagrams as somebody edits them: a version that differs in one thing, and where the old steps went."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from lxml import etree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_REFERS = ("id", "sourceRef", "targetRef", "attachedToRef")
_ACTIVITIES = ("userTask", "serviceTask", "subProcess")


@dataclass(frozen=True, slots=True)
class Edited:
    """A new version, and what its author says of steps that are called otherwise."""

    source: bytes
    mapping: Mapping[str, str]


def mutate(source: bytes, choose: random.Random, fresh: str) -> Edited:
    """One random edit; ids of what it adds begin with `fresh`."""
    root = etree.fromstring(source)
    mapping = choose.choice(EDITS)(root, choose, fresh)
    return Edited(etree.tostring(root), mapping)


def _rename(kind: str, root: Any, choose: random.Random, fresh: str) -> Mapping[str, str]:
    found = _all(root, kind)
    if not found:
        return {}
    name = choose.choice(found).get("id")
    for element in root.iter():
        for attribute in _REFERS:
            if element.get(attribute) == name:
                element.set(attribute, fresh)
        if element.tag == f"{_BPMN}flowNodeRef" and element.text == name:
            element.text = fresh
    return {name: fresh}


def _add_edge(root: Any, choose: random.Random, fresh: str) -> Mapping[str, str]:
    """A timer or message that does not interrupt, with a task and an end of its own."""
    hosts = [one for one in _all(root, *_ACTIVITIES) if one.get("triggeredByEvent") != "true"]
    if not hosts:
        return {}
    host = choose.choice(hosts)
    scope = host.getparent()
    edge = _make(scope, "boundaryEvent", fresh, attachedToRef=host.get("id"), cancelActivity="false")
    if choose.random() < 0.5:
        etree.SubElement(_make(edge, "timerEventDefinition"), f"{_BPMN}timeDuration").text = "PT1H"
    else:
        message = etree.Element(f"{_BPMN}message", id=f"m{fresh}", name=f"m{fresh}")
        root.insert(0, message)
        _make(edge, "messageEventDefinition", messageRef=f"m{fresh}")
    _task(root, scope, f"{fresh}t")
    _make(scope, "endEvent", f"{fresh}e")
    _flow(scope, fresh, f"{fresh}t")
    _flow(scope, f"{fresh}t", f"{fresh}e")
    return {}


def _remove_edge(root: Any, choose: random.Random, fresh: str) -> Mapping[str, str]:
    """An event that is no error, and what can be reached by it only."""
    edges = [one for one in _all(root, "boundaryEvent") if one.find(f"{_BPMN}errorEventDefinition") is None]
    todo = [choose.choice(edges)] if edges else []
    while todo:
        node = todo.pop()
        if node.getparent() is None:
            continue
        node.getparent().remove(node)
        todo += [one for one in _all(root, "boundaryEvent") if one.get("attachedToRef") == node.get("id")]
        for ref in _all(root, "flowNodeRef"):
            if ref.text == node.get("id"):
                ref.getparent().remove(ref)
        for flow in [one for one in _all(root, "sequenceFlow") if one.get("sourceRef") == node.get("id")]:
            flow.getparent().remove(flow)
            if not any(one.get("targetRef") == flow.get("targetRef") for one in _all(root, "sequenceFlow")):
                todo += [one for one in root.iter() if one.get("id") == flow.get("targetRef")]
    return {}


def _insert(root: Any, choose: random.Random, fresh: str) -> Mapping[str, str]:
    """A task on a flow, which stays the flow into it or the one out of it."""
    flow = choose.choice(_all(root, "sequenceFlow"))
    scope, source, target = flow.getparent(), flow.get("sourceRef"), flow.get("targetRef")
    behind_events = any(one.get("id") == source for one in _all(root, "eventBasedGateway"))
    if behind_events:
        return {}
    _task(root, scope, fresh)
    if choose.random() < 0.5 or len(flow) or _is_default(root, flow):
        flow.set("targetRef", fresh)
        _flow(scope, fresh, target)
    else:
        flow.set("sourceRef", fresh)
        _flow(scope, source, fresh)
    return {}


def _rename_message(root: Any, choose: random.Random, fresh: str) -> Mapping[str, str]:
    messages = _all(root, "message")
    if messages:
        choose.choice(messages).set("name", fresh)
    return {}


EDITS: tuple[Callable[[Any, random.Random, str], Mapping[str, str]], ...] = (
    partial(_rename, "userTask"),
    partial(_rename, "serviceTask"),
    partial(_rename, "subProcess"),
    partial(_rename, "boundaryEvent"),
    _add_edge,
    _remove_edge,
    _insert,
    _rename_message,
)


def _all(root: Any, *kinds: str) -> list[Any]:
    return list(root.iter(*(f"{_BPMN}{kind}" for kind in kinds)))


def _is_default(root: Any, flow: Any) -> bool:
    return any(one.get("default") == flow.get("id") for one in root.iter())


def _make(around: Any, kind: str, name: str | None = None, **attributes: str) -> Any:
    named = {"id": name} if name else {}
    return etree.SubElement(around, f"{_BPMN}{kind}", {**named, **attributes})


def _flow(scope: Any, source: str, target: str) -> None:
    _make(scope, "sequenceFlow", f"{source}_{target}", sourceRef=source, targetRef=target)


def _task(root: Any, scope: Any, name: str) -> None:
    _make(scope, "userTask", name)
    for lane in _all(root, "lane"):
        _make(lane, "flowNodeRef").text = name
