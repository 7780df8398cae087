"""The public board of a community: what its cases are about, where, when, how far, and the results staff released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import db, forms
from tongxin.cases import wording
from tongxin.people.models import Unit
from tongxin.portal.thanks import Mark
from tongxin.procedures import catalogue
from tongxin.procedures.board import as_text
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.words import N_, _

PAGE = 20
LAST_PAGE = 500
LATELY = timedelta(days=30)
State = Literal["", "open", "closed"]
STATES = (("", N_("全部")), ("open", N_("办理中")), ("closed", N_("已办结")))
Definitions = Mapping[int, Definition]
_DEFINITIONS = text("SELECT board_definitions(:units)")
_PAGE = text("SELECT * FROM board_page(:units, :state, CAST(:kinds AS jsonb), :many, :skip)")
_NUMBERS = text("SELECT * FROM board_numbers(:units, :since)")
_THANKED = text("SELECT board_thanked(:results, :marks)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the board is looked at."""

    kind: str = ""
    state: State = ""
    page: int = 1

    def query(self, **other: Any) -> str:
        """The part of the address that says so."""
        said = {"kind": self.kind, "state": self.state, "page": self.page} | other
        kept = {name: value for name, value in said.items() if value and (name, value) != ("page", 1)}
        return f"?{urlencode(kept)}" if kept else ""


def communities(session: Session) -> list[tuple[str, list[Unit]]]:
    """Every community, below the name of the unit above it."""
    above = aliased(Unit, name="above")
    rows = session.execute(
        select(Unit, above.name)
        .outerjoin(above, col(Unit.parent_id) == col(above.id))
        .where(col(Unit.level) == "community", col(Unit.kind) == "territory")
        .order_by(col(Unit.path))
    )
    grouped: dict[str, list[Unit]] = {}
    for unit, name in rows:
        grouped.setdefault(name or "", []).append(unit)
    return list(grouped.items())


def show(session: Session, community: Unit, wanted: Wanted, mark: Mark, now: datetime) -> dict[str, Any]:
    """Everything the board shows. The database gives nothing else: see the functions of migration 0004."""
    inside = col(Unit.path).startswith(community.path, autoescape=True)
    units = list(session.exec(select(Unit.id).where(inside)).all())
    ids = session.scalars(_DEFINITIONS, {"units": units}).all()
    known = {one: catalogue.by_id(session, one) for one in sorted(ids)}
    rows = _rows(session, units, known, wanted)
    following = len(rows) > PAGE
    rows = rows[:PAGE]
    thanked = _thanked(session, [row.publication for row in rows if row.publication], mark)
    return {
        "community": {"name": community.name, "code": community.code},
        "entries": [_entry(row, known[row.definition_id], thanked) for row in rows],
        "kinds": [("", _("全部类别")), *((one, one) for one in _kinds(known))],
        "states": [(value, _(name)) for value, name in STATES],
        "wanted": wanted,
        "query": wanted.query(),
        "before": wanted.query(page=wanted.page - 1) or "?" if wanted.page > 1 else None,
        "after": wanted.query(page=wanted.page + 1) if following and wanted.page < LAST_PAGE else None,
        "numbers": _numbers(session, units, now),
        "filtered": bool(wanted.kind or wanted.state),
    }


def _rows(session: Session, units: Sequence[int], known: Definitions, wanted: Wanted) -> Sequence[Any]:
    """A page of cases and one more, newest first."""
    given = {
        "units": units,
        "state": wanted.state,
        "kinds": db.to_json(_of_kind(known, wanted.kind)) if wanted.kind else None,
        "many": PAGE + 1,
        "skip": (wanted.page - 1) * PAGE,
    }
    return session.connection().execute(_PAGE, given).all()


def _of_kind(known: Definitions, kind: str) -> dict[str, list[str]]:
    """Version → the values that bear this name there."""
    fields = {one: definition.board.kind for one, definition in known.items()}
    return {
        str(one): [as_text(choice.value) for choice in field.choices if choice.label == kind]
        for one, field in fields.items()
        if field
    }


def _kinds(known: Definitions) -> list[str]:
    fields = [definition.board.kind for definition in known.values()]
    return list(dict.fromkeys(choice.label for field in fields if field for choice in field.choices))


def _thanked(session: Session, publications: Sequence[int], mark: Mark) -> set[int]:
    """Which of these results this device has given thanks for."""
    marks = {mark(one): one for one in publications}
    marks.pop(None, None)
    if not marks:
        return set()
    given = {"results": list(marks.values()), "marks": list(marks)}
    return set(session.scalars(_THANKED, given).all())


def _entry(row: Any, definition: Definition, thanked: set[int]) -> dict[str, Any]:
    """One case, of which nothing is read but what may be public."""
    board = definition.board
    allowed = {name: row.variables.get(name) for name in board.form.by_name}
    fields = forms.view(board.form, definition.dictionary.decode(allowed), {})
    kind = next((field.display for field in fields if board.kind and field.name == board.kind.name), "")
    closed = row.status == "closed"
    rating = next((field for field in fields if field.widget == "rating"), None)
    said = [field for field in fields if field is not rating and field.display and field.display != kind]
    return {
        "kind": kind or definition.file.title,
        "place": row.place,
        "state": _stage(definition, row.waiting, closed=closed),
        "closed": closed,
        "opened_text": wording.moment(row.opened_at),
        "closed_text": wording.moment(row.closed_at) if row.closed_at else "",
        "said": [(field.title, field.display) for field in said],
        "rating": rating.display if rating else "",
        "unrated": rating is not None and closed and not rating.display,
        "result": row.result or "",
        "id": str(row.publication) if row.publication else "",
        "thanks": row.thanks or 0,
        "thanked": row.publication in thanked,
    }


def _stage(definition: Definition, steps: list[list[str]], *, closed: bool) -> str:
    """Where it stands, in one plain word."""
    if closed:
        return _("已办结")
    if steps and all(role == REPORTER for _node, role in steps):
        return _("已办好，等评价")
    nodes, first = definition.process.nodes, definition.file.public.stages[:1]
    if steps and all(nodes[node].public_name in first for node, _role in steps if node in nodes):
        return _("待核实")
    return _("办理中")


def _numbers(session: Session, units: Sequence[int], now: datetime) -> dict[str, Any]:
    """Of the last 30 days: how many were reported, how many closed, and who of those that rated was satisfied."""
    given = {"units": units, "since": now - LATELY}
    opened, closed, yes, no = session.connection().execute(_NUMBERS, given).one()
    rated = yes + no
    return {
        "opened": opened,
        "closed": closed,
        "rated": rated,
        "satisfied": yes,
        "share": f"{round(100 * yes / rated)}%" if rated else "",
    }
