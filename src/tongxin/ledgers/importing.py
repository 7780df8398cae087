"""The page that takes a ledger in: looked at first, then taken; bad rows come back as a spreadsheet to mend."""

import base64
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.ledgers import intake, pages, sheet, workbook
from tongxin.ledgers.cells import Cell
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition
from tongxin.web.posted import Posted
from tongxin.words import _

MOST_FAULTS = 200
_KEPT = 700_000  # bytes that come along with the page that shows what was found


def show(session: Session, me: Person, definition: Definition, *, unit: str = "", problem: str = "") -> dict[str, Any]:
    """The page before anything was handed in, or with what is wrong."""
    known = definition.file.intake
    assert known is not None  # who gets here may take rows in
    return {
        "title": definition.file.title,
        "url": pages.address(definition),
        "units": _units(session, me, definition),
        "unit": unit,
        "problem": problem,
        "headings": list(dict.fromkeys(_headings(definition))),
        "id": known.id,
        "most": workbook.MOST_ROWS,
        "result": None,
    }


def hand_in(session: Session, me: Person, definition: Definition, posted: Posted) -> tuple[dict[str, Any], bool]:
    """What to show of what was handed in, and whether it could be read. `take` in the form takes it in."""
    code, taking = posted.get("unit"), posted.get("take") == "1"
    context = show(session, me, definition, unit=code)
    data, unit = _content(posted), next((one for one in context["units"] if one.code == code), None)
    if unit is None:
        return {**context, "problem": _("请选择这些事项是哪个单位的。")}, False
    if data is None:
        return {**context, "problem": _("请选择要导入的表格。")}, False
    try:
        result = intake.take(session, definition, data, unit, me.actor, look=not taking)
    except workbook.Unreadable as unreadable:
        return {**context, "problem": str(unreadable)}, False
    faults = result.faults
    return {
        **context,
        "result": result,
        "taken": taking,
        "faults": faults[:MOST_FAULTS],
        "more": len(faults) - MOST_FAULTS,
        "bad": len(result.bad),
        "bad_file": _data(_to_mend(definition, result)) if result.bad else None,
        "kept": _data(data) if not taking and result.good and len(data) <= _KEPT else None,
    }, True


def template(definition: Definition) -> bytes:
    """An empty spreadsheet with all headings."""
    head = sheet.Head(_("{title}台账", title=definition.file.title), _("从第四行起填，一行一件"), _headings(definition))
    return sheet.write(head, [], {}, frozenset(), _mark())


def _to_mend(definition: Definition, result: intake.Result) -> bytes:
    """The rows that were not taken, with what is wrong in a last column."""
    wrong: dict[int, list[str]] = {}
    for fault in result.faults:
        said = _("{title}：{value}", title=fault.heading, value=fault.message) if fault.heading else fault.message
        wrong.setdefault(fault.number, []).append(said)
    columns = [*result.headings, _("要改的")]
    rows = [
        [
            *(Cell(line.cells.get(heading) or None) for heading in result.headings),
            Cell(_("；").join(wrong.get(line.number, ()))),
        ]
        for line in result.bad
    ]
    head = sheet.Head(_("{title}台账", title=definition.file.title), _("改好以后再导入"), columns)
    return sheet.write(head, rows, {}, frozenset(), _mark())


def _headings(definition: Definition) -> list[str]:
    known = definition.file.intake
    assert known is not None
    more = [one for one in (known.place, known.opened_at, known.closed_at) if one]
    return list(dict.fromkeys([known.id, *known.columns, *more]))


def _units(session: Session, me: Person, definition: Definition) -> list[Unit]:
    """Units of the procedure's level in which this person may open its cases."""
    known = definition.file.intake
    assert known is not None
    roles = definition.file.start.by if known.by is None else known.by
    paths = [post.reach for post in me.posts if post.role in roles]
    level = definition.file.start.level
    found = session.exec(
        select(Unit).where(col(Unit.level) == level, col(Unit.kind) == "territory").order_by(col(Unit.path))
    )
    return [unit for unit in found if any(unit.path.startswith(path) or path.startswith(unit.path) for path in paths)]


def _content(posted: Posted) -> bytes | None:
    """The file, or the one looked at before."""
    files = posted.files.get("file", ())
    if files:
        return files[0].content
    kept = posted.get("kept")
    try:
        return base64.b64decode(kept, validate=True) if kept else None
    except ValueError:
        return None


def _data(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _mark() -> sheet.Mark:
    return sheet.Mark(_("同心"), "tongxin", "", clock.now().astimezone(clock.LOCAL))
