"""The decisions of a folder for their owners: what a document holds, what is wrong in it, and trying one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tongxin import calendar, clock, decisions, feel
from tongxin.decisions import Decisions, Finding, Input, shown
from tongxin.decisions.document import attribute, children
from tongxin.procedures import package as packages
from tongxin.procedures.definition import parameters_of
from tongxin.procedures.package import Package
from tongxin.words import _
from tongxin.workspace import form_editing, tables

ENDING = ".dmn"
LONGEST_VALUE = 2_000
PARAMETERS = "parameters"
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_FEEL_TYPES = {  # of a variable, by its format or else its type
    "date": "date",
    "date-time": "date and time",
    "time": "time",
    "duration": "days and time duration",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "string": "string",
}
_READ_AS = {
    "date": "date(text)",
    "date and time": "date and time(text)",
    "dateTime": "date and time(text)",
    "time": "time(text)",
    "days and time duration": "duration(text)",
    "years and months duration": "duration(text)",
}


class Unreadable(Exception):
    """What was typed is no value of that kind; the message says which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision or service that steps may ask: where it is, and the variables it reads directly."""

    file: str
    identity: str
    name: str
    is_table: bool
    reads: tuple[str, ...]


def files(package: Package) -> list[str]:
    """Every decision document."""
    return sorted(path for path in package if path.endswith(ENDING))


def asked(package: Package) -> list[Asked]:
    """All that a business rule task may ask; nothing of a document that cannot be read."""
    found = []
    for path in files(package):
        try:
            root = tables.root_of(package[path])
        except tables.NotATable:
            continue
        names = {f"#{attribute(one, 'id')}": attribute(one, "name") for one in children(root, "inputData")}
        for one in children(root, "decision", "decisionService"):
            links = [link for need in children(one, "informationRequirement") for link in children(need)]
            reads = tuple(names[attribute(link, "href")] for link in links if attribute(link, "href") in names)
            is_table = any(True for _one in children(one, "decisionTable"))
            found.append(Asked(path, tables.identity_of(one), attribute(one, "name"), is_table, reads))
    return found


def known(package: Package) -> dict[str, str]:
    """The names a decision may read, with their FEEL types ("" for any)."""
    try:
        declared = form_editing.variables(package)
    except form_editing.NotAForm:
        declared = {}
    return {
        **{name: _feel_type(schema) for name, schema in declared.items() if isinstance(schema, dict)},
        "parameters": "",
        "case": "",
    }


def _feel_type(schema: Mapping[str, Any]) -> str:
    usual = _FEEL_TYPES.get(str(schema.get("type")), "")
    return _FEEL_TYPES.get(str(schema.get("format")), usual) if usual == "string" else usual


def model(package: Package, path: str) -> tuple[Decisions | None, tuple[Finding, ...]]:
    """The document compiled, and all that is wrong in it, gaps and overlaps among it."""
    others = {other: package[other].encode() for other in files(package) if other != path}
    try:
        found = decisions.compile(package[path].encode(), functions=calendar.FUNCTIONS, imports=others)
    except decisions.Refused as refused:
        return None, refused.findings
    return found, (*found.findings, *found.review())


def typed_inputs(model: Decisions, name: str) -> tuple[Input, ...]:
    """What has to be typed to try a decision: its inputs without the procedure's own parameters."""
    return tuple(one for one in model.inputs(name) if one.name != PARAMETERS)


def try_out(package: Package, model: Decisions, name: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The answer for what was typed, and the rules it comes from. Raises Unreadable, decisions.Failed."""
    values = {one.name: value_of(one, typed.get(one.name, "").strip()) for one in typed_inputs(model, name)}
    if any(one.name == PARAMETERS for one in model.inputs(name)):
        values[PARAMETERS] = _parameters(package)
    outcome = model.evaluate(name, values, clock.now())
    told = [_told(one) for one in outcome.explanation]
    mine = [one for one in outcome.explanation if one["decision"] == name]
    fired = [rule["number"] for one in mine for rule in one["rules"]]
    labels = mine[-1].get("labels") if mine else None
    return {"answer": shown(outcome.value, labels), "tables": told, "fired": fired}


def _parameters(package: Package) -> dict[str, Any]:
    try:
        return parameters_of(packages.read_procedure(package))
    except packages.Unreadable as error:
        raise Unreadable(str(error)) from None


def value_of(given: Input, text: str) -> Any:
    """What was typed as a value of the input's type; nothing typed is null. Raises Unreadable."""
    if len(text) > LONGEST_VALUE:
        raise Unreadable(_("“{name}”太长。", name=given.name))
    if not text:
        return None
    if given.type == "string":
        return text
    if given.type == "boolean":
        return text == "true"
    if given.type == "number":
        if not _NUMBER.fullmatch(text):
            raise Unreadable(_("“{name}”要填数字。", name=given.name))
        return Decimal(text)
    value = _computed(given, text)
    if value is None:
        raise Unreadable(_("“{name}”填得不对：{text}", name=given.name, text=text[:40]))
    return value


def _computed(given: Input, text: str) -> Any:
    """By a function of FEEL; of another type as an expression, and as text when it is none."""
    try:
        if given.type in _READ_AS:
            return feel.compile(_READ_AS[given.type]).evaluate({"text": text})
        value = feel.compile(text, functions=calendar.FUNCTIONS).evaluate({}, clock.now())
    except feel.FeelError:
        return None if given.type in _READ_AS else text
    return text if value is None and text != "null" else value


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "decision": entry["decision"],
        "inputs": [(one["label"], shown(one["value"])) for one in entry["inputs"]],
        "rules": [(one["number"], one["annotation"]) for one in entry["rules"]],
        "value": shown(entry["value"], entry.get("labels")),
        "problem": entry["problem"],
    }
