"""A case held for one step: its row, the task or timer it is about, where it lives and what is set there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.cases.models import Case, Task, Timer
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition, parameters_for
from tongxin.procedures.models import DefinitionRow, Setting

Value = Any
_Place = aliased(Unit, name="place")


@dataclass(frozen=True, slots=True)
class Area:
    """Where a case lives (its unit) and where it happened (its place, the unit itself when nothing nearer is known)."""

    unit_id: int
    unit_code: str
    unit_name: str
    path: str
    place_id: int | None
    place_name: str | None
    place_path: str | None

    @property
    def nearest(self) -> str:
        """The path of the place, or of the unit."""
        return self.place_path or self.path


@dataclass(frozen=True, slots=True)
class Held:
    """A locked case with what the step is about. The rows are read only: a step is written by `save`."""

    case: Case
    task: Task | None
    timer: Timer | None
    area: Area
    definition: Definition
    parameters: Mapping[str, Value]

    @property
    def variables(self) -> dict[str, Value]:
        """The case's variables, times and decimals typed."""
        return self.definition.dictionary.decode(self.case.variables)

    @property
    def env(self) -> dict[str, Value]:
        """What FEEL reads besides the variables."""
        return environment(
            self.parameters,
            self.area,
            code=self.case.code,
            opened_at=self.case.opened_at,
            by_staff=self.case.opened_by is not None,
        )


def environment(
    parameters: Mapping[str, Value], area: Area, *, code: str, opened_at: datetime, by_staff: bool
) -> dict[str, Value]:
    """The names `parameters` and `case` as FEEL reads them."""
    facts = {
        "code": code,
        "opened_at": opened_at.astimezone(clock.LOCAL),
        "by_staff": by_staff,
        "unit": area.unit_code,
        "unit_name": area.unit_name,
        "place_name": area.place_name or area.unit_name,
    }
    return {"parameters": dict(parameters), "case": facts}


def by_task(session: Session, task_id: int, now: datetime) -> Held | None:
    """Case and task in one lock: locking the case alone would show the second clerk a stale open task."""
    statement = _select(now, Task).join(Task, col(Task.case_id) == col(Case.id)).where(col(Task.id) == task_id)
    return _one(session, statement.with_for_update(of=[Case, Task]))


def by_case(session: Session, case_id: int, now: datetime) -> Held | None:
    """The case alone, locked."""
    statement = _select(now, None).where(col(Case.id) == case_id)
    return _one(session, statement.with_for_update(of=[Case]))


def by_timer(session: Session, case_id: int, key: int, now: datetime) -> Held | None:
    """Case and due timer locked together, or None when it is gone, not due, or somebody else is at the case."""
    statement = (
        _select(now, Timer)
        .join(Timer, col(Timer.case_id) == col(Case.id))
        .where(
            col(Timer.case_id) == case_id, col(Timer.key) == key, col(Timer.due_at) <= now, col(Timer.held).is_(False)
        )
    )
    return _one(session, statement.with_for_update(of=[Case, Timer], skip_locked=True))


def deviations(session: Session, procedure: str, path: str, now: datetime) -> dict[str, Any]:
    """What areas along `path` set otherwise; the nearest unit, then the newest setting wins."""
    rows = session.scalar(select(_settings(literal(procedure), literal(path), now)))
    return _nearest(rows, path)


def _select(now: datetime, about: type[Task] | type[Timer] | None) -> Select[Any]:
    statement: Select[Any] = (
        select(  # type: ignore[call-overload]
            Case,
            about if about is not None else literal(None).label("nothing"),
            Unit.code,
            Unit.name,
            Unit.path,
            _Place.name,
            _Place.path,
            _settings(col(DefinitionRow.key), col(Unit.path), now).label("settings"),
        )
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .outerjoin(_Place, col(Case.place_id) == col(_Place.id))
        .execution_options(populate_existing=True)
    )
    return statement


def _settings(procedure: Any, path: Any, now: datetime) -> Any:
    """All settings in force along a path, as JSON rows [parameter, unit, value, valid from]."""
    row = func.jsonb_build_array(Setting.parameter, Setting.unit_id, Setting.value, Setting.valid_from)
    return (
        select(func.jsonb_agg(row))
        .where(
            col(Setting.procedure) == procedure,
            func.strpos(path, func.concat("/", Setting.unit_id, "/")) > 0,
            col(Setting.valid_from) <= now,
        )
        .scalar_subquery()
    )


def _nearest(rows: list[list[Any]] | None, path: str) -> dict[str, Any]:
    order = [int(part) for part in path.split("/") if part]
    ranked = sorted(rows or (), key=lambda row: (order.index(row[1]), row[3]))
    return {parameter: value for parameter, _unit, value, _since in ranked}


def _one(session: Session, statement: Select[Any]) -> Held | None:
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    case, about, code, name, path, place_name, place_path, settings = row
    definition = catalogue.by_id(session, case.definition_id)
    return Held(
        case=case,
        task=about if isinstance(about, Task) else None,
        timer=about if isinstance(about, Timer) else None,
        area=Area(case.unit_id, code, name, path, case.place_id, place_name, place_path),
        definition=definition,
        parameters=parameters_for(definition, _nearest(settings, path)),
    )
