"""The public board of a community: what its cases are about, where, when, how far, and the results staff released."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal_column, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import forms
from tongxin.cases import wording
from tongxin.cases.models import Case, CaseLink, Publication, Task, Thanks
from tongxin.cases.operations import MERGED
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
_Place, _Other = aliased(Unit, name="place"), aliased(Case, name="other")


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


@dataclass(frozen=True, slots=True)
class Scope:
    """The community's cases that stand on its board, and the versions they follow."""

    visible: ColumnElement[bool]
    definitions: tuple[Definition, ...]


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
    """Everything the board shows."""
    scope = _scope(session, community)
    rows = _rows(session, scope, wanted)
    following = len(rows) > PAGE
    rows = rows[:PAGE]
    stages = _open_steps(session, [row.id for row in rows])
    thanked = _thanked(session, [row.publication for row in rows if row.publication], mark)
    known = {definition.id: definition for definition in scope.definitions}
    return {
        "community": {"name": community.name, "code": community.code},
        "entries": [_entry(row, known[row.definition_id], stages.get(row.id, []), thanked) for row in rows],
        "kinds": [("", _("全部类别")), *((one, one) for one in _kinds(scope))],
        "states": [(value, _(name)) for value, name in STATES],
        "wanted": wanted,
        "query": wanted.query(),
        "before": wanted.query(page=wanted.page - 1) or "?" if wanted.page > 1 else None,
        "after": wanted.query(page=wanted.page + 1) if following and wanted.page < LAST_PAGE else None,
        "numbers": _numbers(session, scope, now),
        "filtered": bool(wanted.kind or wanted.state),
    }


def _scope(session: Session, community: Unit) -> Scope:
    """Cases that live in the community or happened there, of procedures that have a board.

    Neither those that were withdrawn, nor those merged into another that is shown.
    """
    below = select(Unit.id).where(col(Unit.path).startswith(community.path, autoescape=True)).scalar_subquery()
    here = or_(col(Case.unit_id).in_(below), col(Case.place_id).in_(below))
    ids = session.exec(select(Case.definition_id).where(here).distinct()).all()
    definitions = [catalogue.by_id(session, one) for one in sorted(ids)]
    shown = tuple(one for one in definitions if one.board.form.fields)
    merged = exists().where(
        col(CaseLink.from_id) == col(Case.id),
        col(CaseLink.kind) == MERGED,
        col(CaseLink.to_id) == col(_Other.id),
        ~_withdrawn(_Other, definitions),
    )
    of_these = col(Case.definition_id).in_([one.id for one in shown]) if shown else false()
    return Scope(and_(here, of_these, ~_withdrawn(Case, definitions), ~merged), shown)


def _withdrawn(table: Any, definitions: Sequence[Definition]) -> ColumnElement[bool]:
    ended = [
        and_(table.definition_id == one.id, table.outcome.in_(one.board.withdrawn))
        for one in definitions
        if one.board.withdrawn
    ]
    return and_(table.status == "closed", or_(*ended)) if ended else false()


def _rows(session: Session, scope: Scope, wanted: Wanted) -> Sequence[Any]:
    """A page of cases and one more, newest first."""
    released = and_(col(Publication.case_id) == col(Case.id), col(Publication.public))
    thanks = select(func.count()).where(col(Thanks.publication_id) == col(Publication.id)).scalar_subquery()
    statement: Select[Any] = (
        select(  # type: ignore[call-overload]
            Case.id,
            Case.definition_id,
            Case.status,
            Case.variables,
            Case.opened_at,
            Case.closed_at,
            func.coalesce(_Place.name, Unit.name).label("place"),
            col(Publication.id).label("publication"),
            col(Publication.text).label("result"),
            thanks.label("thanks"),
        )
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_Place, col(Case.place_id) == col(_Place.id))
        .outerjoin(Publication, released)
        .where(scope.visible, _of_kind(scope, wanted.kind))
    )
    if wanted.state:
        statement = statement.where(col(Case.status) == wanted.state)
    newest = (col(Case.opened_at).desc(), col(Case.id).desc())
    return session.execute(statement.order_by(*newest).limit(PAGE + 1).offset((wanted.page - 1) * PAGE)).all()


