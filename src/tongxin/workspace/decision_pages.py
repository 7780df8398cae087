"""What the pages of decision tables show."""

from typing import Any
from urllib.parse import quote, urlencode

from tongxin.decisions import Decisions, Input
from tongxin.procedures.package import Package
from tongxin.words import _
from tongxin.workspace import checking, deciding, diagrams, tables
from tongxin.workspace.decision_editing import RESULTS
from tongxin.workspace.desk import variables
from tongxin.workspace.drafts import Work
from tongxin.workspace.tables import POLICIES, TYPES, Table

_ANCHORS = {"add_rule": "last-rule", "add_input": "columns", "add_output": "columns", "save": "table"}
_PLACED = {"up": -1, "down": 1, "copy_rule": 1}  # deed -> how far from the row it leads to


def list_page(work: Work) -> dict[str, Any]:
    """Every decision with the steps that ask it, and documents that cannot be read."""
    found, questions = deciding.asked(work.package), diagrams.questions(work.package)
    readable = {one.file for one in found}
    several = {one.file for one in found if sum(other.file == one.file for other in found) > 1}
    listed = [
        {
            "name": one.name,
            "file": one.file,
            "is_table": one.is_table,
            "url": address(work.key, one.file, one.identity if one.file in several else ""),
            "asking": checking.steps(work.key, questions.get(one.name, [])),
        }
        for one in found
    ]
    broken = [
        {"name": path, "url": checking.address_of(work.key, path)}
        for path in deciding.files(work.package)
        if path not in readable
    ]
    return {
        "decisions": listed,
        "broken": broken,
        "result_kinds": {kind: _(title) for kind, (title, _schema) in RESULTS.items()},
        "variables": variables(work.package),
    }


def address(key: str, file: str, which: str = "", deed: str = "") -> str:
    """The page of a decision, after a deed at the row or part it was about."""
    verb, _space, row = deed.partition(" ")
    anchor = _ANCHORS.get(verb, "table" if deed else "")
    if verb in _PLACED and row.isdecimal() and len(row) < 6:
        anchor = f"rule-{max(0, int(row) + _PLACED[verb])}"
    query = f"?{urlencode({'decision': which})}" if which else ""
    return f"{checking.address_of(key, file)}{query}{f'#{anchor}' if anchor else ''}"


def name_of(package: Package, file: str, which: str) -> str:
    """The decision that the page is about."""
    found = [one for one in deciding.asked(package) if one.file == file]
    wanted = [one for one in found if one.identity == which] or [one for one in found if one.is_table] or found
    return wanted[0].name if wanted else ""


def table_page(work: Work, file: str, which: str, mine: Table | None) -> dict[str, Any]:
    """One decision: its table (`mine`: as typed), what is wrong in its document, what it can be tried with."""
    package = work.package
    found = [one for one in deciding.asked(package) if one.file == file]
    table, broken = mine, ""
    try:
        table = mine or tables.read(package[file], which)
    except tables.NotATable as unfit:
        broken = str(unfit)
    model, findings = deciding.model(package, file)
    name = name_of(package, file, which)
    return {
        "file": file,
        "file_url": f"/workspace/{quote(work.key)}/files/{quote(file)}",
        "page_url": checking.address_of(work.key, file),
        "decision": next((one.identity for one in found if one.name == name), which),
        "name": name or file,
        "siblings": [{"name": one.name, "url": address(work.key, file, one.identity)} for one in found],
        "table": table,
        "broken": broken,
        "findings": findings,
        "inputs": _inputs(package, model, name),
        "asking": checking.steps(work.key, diagrams.questions(package).get(name, [])),
        "policies": {one: _(title) for one, title in POLICIES.items()},
        "types": {one: _(title) for one, title in TYPES.items()},
        "variables": variables(package),
    }


def _inputs(package: Package, model: Decisions | None, name: str) -> list[dict[str, Any]]:
    """What is asked for when it is tried: title, kind of control, choices."""
    if model is None or name not in (*model.names, *model.services):
        return []
    declared = {one["name"]: one for one in variables(package)}
    return [_control(one, declared.get(one.name, {})) for one in deciding.typed_inputs(model, name)]


def _control(given: Input, variable: dict[str, Any]) -> dict[str, Any]:
    kinds = {"boolean": "boolean", "number": "number", "date": "date"}
    choices = variable.get("choices", [])
    return {
        "name": given.name,
        "title": variable.get("title", given.name),
        "kind": "choice" if choices and given.type in ("string", "number") else kinds.get(given.type, "text"),
        "choices": choices,
        "type": _(TYPES.get(given.type, TYPES[""])),
    }


def for_modeler(key: str, package: Package) -> list[dict[str, str]]:
    """What a business rule task may ask."""
    titles = {one["name"]: one["title"] for one in variables(package)}
    return [
        {
            "name": one.name,
            "url": address(key, one.file, one.identity),
            "reads": _("、").join(titles.get(name, name) for name in one.reads),
        }
        for one in deciding.asked(package)
    ]
