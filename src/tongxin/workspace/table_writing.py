"""A decision table put back into its document: what the page does not show stays as it was written."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree  # type: ignore[import-untyped]

from tongxin.decisions.document import attribute, child, children, namespace
from tongxin.workspace.form_editing import named
from tongxin.workspace.tables import Column, Rule, Table, identity_of, read, root_of

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAME = re.compile(r"[^\W\d]\w*")
_BEFORE_REQUIREMENTS = (
    *("description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement"),
)
_FRESH = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="definitions" name={title} namespace={namespace}>
  <decision id="decision" name={title}>
    <variable id="decision_result" name={title} />
    <decisionTable id="table" hitPolicy="UNIQUE">
      <output id="result" label={title} name={result} typeRef={type} />
    </decisionTable>
  </decision>
</definitions>
"""


def fresh(file: str, title: str, result: str, type_name: str) -> str:
    """A new document with one table: no conditions yet, one result."""
    return _FRESH.format(
        title=quoteattr(title),
        namespace=quoteattr(f"urn:tongxin:dmn:{file}"),
        result=quoteattr(result),
        type=quoteattr(type_name),
    )


def apply(text: str, table: Table, known: Mapping[str, str]) -> str:
    """The document with the table as edited. `known`: the names a decision may read, with their FEEL types.

    A name that the table reads becomes an input of the decision, one it does not read any more ceases to be.
    """
    if read(text, table.identity) == table:
        return text
    root_of(text)  # safe to be read with its comments
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(text.encode(), parser)
    decision = next(one for one in children(root, "decision") if identity_of(one) == table.identity)
    writing = _Writing(root)
    writing.rename(decision, table.decision)
    writing.table(child(decision, "decisionTable"), table)
    writing.requirements(decision, _read_by(table), known)
    etree.indent(decision, space="  ", level=1)
    written: bytes = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return written.decode() + "\n"


def required_by(text: str, identity: str) -> list[str]:
    """The names of the decisions that read this one."""
    return [
        attribute(one, "name")
        for one in children(root_of(text), "decision")
        for need in children(one, "informationRequirement")
        for link in children(need, "requiredDecision")
        if attribute(link, "href") == f"#{identity}"
    ]


def _read_by(table: Table) -> set[str]:
    cells = [cell for rule in table.rules for cell in (*rule.cells, *rule.results)]
    defaults = [column.default for column in table.outputs]
    sources = [*(column.source for column in table.inputs), *cells, *defaults]
    return {name for source in sources for name in _NAME.findall(_TEXT.sub(" ", source))}