def _of_kind(scope: Scope, kind: str) -> ColumnElement[bool]:
    if not kind:
        return true()
    fits = []
    for definition in scope.definitions:
        field = definition.board.kind
        values = [as_text(choice.value) for choice in field.choices if choice.label == kind] if field else []
        if field is not None and values:
            fits.append(and_(col(Case.definition_id) == definition.id, _variable(field.name).in_(values)))
    return or_(*fits) if fits else false()


def _kinds(scope: Scope) -> list[str]:
    fields = [definition.board.kind for definition in scope.definitions]
    return list(dict.fromkeys(choice.label for field in fields if field for choice in field.choices))


def _variable(name: str) -> Any:
    return col(Case.variables)[name].astext


def _open_steps(session: Session, case_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Case → node and role of what waits in it."""
    steps: dict[int, list[tuple[str, str]]] = {}
    if case_ids:
        waiting = (col(Task.case_id).in_(case_ids), col(Task.status) == literal_column("'open'"))
        for case_id, node, role in session.exec(select(Task.case_id, Task.node, Task.role).where(*waiting)):
            steps.setdefault(case_id, []).append((node, role))
    return steps


def _thanked(session: Session, publications: Sequence[int], mark: Mark) -> set[int]:
    """Which of these results this device has given thanks for."""
    marks = {mark(one): one for one in publications}
    marks.pop(None, None)
    if not marks:
        return set()
    given = session.exec(
        select(Thanks.publication_id, Thanks.device).where(
            col(Thanks.publication_id).in_(publications), col(Thanks.device).in_(list(marks))
        )
    )
    return {publication for publication, known in given if marks[known] == publication}


def _entry(row: Any, definition: Definition, steps: list[tuple[str, str]], thanked: set[int]) -> dict[str, Any]:
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
        "state": _stage(definition, steps, closed=closed),
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


def _stage(definition: Definition, steps: list[tuple[str, str]], *, closed: bool) -> str:
    """Where it stands, in one plain word."""
    if closed:
        return _("已办结")
    if steps and all(role == REPORTER for _node, role in steps):
        return _("已办好，等评价")
    nodes, first = definition.process.nodes, definition.file.public.stages[:1]
    if steps and all(nodes[node].public_name in first for node, _role in steps if node in nodes):
        return _("待核实")
    return _("办理中")


def _numbers(session: Session, scope: Scope, now: datetime) -> dict[str, Any]:
    """Of the last 30 days: how many were reported, how many closed, and who of those that rated was satisfied."""
    since = now - LATELY
    lately = and_(col(Case.status) == "closed", col(Case.closed_at) >= since)
    counted = [
        func.count(case((col(Case.opened_at) >= since, 1))),
        func.count(case((lately, 1))),
        func.count(case((and_(lately, _felt(scope, satisfied=True)), 1))),
        func.count(case((and_(lately, _felt(scope, satisfied=False)), 1))),
    ]
    recent = or_(col(Case.opened_at) >= since, col(Case.closed_at) >= since)
    opened, closed, yes, no = session.execute(select(*counted).where(scope.visible, recent)).one()
    rated = yes + no
    return {
        "opened": opened,
        "closed": closed,
        "rated": rated,
        "satisfied": yes,
        "share": f"{round(100 * yes / rated)}%" if rated else "",
    }


def _felt(scope: Scope, *, satisfied: bool) -> ColumnElement[bool]:
    fits = []
    for definition in scope.definitions:
        declared = definition.board.satisfaction
        if declared is not None:
            values = [as_text(one) for one in (declared.satisfied if satisfied else declared.dissatisfied)]
            fits.append(and_(col(Case.definition_id) == definition.id, _variable(declared.variable).in_(values)))
    return or_(*fits) if fits else false()
