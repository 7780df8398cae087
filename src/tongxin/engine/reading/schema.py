"""BPMN 2.0's own schema (XSD): what the standard does not allow is said once, in words people know."""

import re
import threading
from copy import copy
from functools import cache
from importlib.resources import as_file, files
from itertools import islice, takewhile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from tongxin.engine.reading import diagram
from tongxin.engine.reading.diagram import Element
from tongxin.engine.reading.draft import MOST_FINDINGS, Draft, identity
from tongxin.engine.reading.vocabulary import FLOW_NODES
from tongxin.words import N_, _

MOST = 50  # violations that are told; who has more begins with these
_PICTURE = "http://www.omg.org/spec/BPMN/20100524/DI"
_lock = threading.Lock()

_NAMES = {
    "definitions": N_("图"),
    "process": N_("流程"),
    "laneSet": N_("泳道组"),
    "lane": N_("泳道"),
    "sequenceFlow": N_("顺序流"),
    "subProcess": N_("子流程"),
    "textAnnotation": N_("注释"),
    "association": N_("关联线"),
    "message": N_("消息"),
    "error": N_("错误"),
    "BPMNDiagram": N_("图形"),
    "BPMNShape": N_("图形"),
    "BPMNEdge": N_("图形"),
}
_KINDS = {
    "Task": N_("任务"),
    "Event": N_("事件"),
    "Gateway": N_("网关"),
    "EventDefinition": N_("事件定义"),
}
_REQUIRED = re.compile(r"The attribute '(?P<attribute>[^']*)' is required")
_ATTRIBUTE = re.compile(r", attribute '(?P<attribute>[^']*)'")
_CHOICES = re.compile(r"element of the set \{(?P<choices>.*)\}\.$", re.DOTALL)
_TYPE = re.compile(r"of the (?:atomic|union|list) type '(?P<type>[^']*)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\((?P<names>.*)\)", re.DOTALL)
_TYPES = {
    "xs:ID": N_("以文字开头，只含文字、数字和 - _ .，并且全图只用一次"),
    "xs:IDREF": N_("一个元素的编号（id）"),
    "xs:QName": N_("一个元素的编号（id）"),
    "xs:boolean": N_("true 或 false"),
    "xs:integer": N_("整数"),
    "xs:int": N_("整数"),
    "xs:double": N_("数字"),
}


@cache
def _schema() -> Any:
    """Compiled once in a process; it includes files of its own folder only."""
    with as_file(files("SpiffWorkflow.bpmn.parser") / "schema") as folder:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd"), parser))


def validate(root: Element, draft: Draft) -> None:
    """Add what the schema finds to the draft, but for elements that have been blamed already.

    The picture is left out: nothing of it is executed, and it may be broken or missing.
    """
    if len(draft.findings) >= MOST_FINDINGS:
        return
    model = copy(root)
    for picture in model.findall(f"{{{_PICTURE}}}BPMNDiagram"):
        model.remove(picture)
    with _lock:  # a schema keeps its errors to itself until the next validation
        schema = _schema()
        if schema.validate(model):
            return
        violations = list(islice(schema.error_log, MOST))
    blamed = {finding.element for finding in draft.findings if finding.severity == "error"}
    for violation in violations:
        element = _at(model, violation.path or "")
        name = identity(element)[0]
        if name not in blamed and not _is_known_better(element, violation.message):
            blamed.add(name)
            draft.error(element, *_in_words(element, violation.message))


def _at(model: Element, path: str) -> Element:
    """The element at libxml2's path, or the nearest around it whose prefix the root declares."""
    prefixes = {prefix: uri for prefix, uri in model.nsmap.items() if prefix}
    steps = takewhile(lambda step: ":" not in step or step.split(":")[0] in prefixes, path.split("/")[1:])
    found = model.getroottree().xpath("/" + "/".join(steps), namespaces=prefixes)
    return found[0] if found else model


def _is_known_better(element: Element, message: str) -> bool:
    """Flows without ends and the like: the graph's checks say what to connect."""
    kind = diagram.kind(element)
    missing = _REQUIRED.search(message)
    return (missing is not None and kind in FLOW_NODES | {"sequenceFlow"}) or not message


def _in_words(element: Element, message: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    what, redraw = _name(diagram.kind(element)), _("请用流程图编辑器打开，改正后重新导出")
    attribute = _ATTRIBUTE.search(message)
    if attribute:
        return _about_attribute(element, _plain(attribute["attribute"]), message)
    if missing := _REQUIRED.search(message):
        return _("{what}缺少属性“{attribute}”", what=what, attribute=missing["attribute"]), redraw
    if "This element is not expected" in message:
        return _misplaced(element, message, redraw)
    if "Missing child element" in message:
        expected = _expected_children(message)
        return _("{what}里缺少内容", what=what), _("应当有：{expected}", expected=expected) if expected else redraw
    return _about_content(element, message, redraw)


def _about_content(element: Element, message: str, redraw: str) -> tuple[str, str]:
    what = _name(diagram.kind(element))
    if "Character content" in message:
        return _("{what}里不能直接写文字", what=what), _("请删去这些文字")
    if "is not a valid value" in message:
        wrong = _("{what}里不能写“{value}”", what=what, value=_short(diagram.text(element)))
        return wrong, _("应当是：{expected}", expected=_expected_value(message))
    return _("{what}不符合 BPMN 2.0：{message}", what=what, message=_short(_plain(message))), redraw


def _about_attribute(element: Element, attribute: str, message: str) -> tuple[str, str]:
    what = _name(diagram.kind(element))
    if "is not allowed" in message:
        return _("{what}不能有属性“{attribute}”", what=what, attribute=_short(attribute)), _("请删除它")
    value = _short(element.get(attribute, ""))
    wrong = _("{what}的属性“{attribute}”不能是“{value}”", what=what, attribute=_short(attribute), value=value)
    return wrong, _("应当是：{expected}", expected=_expected_value(message))


def _misplaced(element: Element, message: str, redraw: str) -> tuple[str, str]:
    around = element.getparent()
    where = _name(diagram.kind(around)) if around is not None else ""
    expected = _expected_children(message)
    advice = _("这个位置可以有：{expected}", expected=expected) if expected else redraw
    return _("{where}里不能有“{what}”，或者放错了位置", where=where, what=_plain(diagram.kind(element))), advice


def _expected_value(message: str) -> str:
    if choices := _CHOICES.search(message):
        return _("、").join(re.findall(r"'([^']*)'", choices["choices"]))
    kind = _TYPE.search(message)
    return _(_TYPES.get(kind["type"] if kind else "", N_("编号（id）或规定的值")))


def _expected_children(message: str) -> str:
    found = _EXPECTED.search(message)
    names = [_plain(one).strip() for one in found["names"].split(",")] if found else []
    return _("、").join([name for name in names if "*" not in name][:6])


def _name(kind: str) -> str:
    """What people call a kind of element, with its name in the standard."""
    plain = _plain(kind)
    ending = next((one for one in ("EventDefinition", "Event", "Task", "Gateway") if plain.endswith(one)), "")
    called = _NAMES.get(plain) or _KINDS.get(ending)
    return _("{called}（{kind}）", called=_(called), kind=plain) if called else _("“{kind}”", kind=plain)


def _plain(text: str) -> str:
    """Without namespaces."""
    return re.sub(r"\{[^}]*\}", "", text)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
