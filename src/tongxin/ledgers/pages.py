"""What the pages of the ledgers show."""

from typing import Any
from urllib.parse import urlencode

from sqlmodel import Session

from tongxin import clock
from tongxin.cases import wording
from tongxin.ledgers import cells, reading
from tongxin.ledgers.reading import PAGE, Filters
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.words import N_, _

STATES = (("", N_("全部")), ("open", N_("办理中")), ("closed", N_("已办结")))


def index(session: Session, me: Person) -> dict[str, Any]:
    """The ledgers somebody has, with how many stand in each."""
    found = []
    for definition in catalogue.all_current(session):
        if definition.ledger and reading.may_see(me, definition):
            waiting, closed = reading.count(session, me, definition)
            numbers = {"open": waiting, "closed": closed}
            found.append({"title": definition.file.title, "url": address(definition), **numbers})
    return {"ledgers": found}


def show(session: Session, me: Person, definition: Definition, filters: Filters) -> dict[str, Any]:
    """One ledger: a page of rows, and the sums of all that is asked for."""
    rows = reading.rows(session, me, definition, filters, limit=PAGE + 1, skip=(filters.page - 1) * PAGE)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    found = reading.sums(session, me, definition, filters)
    offered = reading.choices(definition)
    return {
        "title": definition.file.title,
        "url": address(definition),
        "filters": filters,
        "states": [(value, _(name)) for value, name in STATES],
        "units": reading.units(session, me, definition),
        "offered": offered,
        "narrowed": bool(filters.query(sort="", page=1)),
        "columns": [_head(definition, name, filters) for name in definition.ledger],
        "opened": _own_head("opened_at", _("登记时间"), definition, filters),
        "rows": [
            {
                "url": f"/cases/{row.id}",
                "row": row,
                "colour": wording.colour(row.colour if row.status == "open" else None),
                "unit": row.unit,
                "opened": _when(row),
                "cells": list(told.items()),
            }
            for row, told in zip(rows, cells.table(session, definition, rows), strict=True)
        ],
        "sums": found,
        "share": _share(found.closed, found.count),
        "totals": {name: cells.number(value, about=name in found.approximate) for name, value in found.totals.items()},
        "before": _link(definition, filters, page=filters.page - 1) if filters.page > 1 else None,
        "after": _link(definition, filters, page=filters.page + 1) if more else None,
        "from_to": (
            (filters.page - 1) * PAGE + 1 if rows else 0,
            (filters.page - 1) * PAGE + len(rows),
        ),
        "all_open": _link(definition, filters, status="open", page=1),
        "all_closed": _link(definition, filters, status="closed", page=1),
        "export": f"{address(definition)}/export?{urlencode(filters.query(page=1))}"
        if reading.may_export(me, definition)
        else None,
        "imports": f"{address(definition)}/import" if reading.may_import(me, definition) else None,
    }


def address(definition: Definition) -> str:
    """A ledger's page."""
    return f"/ledgers/{definition.key}"


def _link(definition: Definition, filters: Filters, **other: Any) -> str:
    asked = urlencode(filters.query(**other))
    return f"{address(definition)}?{asked}" if asked else address(definition)


def _head(definition: Definition, name: str, filters: Filters) -> dict[str, Any]:
    """A column's head: pressed once it sorts, pressed again the other way round."""
    return _own_head(name, name, definition, filters)


def _own_head(key: str, title: str, definition: Definition, filters: Filters) -> dict[str, Any]:
    now = "down" if filters.sort == f"-{key}" else "up" if filters.sort == key else ""
    other = key if now == "down" else f"-{key}"
    return {"name": title, "sorted": now, "url": _link(definition, filters, sort=other, page=1)}


def _when(row: reading.Row) -> str:
    return f"{row.opened_at.astimezone(clock.LOCAL):%Y-%m-%d %H:%M}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else _("不计")