class _Writing:
    def __init__(self, root: Any) -> None:
        self.root = root
        self.ns = namespace(root)
        self.taken = {one.get("id") for one in root.iter() if isinstance(one.tag, str) and one.get("id")}

    def rename(self, decision: Any, name: str) -> None:
        variable = child(decision, "variable")
        if variable is not None and attribute(variable, "name") == attribute(decision, "name"):
            variable.set("name", name)
        decision.set("name", name)

    def table(self, element: Any, table: Table) -> None:
        policy, _space, aggregation = table.policy.partition(" ")
        if policy in ("RULE", "OUTPUT"):
            policy, aggregation = table.policy, ""
        element.set("hitPolicy", policy)
        _set(element, "aggregation", aggregation)
        before = {one: [identity_of(each, at) for at, each in enumerate(children(element, one))] for one in _PARTS}
        columns = {
            "input": [one.identity for one in table.inputs],
            "output": [one.identity for one in table.outputs],
        }
        for one in self._replaced(element, "input", table.inputs):
            self._input(*one)
        for one in self._replaced(element, "output", table.outputs):
            self._output(*one)
        for rule_element, rule in list(self._replaced(element, "rule", table.rules)):
            for part, texts in (("input", rule.cells), ("output", rule.results)):
                self._cells(rule_element, f"{part}Entry", before[part], columns[part], texts)
            self._note(rule_element, rule.note)

    def _replaced(self, parent: Any, name: str, wanted: Iterable[Column | Rule]) -> Iterator[tuple[Any, Any]]:
        """The children of one name in the wanted order: those that were there, and new ones."""
        old = {identity_of(one, at): one for at, one in enumerate(children(parent, name))}
        at = self._place(parent, name)
        for one in old.values():
            parent.remove(one)
        pairs = []
        for number, one in enumerate(wanted):
            element = old.pop(one.identity, None) if one.identity else None
            element = self._make(name) if element is None else element
            parent.insert(at + number, element)
            pairs.append((element, one))
        yield from pairs

    def _place(self, parent: Any, name: str) -> int:
        own = [parent.index(one) for one in children(parent, name)]
        after = _PARTS[: _PARTS.index(name)]
        before = [parent.index(one) + 1 for one in children(parent, *after)] if after else []
        return own[0] if own else max(before, default=len(list(children(parent, "description", "extensionElements"))))

    def _input(self, element: Any, column: Column) -> None:
        _set(element, "label", column.label)
        asked = child(element, "inputExpression")
        if asked is None:
            asked = self._make("inputExpression")
            element.insert(0, asked)
        _set(asked, "typeRef", column.type)
        self._text(asked, column.source)
        self._optional(element, "inputValues", column.values)

    def _output(self, element: Any, column: Column) -> None:
        for name, value in (("label", column.label), ("name", column.source), ("typeRef", column.type)):
            _set(element, name, value)
        self._optional(element, "outputValues", column.values)
        self._optional(element, "defaultOutputEntry", column.default)

    def _cells(self, rule: Any, name: str, before: list[str], columns: list[str], texts: Iterable[str]) -> None:
        """The row's cells follow their columns."""
        old = dict(zip(before, children(rule, name), strict=False))
        first = next(iter(children(rule, "annotationEntry" if name == "outputEntry" else "outputEntry")), None)
        at = rule.index(first) if first is not None and not old else -1
        places = [rule.index(one) for one in old.values()]
        for one in children(rule, name):
            rule.remove(one)
        at = min(places) if places else (at if at >= 0 else len(rule))
        for number, (column, text) in enumerate(zip(columns, texts, strict=True)):
            cell = old.get(column) if column else None
            cell = self._make(name) if cell is None else cell
            rule.insert(at + number, cell)
            self._text(cell, text)

    def _note(self, rule: Any, note: str) -> None:
        columns = list(children(rule, "annotationEntry"))
        described = child(rule, "description")
        if columns:
            self._text(columns[0], note)
        elif described is not None and note:
            described.text = note
        elif described is not None:
            rule.remove(described)
        elif note:
            described = etree.Element(f"{{{self.ns}}}description")
            described.text = note
            rule.insert(0, described)

    def _optional(self, element: Any, name: str, text: str) -> None:
        found = child(element, name)
        if not text:
            if found is not None:
                element.remove(found)
            return
        if found is None:
            found = self._make(name)
            element.append(found)
        self._text(found, text)

    def _text(self, element: Any, text: str) -> None:
        found = child(element, "text")
        if found is None:
            found = etree.SubElement(element, f"{{{self.ns}}}text")
        found.text = text

    def _make(self, name: str, wanted: str = "") -> Any:
        """A new element with an id of its own."""
        numbered = (f"{wanted or name}_{number}" for number in itertools.count(1))
        identity = wanted if wanted and wanted not in self.taken else next(x for x in numbered if x not in self.taken)
        self.taken.add(identity)
        element = etree.Element(f"{{{self.ns}}}{name}")
        element.set("id", identity)
        return element

    def requirements(self, decision: Any, reads: set[str], known: Mapping[str, str]) -> None:
        """Inputs of the decision: what it reads of the known names."""
        by_id = {one.get("id"): one for one in children(self.root) if one.get("id")}
        has = set()
        for need in list(children(decision, "informationRequirement", "knowledgeRequirement")):
            link = next(iter(children(need)), None)
            target = by_id.get(attribute(link, "href").removeprefix("#")) if link is not None else None
            name = attribute(target, "name") if target is not None else ""
            if target is not None and name in known and name not in reads:
                decision.remove(need)
                self._forget(need)
                self._drop_unused(target)
            else:
                has.add(name)
        for name in sorted(reads & known.keys() - has):
            self._require(decision, name, known[name])

    def _require(self, decision: Any, name: str, type_name: str) -> None:
        data = next((one for one in children(self.root, "inputData") if attribute(one, "name") == name), None)
        if data is None:
            data = self._make("inputData", f"input_{name}" if name.isascii() else "")
            data.set("name", name)
            variable = self._make("variable")
            variable.set("name", name)
            _set(variable, "typeRef", type_name)
            data.append(variable)
            data.tail = "\n  "
            self.root.insert(self.root.index(decision), data)
        need, link = self._make("informationRequirement"), etree.Element(f"{{{self.ns}}}requiredInput")
        link.set("href", f"#{data.get('id')}")
        need.append(link)
        before = [decision.index(one) + 1 for one in children(decision, *_BEFORE_REQUIREMENTS)]
        decision.insert(max(before, default=0), need)

    def _drop_unused(self, data: Any) -> None:
        href = f"#{data.get('id')}"
        if str(data.tag).endswith("}inputData") and not any(one.get("href") == href for one in self.root.iter()):
            self.root.remove(data)
            self._forget(data)

    def _forget(self, element: Any) -> None:
        """What drew it."""
        for one in [one for one in self.root.iter() if one.get("dmnElementRef") == element.get("id")]:
            one.getparent().remove(one)


_PARTS = ("input", "output", "annotation", "rule")


def _set(element: Any, name: str, value: str) -> None:
    if value:
        element.set(name, value)
    else:
        element.attrib.pop(name, None)


def name_for(title: str, taken: Iterable[str]) -> str:
    """The file of a new document, without its ending."""
    return named(title, set(taken), "decision")
