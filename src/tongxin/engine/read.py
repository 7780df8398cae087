"""Elements into nodes and flows, every expression compiled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tongxin.engine import diagram
from tongxin.engine.audit import check_attributes
from tongxin.engine.diagram import Element
from tongxin.engine.draft import NOTHING, Draft
from tongxin.engine.lanes import NOBODY
from tongxin.engine.model import Assignment, Flow, Lane, Loop, Message, Node
from tongxin.engine.moments import Moment
from tongxin.engine.vocabulary import BPMN, FLOW_NODES, HUMAN
from tongxin.words import _


@dataclass(frozen=True, slots=True)
class Declared:
    """What the diagram declares once and its elements refer to."""

    messages: dict[str, Message]
    errors: dict[str, str]  # id -> code
    lanes: dict[str, Lane]


def read_declared(root: Element, lanes: dict[str, Lane], draft: Draft) -> Declared:
    messages = {element.get("id", ""): _message(element, draft) for element in diagram.children(root, "message")}
    errors = {element.get("id", ""): element.get("errorCode", "") for element in diagram.children(root, "error")}
    return Declared(messages, errors, lanes)


def _message(element: Element, draft: Draft) -> Message:
    check_attributes(element, draft)
    ours, name = diagram.ours(element), element.get("name", "").strip()
    if not name:
        draft.error(element, _("消息没有名称"), _("请给消息起一个名称，别的程序按名称送消息"))
    payload = ours.get("payload")
    if payload is not None:
        draft.variable(element, payload, "tx:payload")
    return Message(name, draft.optional(element, ours.get("key"), _("消息的 tx:key")), payload)


def read_scope(
    scope: Element, path: tuple[str, ...], declared: Declared, draft: Draft
) -> Iterator[tuple[Element, Node]]:
    """The nodes of a process or subprocess, and of the subprocesses in it."""
    for element in scope:
        kind = diagram.kind(element)
        if kind not in FLOW_NODES or not element.get("id"):
            continue
        yield element, _node(element, kind, path, declared, draft)
        if kind == "subProcess":
            yield from read_scope(element, (*path, element.get("id")), declared, draft)


def _node(element: Element, kind: str, path: tuple[str, ...], declared: Declared, draft: Draft) -> Node:
    ours, identity = diagram.ours(element), element.get("id")
    lane = declared.lanes.get(identity, NOBODY)
    node = Node(
        id=identity,
        name=element.get("name", ""),
        kind=kind,
        scope=path,
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") == "true",
        role=lane.role,
        level=lane.level,
        public_name=ours.get("publicName"),
        attributes=ours,
    )
    details = _READERS.get(kind, _event)(element, declared, draft)
    return replace(node, **details)


Details = dict[str, Any]


def _human(element: Element, declared: Declared, draft: Draft) -> Details:
    ours = diagram.ours(element)
    limit = ours.get("limit", "").strip()
    return {
        "form": ours.get("form") or None,
        "assignee": draft.optional(element, ours.get("assignee"), "tx:assignee"),
        "limit": draft.moment(element, limit, "tx:limit") if limit else None,
        "loop": _loop(element, draft),
    }


def _loop(element: Element, draft: Draft) -> Loop | None:
    found = diagram.child(element, "multiInstanceLoopCharacteristics")
    if found is None:
        return None
    ours = diagram.ours(found)
    collection, item, output = ours.get("collection", "").strip(), ours.get("element", "item"), ours.get("output")
    if not collection:
        draft.error(found, _("多实例没有写对谁各办一次"), _("请写 tx:collection（给出列表的 FEEL 表达式）"))
    for name in filter(None, (item, output)):
        draft.variable(found, name, _("多实例"))
    until = diagram.text(diagram.child(found, "completionCondition"))
    return Loop(
        draft.expression(found, collection, "tx:collection") if collection else NOTHING,
        item,
        output,
        found.get("isSequential") == "true",
        draft.optional(found, until, _("多实例的完成条件")),
    )


def _effect(element: Element, declared: Declared, draft: Draft) -> Details:
    action = diagram.ours(element).get("do", "").strip()
    if not action:
        draft.error(element, _("没有写要做什么"), _("请写 tx:do（动作的名称）"))
    return {
        "action": action,
        "inputs": _assignments(element, "input", draft),
        "outputs": _assignments(element, "output", draft),
    }


def _assignments(element: Element, kind: str, draft: Draft) -> tuple[Assignment, ...]:
    lines = []
    for tag, extra in diagram.our_elements(element):
        name, value = extra.get("name", "").strip(), extra.get("value", "").strip()
        if tag != kind:
            continue
        if not name or not value:
            draft.error(element, _("tx:{kind} 缺少 name 或 value", kind=kind), _("两个都要写"))
        elif kind == "input" or draft.variable(element, name, f"tx:{kind}"):
            lines.append(Assignment(name, draft.expression(element, value, f"tx:{kind} {name}")))
    return tuple(lines)


def _script(element: Element, declared: Declared, draft: Draft) -> Details:
    language = element.get("scriptFormat", "feel")
    if "feel" not in language.lower():
        draft.error(
            element, _("脚本语言“{language}”不能用", language=language), _("脚本用 FEEL 写，每行“变量 = 表达式”")
        )
        return {}
    text = diagram.text(diagram.child(element, "script"))
    if not text:
        draft.error(element, _("脚本是空的"), _("请写“变量 = 表达式”，或删去这一步"))
    return {"script": draft.script(element, text)}


def _receive(element: Element, declared: Declared, draft: Draft) -> Details:
    return {"event": "message", "message": _referred(element, element.get("messageRef"), declared, draft)}


def _referred(element: Element, reference: str | None, declared: Declared, draft: Draft) -> Message:
    message = declared.messages.get(reference or "")
    if message is None:
        draft.error(element, _("没有写等哪个消息"), _("请选一个消息（messageRef）"))
        return Message("")
    return message


def _event(element: Element, declared: Declared, draft: Draft) -> Details:
    for child in element:
        match diagram.kind(child):
            case "messageEventDefinition":
                return {"event": "message", "message": _referred(element, child.get("messageRef"), declared, draft)}
            case "timerEventDefinition":
                return {"event": "timer", "timer": _timer(element, child, draft)}
            case "errorEventDefinition":
                return {"event": "error", "error": _error(element, child.get("errorRef"), declared, draft)}
            case "terminateEventDefinition":
                return {"event": "terminate"}
    if diagram.kind(element) in ("boundaryEvent", "intermediateCatchEvent"):
        draft.error(element, _("没有写等什么"), _("请选消息、定时或（边界上的）错误"))
    return {}


def _timer(element: Element, definition: Element, draft: Draft) -> Moment | None:
    for name in ("timeDate", "timeDuration"):
        found = diagram.child(definition, name)
        if found is not None and diagram.text(found):
            return draft.moment(element, diagram.text(found), _("定时"))
    draft.error(element, _("没有写定时"), _("请写日期或时长，例如 PT15M"))
    return None


def _error(element: Element, reference: str | None, declared: Declared, draft: Draft) -> str | None:
    """The code; None on a boundary event catches every error."""
    if not reference and diagram.kind(element) == "boundaryEvent":
        return None
    code = declared.errors.get(reference or "")
    if not code:
        draft.error(element, _("错误没有代码"), _("请选一个写了错误代码（errorCode）的错误"))
    return code


def _plain(element: Element, declared: Declared, draft: Draft) -> Details:
    return {}


_READERS: dict[str, Callable[[Element, Declared, Draft], Details]] = {
    **dict.fromkeys(HUMAN, _human),
    "serviceTask": _effect,
    "sendTask": _effect,
    "scriptTask": _script,
    "receiveTask": _receive,
    **dict.fromkeys(
        ("subProcess", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"), _plain
    ),
}


def refused_nodes(process: Element, nodes: dict[str, Element]) -> set[str]:
    """Elements that flows lead to but that we do not execute: they were refused, and the graph has holes there."""
    ids = {element.get("id") for element in process.iter(f"{{{BPMN}}}*")} - nodes.keys()
    flows = process.iter(f"{{{BPMN}}}sequenceFlow")
    return ids & {flow.get(end) for flow in flows for end in ("sourceRef", "targetRef")} - {None}


def read_flows(process: Element, nodes: dict[str, Element], draft: Draft) -> Iterator[tuple[Element, Flow]]:
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
