"""Taking a ledger out of the house: what is asked for, as far as somebody may read it, and who did so."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.cases import wording
from tongxin.ledgers import cells, reading, sheet
from tongxin.ledgers.cells import Cell
from tongxin.ledgers.models import Export
from tongxin.ledgers.reading import Filters
from tongxin.people import directory
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.words import _

MOST_ROWS = 20_000
_SHOWN = 200


def export(session: Session, me: Person, definition: Definition, filters: Filters, now: datetime) -> bytes:
    """The spreadsheet's content; enters who took it out."""
    rows = reading.rows(session, me, definition, filters, limit=MOST_ROWS)
    sums = reading.sums(session, me, definition, filters)
    asked = filters.query(page=1)
    session.add(Export(account_id=me.id, procedure=definition.key, filters=asked, rows=len(rows), at=now))
    session.flush()
    columns = [_("编号"), _("单位"), _("登记时间"), _("办结时间"), *definition.ledger]
    told = cells.table(session, definition, rows)
    lines = [
        [Cell(row.code), Cell(row.unit), Cell(_local(row.opened_at)), Cell(_local(row.closed_at)), *one.values()]
        for row, one in zip(rows, told, strict=True)
    ]
    posts = _("、").join(dict.fromkeys(post.unit_name for post in me.posts))
    mark = sheet.Mark(me.name, me.login, posts[:60], _local(now) or now)
    about = _("共 {n} 件，办理中 {open} 件，已办结 {closed} 件", n=sums.count, open=sums.open, closed=sums.closed)
    if len(rows) < sums.count:
        about += _("；只导出前 {n} 件，请缩小范围分几次导出", n=len(rows))
    said = _said(asked)
    head = sheet.Head(_("{title}台账", title=definition.file.title), "  ".join(filter(None, (said, about))), columns)
    return sheet.write(head, lines, sums.totals, sums.approximate, mark)


def history(session: Session) -> dict[str, Any]:
    """Who took which ledger out, the newest first."""
    rows = session.exec(select(Export).order_by(col(Export.at).desc(), col(Export.id).desc()).limit(_SHOWN)).all()
    names, titles = directory.names(session, {row.account_id for row in rows}), catalogue.titles(session)
    return {
        "exports": [
            {
                "at_text": wording.moment(row.at),
                "who": names.get(row.account_id, ""),
                "title": titles.get(row.procedure, row.procedure),
                "asked": _said(row.filters) or _("全部"),
                "rows": row.rows,
            }
            for row in rows
        ]
    }


def _said(asked: dict[str, Any]) -> str:
    """What was asked for, in words."""
    states = {"open": _("办理中"), "closed": _("已办结")}
    parts = [
        states.get(asked.get("status", ""), ""),
        _("{day} 起", day=asked["since"]) if "since" in asked else "",
        _("到 {day}", day=asked["until"]) if "until" in asked else "",
        _("单位 {code}", code=asked["unit"]) if "unit" in asked else "",
        _("{title}：{value}", title=asked["column"], value=asked.get("value", "")) if "column" in asked else "",
        _("我发起的") if "mine" in asked else "",
        _("找“{text}”", text=asked["q"]) if "q" in asked else "",
    ]
    return _("，").join(part for part in parts if part)


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(clock.LOCAL) if moment else None
