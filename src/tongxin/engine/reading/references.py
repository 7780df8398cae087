"""What a diagram declares once and its elements refer to: messages, signals, errors, escalations, data."""

from collections.abc import Iterator
from dataclasses import dataclass

from tongxin.engine.model import Lane, Message
from tongxin.engine.reading import diagram
from tongxin.engine.reading.audit import check_attributes
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.engine.reading.vocabulary import BPMN
from tongxin.words import _


@dataclass(frozen=True, slots=True)
class Declared:
    messages: dict[str, Message]
    signals: dict[str, Message]
    errors: dict[str, str]  # id -> code
    escalations: dict[str, str]
    lanes: dict[str, Lane]


def read_declared(root: Element, lanes: dict[str, Lane], draft: Draft) -> Declared:
    return Declared(
        {element.get("id", ""): _message(element, draft) for element in diagram.children(root, "message")},
        {element.get("id", ""): _message(element, draft) for element in diagram.children(root, "signal")},
        {element.get("id", ""): element.get("errorCode", "") for element in diagram.children(root, "error")},
        {element.get("id", ""): element.get("escalationCode", "") for element in diagram.children(root, "escalation")},
        lanes,
    )


def _message(element: Element, draft: Draft) -> Message:
    check_attributes(element, draft)
    ours, name = diagram.ours(element), element.get("name", "").strip()
    if not name:
        what = _("消息") if diagram.kind(element) == "message" else _("信号")
        draft.error(element, _("{what}没有名称", what=what), _("请起一个名称，别的流程按名称送来"))
    payload = ours.get("payload")
    if payload is not None:
        draft.variable(element, payload, "tx:payload")
    return Message(name, draft.optional(element, ours.get("key"), _("消息的 tx:key")), payload)


def data_objects(scope: Element) -> frozenset[str]:
    """Names of the data objects a subprocess has for itself; what is no name of a variable is a picture."""
    declared = {one.get("id"): one.get("name", "") for one in diagram.children(scope, "dataObject")}
    names = set(declared.values())
    for one in diagram.children(scope, "dataObjectReference"):
        if one.get("dataObjectRef") in declared:
            names.add(one.get("name", ""))
    return _variables(names)


def data_stores(root: Element) -> frozenset[str]:
    """Names of the data stores a diagram refers to."""
    declared = {one.get("id"): one.get("name", "") for one in diagram.children(root, "dataStore")}
    names = {
        one.get("name") or declared.get(one.get("dataStoreRef"), "")
        for one in root.iter(f"{{{BPMN}}}dataStoreReference")
    }
    return _variables(names)


def _variables(names: set[str]) -> frozenset[str]:
    return frozenset(name.strip() for name in names if name.strip().isidentifier() and not name.strip().startswith("_"))


def in_extensions(element: Element, tag: str) -> Iterator[Element]:
    """The tx: elements of one kind below an element's `extensionElements`."""
    return (extra for name, extra in diagram.our_elements(element) if name == tag)
