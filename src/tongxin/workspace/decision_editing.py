"""Decision tables changed: a new one, rows and columns, a new name for all who ask. Files in, files out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongxin.procedures.package import Package
from tongxin.web.posted import Posted
from tongxin.words import N_, _
from tongxin.workspace import deciding, diagrams, form_editing, table_sent, table_writing, tables
from tongxin.workspace.table_sent import LONGEST_NAME, Unfit
from tongxin.workspace.tables import Column, Table

RESULTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    # FEEL's type -> how it is called, how data.json declares the variable that takes the answer
    "string": (N_("文字"), {"type": "string", "maxLength": 200}),
    "number": (N_("数字"), {"type": "number"}),
    "boolean": (N_("是或否"), {"type": "boolean"}),
}


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new table: its name, the variable that takes its answer, and what kind of answer that is."""

    title: str
    result: str = ""
    type: str = "string"
    file: str = ""


def added(package: Package, wanted: Fresh) -> tuple[Fresh, dict[str, str]]:
    """What became of it, and the files: the table, and data.json when the variable is new. Raises Unfit."""
    _refuse_name(package, wanted.title)
    kind = wanted.type if wanted.type in RESULTS else "string"
    declared = deciding.known(package)
    result = wanted.result or form_editing.named(wanted.title, declared, "result")
    if not result.isidentifier() or result.startswith("_"):
        raise Unfit(_("变量名“{name}”不能用：请用文字、数字和下划线，以文字开头。", name=result))
    kind = declared.get(result, kind) or kind
    name = table_writing.name_for(wanted.title, (path.removesuffix(deciding.ENDING) for path in package))
    made = Fresh(wanted.title, result, kind, name + deciding.ENDING)
    files = {made.file: table_writing.fresh(name, wanted.title, result, kind)}
    if result not in declared:
        files |= _declared(package, made)
    return made, files


def _refuse_name(package: Package, name: str) -> None:
    if not name or len(name) > LONGEST_NAME:
        raise Unfit(_("请给决策起一个名称，{most} 个字以内。", most=LONGEST_NAME))
    if any(one.name == name for one in deciding.asked(package)):
        raise Unfit(_("已经有叫“{name}”的决策，请换一个名称。", name=name))


def _declared(package: Package, made: Fresh) -> dict[str, str]:
    """data.json with the variable; where it cannot be read, the check says so."""
    try:
        variables = form_editing.variables(package)
    except form_editing.NotAForm:
        return {}
    schema = {**RESULTS.get(made.type, RESULTS["string"])[1], "title": made.title}
    whole = {**json.loads(package["data.json"]), "properties": {**variables, made.result: schema}}
    return {"data.json": json.dumps(whole, ensure_ascii=False, indent=2) + "\n"}


def edited(package: Package, file: str, which: str, posted: Posted) -> Table | None:
    """The table as the page sent it; None when it sent none, because there is none it could show."""
    if "policy" not in posted.fields:
        return None
    return table_sent.edited(tables.read(package[file], which), posted, deciding.known(package))


def changes(package: Package, file: str, mine: Table, deed: str, add: str) -> dict[str, str]:
    """The files that the edited table and the deed change. Raises Unfit, NotATable."""
    before = tables.read(package[file], mine.identity)
    if mine.decision != before.decision:
        _refuse_name(package, mine.decision)
    known = deciding.known(package)
    if deed == "add_input" and not add:
        raise Unfit(_("请先选按哪个变量判断。"))
    table = tables.with_deed(mine, deed, _condition(package, add, known) if deed == "add_input" else None)
    text = table_writing.apply(package[file], table, known)
    files = {file: text} if text != package[file] else {}
    if table.decision == before.decision:
        return files
    readers = table_writing.required_by(package[file], table.identity)
    if readers:
        raise Unfit(_("别的决策要读它，不能改名：{names}。", names=_("、").join(readers)))
    return files | diagrams.ask_otherwise(package, before.decision, table.decision)


def _condition(package: Package, name: str, known: Mapping[str, str]) -> Column:
    """A column about a variable: its title, its type, and if it has choices, these."""
    if name not in known:
        raise Unfit(_("没有这个变量，请重新选。"))
    schema = form_editing.variables(package).get(name, {}) if name not in ("parameters", "case") else {}
    values = [one["value"] for one in form_editing.choices(schema)] if known[name] == "string" else []
    allowed = ", ".join(json.dumps(one, ensure_ascii=False) for one in values)
    return replace(Column("", str(schema.get("title", name)), name, known[name]), values=allowed)
