"""A diagram's bytes into elements: nothing external is read, nothing expands, size and count are capped."""

from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from tongxin.engine.errors import Finding, Refused
from tongxin.engine.reading.vocabulary import BPMN, TX
from tongxin.words import _

Element = Any  # an lxml element; lxml has no types

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 50_000  # of the model; the picture (BPMNDI) is not counted
MAX_DEPTH = 60
MAX_CHILDREN = 20_000  # of one element, the picture's included
MAX_ATTRIBUTES = 200  # of one element


def parse(source: bytes) -> Element:
    """The `definitions` element."""
    if len(source) > MAX_BYTES:
        raise _refused(_("图文件超过 {most} MB", most=MAX_BYTES // 1_000_000), _("请删去不需要的内容后再发布"))
    if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
        raise _doctype()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(_("不是有效的 XML：{error}", error=error), _("请用流程图编辑器重新导出")) from error
    if root.getroottree().docinfo.doctype:
        raise _doctype()
    if root.tag != f"{{{BPMN}}}definitions":
        raise _refused(_("不是 BPMN 2.0 文件"), _("请用流程图编辑器导出 BPMN 2.0 XML"))
    _measure(root)
    return root


def _refused(message: str, advice: str) -> Refused:
    return Refused((Finding("error", "", "", message, advice),))


def _doctype() -> Refused:
    return _refused(_("文件里有 DOCTYPE 或实体定义，不允许"), _("请用流程图编辑器重新导出"))


def _measure(root: Element) -> None:
    for element in root.iter():
        if len(element) > MAX_CHILDREN or len(element.keys()) > MAX_ATTRIBUTES:
            raise _refused(_("图里有一个元素装了太多内容"), _("请用流程图编辑器打开，删去多余的内容后重新导出"))
    count, level = 0, [child for child in root if _is_model(child)]
    for _depth in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise _refused(_("图里的元素超过 {most} 个", most=MAX_ELEMENTS), _("请把流程拆成几个"))
        level = [child for parent in level for child in parent]
        if not level:
            return
    raise _refused(_("图嵌套超过 {most} 层", most=MAX_DEPTH), _("请减少嵌套的子流程"))


_REFERENCES = ("id", "sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "signalRef", "errorRef",
    "escalationRef", "activityRef", "dataObjectRef", "dataStoreRef")  # fmt: skip
_PAUSES = f"{{{TX}}}pauses"
_REFERRING = ("incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef")


def prefix(root: Element, before: str) -> None:
    """Put `before` in front of every id and of every reference to one: a called process then fits beside its caller."""
    for element in root.iter(f"{{{BPMN}}}*"):
        for name in _REFERENCES:
            if element.get(name):
                element.set(name, before + element.get(name))
        if element.get(_PAUSES):
            element.set(_PAUSES, " ".join(before + one for one in element.get(_PAUSES).split()))
        if kind(element) in _REFERRING and text(element):
            element.text = before + text(element)


def _is_model(element: Element) -> bool:
    return bool(str(element.tag).startswith(f"{{{BPMN}}}"))


def kind(element: Element) -> str:
    """The local name of a BPMN element; another vocabulary's elements keep their namespace."""
    return str(element.tag).removeprefix(f"{{{BPMN}}}")


def children(element: Element, name: str) -> Iterator[Element]:
    yield from element.iterchildren(f"{{{BPMN}}}{name}")


def child(element: Element, name: str) -> Element | None:
    return next(children(element, name), None)


def text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def ours(element: Element) -> dict[str, str]:
    """The tx: attributes of an element."""
    prefix = f"{{{TX}}}"
    return {str(key)[len(prefix) :]: str(value) for key, value in element.attrib.items() if str(key).startswith(prefix)}


def our_elements(element: Element) -> list[tuple[str, Element]]:
    """The tx: elements below `extensionElements`."""
    prefix = f"{{{TX}}}"
    return [
        (str(extra.tag)[len(prefix) :], extra)
        for box in children(element, "extensionElements")
        for extra in box
        if str(extra.tag).startswith(prefix)
    ]
