"""What the pages of the workspace show, made of rows and packages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from tongxin import words
from tongxin.people import directory
from tongxin.procedures import package as packages
from tongxin.procedures.models import DefinitionRow
from tongxin.procedures.package import Package, ProcedureFile
from tongxin.web import pages
from tongxin.words import N_, _
from tongxin.workspace import checking, differences, drafts, form_editing, lengths, queries
from tongxin.workspace.drafts import Work

SOURCES = {"folder": N_("来自文件夹"), "workspace": N_("网页上改的")}
CHANGES = {"added": N_("新增"), "removed": N_("去掉"), "changed": N_("改了")}


def index(session: Session) -> dict[str, Any]:
    """Every procedure: its version, cases, draft."""
    rows, going, in_work = queries.newest(session), queries.running_by_procedure(session), queries.drafts(session)
    names = directory.names(session, {row.published_by for row in rows if row.published_by})
    return {
        "procedures": [
            {
                **version_line(row, names, {}),
                "key": row.key,
                "running": going.get(row.key, 0),
                "draft": in_work.get(row.key),
            }
            for row in rows
        ]
    }


def version_line(row: DefinitionRow, names: Mapping[int, str], going: Mapping[int, int]) -> dict[str, Any]:
    """A version in a list."""
    return {
        "title": row.title,
        "version": row.version,
        "when": pages.when(row.published_at),
        "who": names.get(row.published_by or 0, ""),
        "note": words.retold(row.note),
        "source": _(SOURCES.get(row.source, row.source)),
        "running": going.get(row.id, 0),
    }


def about(session: Session, work: Work) -> dict[str, Any]:
    """What every page of one procedure says at its top."""
    draft = work.draft
    who = directory.names(session, {one for one in (work.current.published_by, draft and draft.changed_by) if one})
    return {
        "key": work.key,
        "title": _file_title(work),
        "url": f"/workspace/{quote(work.key)}",
        "current": version_line(work.current, who, {}),
        "draft": {"who": who.get(draft.changed_by, ""), "when": pages.when(draft.changed_at)} if draft else None,
        "revision": work.revision,
        "base": work.base,
        "overtaken": work.overtaken,
    }


def versions(session: Session, work: Work) -> dict[str, Any]:
    """All versions, and drafts put aside."""
    rows, put_aside = queries.versions(session, work.key), queries.copies(session, work.key)
    going = queries.running(session, (row.id for row in rows))
    names = directory.names(
        session, {row.published_by for row in rows if row.published_by} | {one.made_by for one in put_aside}
    )
    numbers = {row.id: row.version for row in rows}
    return {
        **about(session, work),
        "versions": [version_line(row, names, going) for row in rows],
        "copies": [
            {
                "id": one.id,
                "when": pages.when(one.kept_at),
                "who": names.get(one.made_by, ""),
                "base": numbers.get(one.based_on, 0),
            }
            for one in put_aside
        ],
    }


def publication(session: Session, work: Work, note: str = "", problem: str = "") -> dict[str, Any]:
    """What will change, what stands in the way, and the note."""
    found = checking.problems(work.key, work.package)
    return {
        **about(session, work),
        "differences": differences.between(work.current.package, work.package),
        "change_titles": {key: _(title) for key, title in CHANGES.items()},
        "problems": found,
        "blocked": checking.has_errors(found),
        "running": queries.running_by_procedure(session).get(work.key, 0),
        "note": note,
        "note_problem": problem,
        "longest_note": drafts.LONGEST_NOTE,
    }


def units() -> list[dict[str, str]]:
    """Units of time by their names."""
    return [{"value": unit, "title": _(title)} for unit, title in lengths.UNITS.items()]


def file_of(package: Package) -> ProcedureFile | None:
    """procedure.toml read; None while it cannot be."""
    try:
        return packages.read_procedure(package)
    except packages.Unreadable:
        return None


def forms(package: Package) -> list[dict[str, str]]:
    """Name and title of every form."""
    return [
        {
            "name": path.removeprefix("forms/").removesuffix(".json"),
            "title": differences.form_title(package, path),
        }
        for path in sorted(package)
        if path.startswith("forms/") and path.endswith(".json")
    ]


def parameters(file: ProcedureFile) -> list[dict[str, Any]]:
    """Every parameter with its value as people read it, and as number and unit where it is a length."""
    return [
        {
            "name": name,
            "title": one.title or name,
            "help": one.help,
            "value": str(one.value).lower() if isinstance(one.value, bool) else str(one.value),
            "told": lengths.told(one.value),
            "number": str(length[0]) if (length := lengths.split(one.value)) else "",
            "unit": length[1] if length else "",
        }
        for name, one in file.parameters.items()
    ]


def variables(package: Package) -> list[dict[str, Any]]:
    try:
        declared = form_editing.variables(package)
    except form_editing.NotAForm:
        return []
    return [
        {
            "name": name,
            "title": str(schema.get("title", name)),
            "type": str(schema.get("type")),
            "format": str(schema.get("format", "")),
            "choices": form_editing.choices(schema),
        }
        for name, schema in declared.items()
        if isinstance(schema, dict)
    ]


def _file_title(work: Work) -> str:
    file = file_of(work.package)
    return file.title if file else work.current.title
