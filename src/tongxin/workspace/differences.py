"""What differs between two packages, in an owner's words: steps by name, forms by title, parameters by value."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongxin.engine import errors
from tongxin.engine.reading import diagram, vocabulary
from tongxin.procedures import package as packages
from tongxin.procedures.package import Package
from tongxin.words import N_, _
from tongxin.workspace import deciding, diagrams, lengths

_KINDS = {
    "lane": N_("泳道"),
    "sequenceFlow": N_("连线"),
    "subProcess": N_("子流程"),
    "message": N_("消息"),
    "signal": N_("信号"),
    "error": N_("错误"),
    "escalation": N_("升级"),
    **dict.fromkeys(vocabulary.EVENTS, N_("事件")),
    **dict.fromkeys(vocabulary.GATEWAYS, N_("判断")),
    **dict.fromkeys(vocabulary.ACTIVITIES - {"subProcess"}, N_("步骤")),
}
_WIRING = frozenset({"incoming", "outgoing", "flowNodeRef", "laneSet"})  # told by the flows themselves


@dataclass(frozen=True, slots=True)
class Difference:
    """One line: added, removed or changed, and what."""

    change: str
    what: str


def between(old: Package, new: Package) -> list[Difference]:
    """All that differs, the diagrams first, the main one before those it calls; a file of which nothing can be said
    is named."""
    lines = _drawn(old, new, diagrams.MAIN)
    called = [one.file for one in diagrams.all_of(new)[1:] if one.file in old]
    lines += [line for path in called for line in _drawn(old, new, path)]
    lines += _parameters(old, new)
    for path in sorted(old.keys() | new.keys()):
        if path in (diagrams.MAIN, *called) or old.get(path) == new.get(path):
            continue
        change = "added" if path not in old else "removed" if path not in new else "changed"
        lines.append(Difference(change, _file(path, new if path in new else old)))
    return lines


def _drawn(old: Package, new: Package, path: str) -> list[Difference]:
    """What differs in one diagram."""
    if old.get(path, "") == new.get(path, ""):
        return []
    lines = list(_named(_elements(old, path), _elements(new, path))) or [Difference("changed", _("流程图的画法"))]
    if path == diagrams.MAIN:
        return lines
    title = diagrams.title_of(new, path)
    return [Difference(one.change, _("图“{title}”：{what}", title=title, what=one.what)) for one in lines]


def _named(old: Mapping[str, tuple[str, Any]], new: Mapping[str, tuple[str, Any]]) -> Iterator[Difference]:
    for identity, (name, content) in new.items():
        if identity not in old:
            yield Difference("added", name)
        elif old[identity][1] != content:
            yield Difference("changed", name)
    for identity, (name, _content) in old.items():
        if identity not in new:
            yield Difference("removed", name)


def _elements(package: Package, path: str) -> dict[str, tuple[str, Any]]:
    """Id → how it is called, and all that it says."""
    try:
        root = diagram.parse(package.get(path, "").encode())
    except errors.Refused:
        return {}
    names = {one.get("id"): one.get("name") for one in root.iter(f"{{{vocabulary.BPMN}}}*") if one.get("name")}
    return {
        element.get("id"): (
            _("{kind}“{name}”", kind=_(_KINDS[diagram.kind(element)]), name=_name(element, names)),
            _content(element),
        )
        for element in root.iter(f"{{{vocabulary.BPMN}}}*")
        if element.get("id") and diagram.kind(element) in _KINDS
    }


def _name(element: Any, names: Mapping[str, str]) -> str:
    """Its name; an unnamed flow leads from one step to another."""
    if element.get("name"):
        return str(element.get("name"))
    ends = [element.get(one) for one in ("sourceRef", "targetRef") if element.get(one)]
    return " → ".join(names.get(one, one) for one in ends) or str(element.get("id"))


def _content(element: Any) -> Any:
    inner = [
        _content(child)
        for child in element
        if diagram.kind(child) not in _WIRING | _KINDS.keys()
        and diagram.kind(child) not in vocabulary.SCOPE - {"documentation", "extensionElements"}
    ]
    return (diagram.kind(element), sorted(element.attrib.items()), (element.text or "").strip(), inner)


def _parameters(old: Package, new: Package) -> Iterator[Difference]:
    try:
        before, after = packages.read_procedure(old).parameters, packages.read_procedure(new).parameters
    except packages.Unreadable:
        return
    for name, parameter in after.items():
        if name in before and before[name].value != parameter.value:
            values = [lengths.told(one.value) for one in (before[name], parameter)]
            said = _("参数“{title}”：{old} → {new}", title=parameter.title or name, old=values[0], new=values[1])
            yield Difference("changed", said)


def _file(path: str, package: Package) -> str:
    if path.startswith("forms/"):
        return _("表单“{title}”", title=form_title(package, path))
    if path.endswith(".bpmn"):
        return _("流程图“{title}”", title=diagrams.title_of(package, path))
    if path.endswith(".dmn"):
        names = [one.name for one in deciding.asked(package) if one.file == path]
        return _("决策表“{title}”", title=_("、").join(names) or path)
    if path == "data.json":
        return _("数据字典")
    return _("设置文件 procedure.toml") if path == "procedure.toml" else path


def form_title(package: Package, path: str) -> str:
    """A form's title; its name while it cannot be read."""
    name = path.removeprefix("forms/").removesuffix(".json")
    try:
        return str(json.loads(package[path]).get("title") or name)
    except (ValueError, AttributeError, RecursionError):
        return name
