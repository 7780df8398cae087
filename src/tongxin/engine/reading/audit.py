"""Nothing in a diagram is ignored: whatever the vocabulary does not know is refused."""

from collections.abc import Iterator

from tongxin.engine.reading import diagram, vocabulary
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import Draft
from tongxin.words import N_, _

_ADVICE = N_("请删除它，或改用本系统支持的画法")


def audit(process: Element, draft: Draft) -> None:
    """Check every element below the process, and that ids are there and unique."""
    for element in _executed(process):
        _check_children(element, draft)
        _check_attributes(element, draft)
        _check_ours(element, draft)
    for lane in process.iter(f"{{{vocabulary.BPMN}}}lane"):
        _check_ours(lane, draft)
    _check_ids(process, draft)


def _executed(element: Element) -> Iterator[Element]:
    """The element and everything below it that we would execute."""
    todo = [element]
    while todo:
        element = todo.pop()
        yield element
        known = vocabulary.CHILDREN[diagram.kind(element)]
        todo.extend(
            child
            for child in reversed(element)
            if diagram.kind(child) in known and diagram.kind(child) in vocabulary.CHILDREN
        )


def _check_children(element: Element, draft: Draft) -> None:
    kind = diagram.kind(element)
    for child in element:
        name = diagram.kind(child)
        if name in vocabulary.CHILDREN[kind]:
            continue
        what, advice = vocabulary.REFUSED.get(name, (name, _ADVICE))
        draft.error(child, _("不支持“{what}”", what=_(what)), _(advice))
    for box in diagram.children(element, "extensionElements"):
        for extra in box:
            if not str(extra.tag).startswith(f"{{{vocabulary.TX}}}"):
                draft.warn(element, _("扩展“{tag}”不会执行", tag=extra.tag), _("如果流程靠它运行，请改用 tx: 属性"))
    if sum(1 for child in element if diagram.kind(child).endswith("EventDefinition")) > 1:
        draft.error(element, _("一个事件不能有几个定义"), _("请拆成几个事件"))


def _check_attributes(element: Element, draft: Draft) -> None:
    known = vocabulary.ATTRIBUTES.get(diagram.kind(element), {})
    for name, value in element.attrib.items():
        if name.startswith("{"):
            if not name.startswith(f"{{{vocabulary.TX}}}"):
                draft.warn(element, _("属性“{name}”不会执行", name=name), _("如果流程靠它运行，请改用 tx: 属性"))
            continue
        if name not in known and diagram.kind(element) in vocabulary.ATTRIBUTES:
            draft.error(element, _("不支持属性“{name}”", name=name), _(_ADVICE))
        elif known.get(name) and value not in known[name]:
            draft.error(element, _("不支持属性“{name}={value}”", name=name, value=value), _(_ADVICE))


def _check_ours(element: Element, draft: Draft) -> None:
    check_attributes(element, draft)
    known = vocabulary.OUR_ELEMENTS.get(diagram.kind(element), frozenset())
    for name, extra in diagram.our_elements(element):
        if name not in known:
            draft.error(element, _("这里不能有“tx:{name}”", name=name), _("请删除它"))
        for attribute in extra.attrib:
            if attribute not in ("name", "value"):
                draft.error(
                    element,
                    _("“tx:{name}”没有“{attribute}”这个属性", name=name, attribute=attribute),
                    _("只有 name 和 value"),
                )


def check_attributes(element: Element, draft: Draft) -> None:
    """Also for elements outside the process, such as messages."""
    known = vocabulary.OURS.get(diagram.kind(element), frozenset())
    for name in diagram.ours(element):
        if name not in known:
            choice = _("、").join(f"tx:{one}" for one in sorted(known))
            draft.error(
                element,
                _("这里不能有“tx:{name}”", name=name),
                _("这里可用：{choice}", choice=choice) if choice else _("请删除它"),
            )


def _check_ids(process: Element, draft: Draft) -> None:
    seen: set[str] = set()
    for element in process.getroottree().getroot().iter(f"{{{vocabulary.BPMN}}}*"):
        identity = element.get("id")
        if identity in seen:
            draft.error(element, _("编号“{identity}”用了两次", identity=identity), _("请给每个元素不同的编号（id）"))
        elif identity:
            seen.add(identity)
        elif diagram.kind(element) in vocabulary.FLOW_NODES | {"sequenceFlow", "lane", "process"}:
            draft.error(
                element, _("有一个“{kind}”没有编号（id）", kind=diagram.kind(element)), _("请用流程图编辑器重新导出")
            )
