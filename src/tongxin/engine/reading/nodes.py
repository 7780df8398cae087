"""Elements into nodes and flows, every expression compiled."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tongxin.engine.model import NO_LANE, Flow, Node
from tongxin.engine.reading import diagram
from tongxin.engine.reading.activities import ACTIVITY_READERS, read_loop
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import NOTHING, Draft
from tongxin.engine.reading.events import read_event
from tongxin.engine.reading.references import Declared
from tongxin.engine.reading.vocabulary import ACTIVITIES, BPMN, EVENTS, FLOW_NODES, REFUSED, SUBPROCESSES
from tongxin.words import _


def read_scope(
    scope: Element, path: tuple[str, ...], declared: Declared, draft: Draft
) -> Iterator[tuple[Element, Node]]:
    """The nodes of a process or subprocess, and of the subprocesses in it."""
    for element in scope:
        kind = diagram.kind(element)
        if kind not in FLOW_NODES or not element.get("id"):
            continue
        yield element, _node(element, kind, path, declared, draft)
        if kind in SUBPROCESSES:
            yield from read_scope(element, (*path, element.get("id")), declared, draft)


def _node(element: Element, kind: str, path: tuple[str, ...], declared: Declared, draft: Draft) -> Node:
    ours, identity = diagram.ours(element), element.get("id")
    node = Node(
        id=identity,
        name=element.get("name", ""),
        kind=kind,
        scope=path,
        throws=kind in ("endEvent", "intermediateThrowEvent"),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", element.get("isInterrupting", "true")) == "true",
        lane=declared.lanes.get(identity, NO_LANE),
        public_name=ours.get("publicName"),
        pauses=tuple(dict.fromkeys(ours.get("pauses", "").split())),
    )
    if kind in EVENTS:
        return replace(node, **read_event(element, declared, draft))
    if kind in ACTIVITIES:
        more = ACTIVITY_READERS[kind](element, declared, draft)
        is_handler = element.get("isForCompensation") == "true"
        return replace(node, **more, loop=read_loop(element, draft), is_handler=is_handler)
    return node


def refused_nodes(process: Element, nodes: Mapping[str, Element]) -> set[str]:
    """Elements that flows lead to but that we do not execute: they were refused, and the graph has holes there."""
    ids = {one.get("id") for one in process.iter(f"{{{BPMN}}}*") if diagram.kind(one) in REFUSED} - nodes.keys()
    flows = process.iter(f"{{{BPMN}}}sequenceFlow")
    return ids & {flow.get(end) for flow in flows for end in ("sourceRef", "targetRef")} - {None}


def read_flows(process: Element, nodes: Mapping[str, Element], draft: Draft) -> Iterator[tuple[Element, Flow]]:
    defaults = {element.get("default") for element in nodes.values() if element.get("default")}
    refused = refused_nodes(process, nodes)
    for element in process.iter(f"{{{BPMN}}}sequenceFlow"):
        ends = [element.get(end, "") for end in ("sourceRef", "targetRef")]
        if any(end in refused for end in ends):
            continue
        if any(end not in nodes for end in ends):
            draft.error(element, _("顺序流的一端没有连到步骤"), _("请把线的两端都连好，或删去这条线"))
        elif nodes[ends[0]].getparent() is not nodes[ends[1]].getparent():
            draft.error(element, _("顺序流穿过了子流程的边界"), _("请用子流程的开始、结束和边界事件"))
        elif element.get("id"):
            condition = _condition(element, draft)
            default = element.get("id") in defaults
            yield element, Flow(element.get("id"), element.get("name", ""), ends[0], ends[1], condition, default)


def _condition(flow: Element, draft: Draft) -> Any:
    found = diagram.child(flow, "conditionExpression")
    if found is None:
        return None
    language = found.get("language", "feel")
    if "feel" not in language.lower():
        draft.error(flow, _("条件的语言“{language}”不能用", language=language), _("条件用 FEEL 写"))
        return NOTHING
    return draft.optional(flow, diagram.text(found), _("条件"))


def link_flows(nodes: Iterable[tuple[Element, Node]], draft: Draft) -> Iterator[tuple[Element, Flow]]:
    """A pair of link events is a flow nobody drew; its ends stand in the same scope."""
    throwing: dict[tuple[tuple[str, ...], str], list[tuple[Element, Node]]] = defaultdict(list)
    catching: dict[tuple[tuple[str, ...], str], list[tuple[Element, Node]]] = defaultdict(list)
    for element, node in nodes:
        if node.event == "link" and node.link:
            (throwing if node.throws else catching)[node.scope, node.link].append((element, node))
    for name, targets in catching.items():
        for element, _node in targets[1:]:
            draft.error(element, _("有几个同名的链接“{name}”可以到", name=name[1]), _("同名的链接只能有一个到达点"))
        if name not in throwing:
            draft.error(targets[0][0], _("没有链接通到“{name}”", name=name[1]), _("请加一个同名的链接抛出事件"))
    for name, sources in throwing.items():
        for element, node in sources:
            if name in catching:
                target = catching[name][0][1].id
                yield element, Flow(f"{node.id}→{target}", "", node.id, target, hidden=True)
            else:
                draft.error(element, _("链接“{name}”没有到达点", name=name[1]), _("请加一个同名的链接捕获事件"))


def tie_handlers(process: Element, nodes: list[tuple[Element, Node]], draft: Draft) -> list[tuple[Element, Node]]:
    """Compensation boundary events with the activities they lead to, which an association says."""
    by_id = {node.id: node for _element, node in nodes}
    tied: dict[str, str] = {}
    for association in process.iter(f"{{{BPMN}}}association"):
        source, target = by_id.get(association.get("sourceRef", "")), by_id.get(association.get("targetRef", ""))
        if source is None or target is None or source.scope != target.scope or not target.is_handler:
            continue
        if source.event == "compensation" and source.attached_to:
            tied[source.id] = target.id
    handlers = set(tied.values())
    for element, node in nodes:
        if node.event == "compensation" and node.attached_to and node.id not in tied:
            draft.error(element, _("补偿边界事件没有连到补偿时要办的步骤"), _("请用关联线（虚线）连到标为补偿的步骤"))
        if node.is_handler and node.id not in handlers:
            draft.error(element, _("补偿步骤没有补偿边界事件通向它"), _("请从补偿边界事件画一条关联线（虚线）过来"))
    return [(element, replace(node, handler=tied.get(node.id))) for element, node in nodes]
