"""The diagrams of a procedure's folder: the main one, and those that call activities call. Text in, text out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from tongxin.engine import errors
from tongxin.engine.reading import diagram
from tongxin.engine.reading.vocabulary import BPMN, TX
from tongxin.procedures.package import Package
from tongxin.words import _
from tongxin.workspace.form_editing import named

MAIN = "process.bpmn"
LONGEST_TITLE = 80
_TAG = re.compile(r"<(?:[\w.-]+:)?process\b[^>]*>")
_NAME = re.compile(r"""(\sname\s*=\s*)("[^"]*"|'[^']*')""")

_FRESH = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="definitions" targetNamespace="urn:tongxin:{name}">
  <bpmn:process id={name_attribute} name={title} isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>begin_to_end</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="end"><bpmn:incoming>begin_to_end</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="begin_to_end" sourceRef="begin" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="drawing">
    <bpmndi:BPMNPlane id="plane" bpmnElement={name_attribute}>
      <bpmndi:BPMNShape id="begin_di" bpmnElement="begin">
        <dc:Bounds x="160" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end">
        <dc:Bounds x="420" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="begin_to_end_di" bpmnElement="begin_to_end">
        <di:waypoint x="196" y="178" />
        <di:waypoint x="420" y="178" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


@dataclass(frozen=True, slots=True)
class Diagram:
    """One of the folder's diagrams. `name`: the process's id, as calls say it; empty for the main one."""

    file: str
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Use:
    """A step that calls a diagram or asks a decision."""

    file: str
    element: str
    title: str


def all_of(package: Package) -> list[Diagram]:
    """The main diagram first."""
    called = sorted(path for path in package if path.endswith(".bpmn") and "/" not in path and path != MAIN)
    drawn = [Diagram(path, path.removesuffix(".bpmn"), title_of(package, path)) for path in called]
    return [Diagram(MAIN, "", _("主流程")), *drawn]


def file_of(name: str) -> str:
    """The file of the process with this id."""
    return f"{name}.bpmn" if name else MAIN


def fresh(package: Package, title: str) -> tuple[str, str]:
    """Name and text of a new diagram: a beginning and an end."""
    main = {one.id for one in _parts(package.get(MAIN, "")) if one.kind == "process"}
    own = set(re.findall(r' id="(\w+)"', _FRESH))
    plain = title if title.isascii() else ""  # BPMN editors take no other letters in an id
    name = named(plain, {path.removesuffix(".bpmn") for path in package} | main | own, "called")
    text = _FRESH.format(name=escape(name), name_attribute=quoteattr(name), title=quoteattr(title.strip()))
    return name, text


def retitled(text: str, title: str) -> str:
    """The diagram with another title; all else stays as it was written. Its name, which calls say, stays too."""
    found = _TAG.search(text)
    if found is None:
        return text
    tag, attribute = found[0], quoteattr(title.strip())
    if _NAME.search(tag):
        tag = _NAME.sub(lambda was: was[1] + attribute, tag, count=1)
    else:
        tag = re.sub(r"(/?>)$", lambda end: f" name={attribute}{end[1]}", tag)
    return text[: found.start()] + tag + text[found.end() :]


def calls(package: Package) -> dict[str, list[Use]]:
    """Name of a diagram → the steps of other diagrams that call it."""
    found: dict[str, list[Use]] = {}
    for file, part in _everything(package):
        if part.calls and file_of(part.calls) != file:
            found.setdefault(part.calls, []).append(Use(file, part.id, part.name or part.id))
    return found


def questions(package: Package) -> dict[str, list[Use]]:
    """Name of a decision → the steps that ask it."""
    found: dict[str, list[Use]] = {}
    for file, part in _everything(package):
        if part.asks:
            found.setdefault(part.asks, []).append(Use(file, part.id, part.name or part.id))
    return found


def ask_otherwise(package: Package, decision: str, name: str) -> dict[str, str]:
    """The diagrams whose steps ask a decision, with its new name."""
    written = "|".join(
        re.escape(one) for one in {quoteattr(decision), f'"{escape(decision)}"', f"'{escape(decision)}'"}
    )
    pattern = re.compile(rf"(\s[\w.-]+:decision\s*=\s*)(?:{written})")
    files = {use.file for use in questions(package).get(decision, [])}
    return {file: pattern.sub(lambda was: was[1] + quoteattr(name), package[file]) for file in files}


def place(package: Package, element: str) -> tuple[str, str]:
    """Diagram and id of an element that the check names: the ids of the calls that lead to it stand before its own."""
    file = MAIN
    *leading, own = element.split("/")
    for call in leading:
        part = _part(package, file, call)
        called = file_of(part.calls) if part and part.calls else ""
        if called not in package:
            return file, call
        file = called
    if not leading and _part(package, MAIN, own) is None:  # what the schema says of a called diagram names no call
        file = next((one.file for one in all_of(package) if _part(package, one.file, own)), MAIN)
    return file, own


def title_of(package: Package, path: str) -> str:
    """What a diagram says it is called; else the name that calls say."""
    found = next((one.name for one in _parts(package.get(path, "")) if one.kind == "process"), "")
    return found or path.removesuffix(".bpmn")


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    id: str
    name: str
    calls: str
    asks: str


def _everything(package: Package) -> Iterator[tuple[str, _Part]]:
    """File and element, of all diagrams."""
    for path in sorted(package):
        if path.endswith(".bpmn"):
            yield from ((path, one) for one in _parts(package[path]))


def _part(package: Package, path: str, identity: str) -> _Part | None:
    return next((one for one in _parts(package.get(path, "")) if one.id == identity), None)


@lru_cache(maxsize=32)  # a page asks many times for the same few
def _parts(text: str) -> tuple[_Part, ...]:
    """Every BPMN element with an id; nothing of a diagram that cannot be read."""
    try:
        root = diagram.parse(text.encode())
    except errors.Refused:
        return ()
    return tuple(
        _Part(
            diagram.kind(one),
            str(one.get("id")),
            str(one.get("name") or ""),
            str(one.get("calledElement", "")).rpartition(":")[2],
            str(one.get(f"{{{TX}}}decision", "")).strip(),
        )
        for one in root.iter(f"{{{BPMN}}}*")
        if one.get("id")
    )
