"""A model's bytes into elements: nothing external is read, nothing expands, size and count are capped."""

from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from tongxin.decisions.errors import Finding, Refused
from tongxin.words import _

Element = Any  # an lxml element; lxml has no types

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
NAMESPACES = {  # DMN 1.3, 1.4 and 1.5; a document of 1.2 has the same elements
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
}


def parse(source: bytes) -> Element:
    """The `definitions` element."""
    if len(source) > MAX_BYTES:
        raise _refused(_("决策文件超过 {most} MB", most=MAX_BYTES // 1_000_000), _("请把决策拆成几个文件"))
    if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
        raise _doctype()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(_("不是有效的 XML：{error}", error=error), _("请用决策编辑器重新导出")) from error
    if root.getroottree().docinfo.doctype:  # in an encoding that hid it from the look at the bytes
        raise _doctype()
    if namespace(root) not in NAMESPACES or kind(root) != "definitions":
        raise _refused(_("不是 DMN 1.3–1.5 文件"), _("请用决策编辑器导出 DMN 1.3 或更新的 XML"))
    _measure(root)
    return root


def _refused(message: str, advice: str) -> Refused:
    return Refused((Finding("error", "", "", message, advice),))


def _doctype() -> Refused:
    return _refused(_("文件里有 DOCTYPE 或实体定义，不允许"), _("请用决策编辑器重新导出"))


def _measure(root: Element) -> None:
    count, level = 0, [root]
    for _depth in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise _refused(_("决策文件里的元素超过 {most} 个", most=MAX_ELEMENTS), _("请把决策拆成几个文件"))
        level = [child for parent in level for child in parent]
        if not level:
            return
    raise _refused(_("决策嵌套超过 {most} 层", most=MAX_DEPTH), _("请减少嵌套"))


def namespace(element: Element) -> str:
    return str(element.tag).partition("}")[0].removeprefix("{")


def kind(element: Element) -> str:
    """The local name."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """The DMN elements below one, all or those of these names."""
    for one in element:
        if namespace(one) in NAMESPACES and (not names or kind(one) in names):
            yield one


def child(element: Element | None, *names: str) -> Element | None:
    return None if element is None else next(children(element, *names), None)


def text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def text_of(element: Element, *path: str) -> str:
    """The text of the element at the end of a path of names; empty without one."""
    found: Element | None = element
    for name in path:
        found = child(found, name)
    return text(found)


def attribute(element: Element | None, name: str) -> str:
    return "" if element is None else str(element.get(name) or "").strip()


EXPRESSIONS = (
    *("literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition"),
    *("conditional", "filter", "for", "every", "some"),
)


def expression(element: Element | None) -> Element | None:
    """The boxed expression directly below."""
    return child(element, *EXPRESSIONS)
