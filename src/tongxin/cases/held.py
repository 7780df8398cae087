"""A case held for one step: its row, the task or timer it is about, where it lives and what is set there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Select
from sqlmodel import Session

from tongxin import clock, engine, workdays
from tongxin.cases import statements
from tongxin.cases.models import Case, Task, Timer
from tongxin.events import Actor
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition, parameters_for

Value = Any


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

    @classmethod
    def of(cls, unit: Unit, place: Unit | None) -> Self:
        """The area of a unit and a place in it."""
        where = (place.id, place.name, place.path) if place else (None, None, None)
        return cls(unit.id, unit.code, unit.name, unit.path, *where)

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
    stores: Mapping[str, Value] = field(default_factory=dict)  # what all cases of the procedure share

    @property
    def variables(self) -> dict[str, Value]:
        """The case's variables, times and decimals typed."""
        return self.definition.dictionary.decode(self.case.variables)

    @property
    def env(self) -> dict[str, Value]:
        """What FEEL reads besides the variables."""
        return self.env_at(None)

    def env_at(self, level: str | None) -> dict[str, Value]:
        """The same once the case is handed over to a level."""
        found = environment(
            self.parameters,
            self.area,
            case_id=self.case.id,
            code=self.case.code,
            opened_at=self.case.opened_at,
            by=self.case.opener,
            level=level or self.case.level,
            reminders=self.case.reminders,
        )
        return {**self.stores, **found}

    def level_of(self, task: Task) -> str | None:
        """The level that an open task asked for when it opened."""
        lane = self.definition.process.nodes[task.node].lane
        if lane.level_by is None:
            return lane.level
        return engine.lane_of(self.definition.process, self.case.state, task.key)[1]

    def seen(self, task: Task | None) -> dict[str, Value]:
        """The variables as a task's form sees them: in a called process others than the case's own."""
        nodes = self.definition.process.nodes
        if task is None or not any(nodes[one].keeps_values for one in nodes[task.node].scope):
            return {**self.variables, **(task.local if task else {})}
        seen = engine.seen(self.definition.process, self.case.state, self.variables, task.key, clock.now(), self.env)
        return dict(seen)


def environment(
    parameters: Mapping[str, Value],
    area: Area,
    *,
    code: str,
    opened_at: datetime,
    by: Actor,
    level: str,
    reminders: int = 0,
    case_id: int | None = None,
) -> dict[str, Value]:
    """The names `parameters` and `case` as FEEL reads them. `case_id`: None while there is no case yet."""
    facts = {
        "id": None if case_id is None else str(case_id),
        "code": code,
        "opened_at": opened_at.astimezone(clock.LOCAL),
        "opened_by": None if by.account_id is None else str(by.account_id),
        "by_staff": by.kind != "reporter",
        "level": level,
        "reminders": reminders,
        "unit": area.unit_code,
        "unit_name": area.unit_name,
        "place_name": area.place_name or area.unit_name,
    }
    return {"parameters": dict(parameters), "case": facts}


def by_task(session: Session, task_id: int, now: datetime) -> Held | None:
    """Case and task, locked together."""
    return _one(session, statements.LOCK_BY_TASK, task=task_id, now=now)


def for_token(session: Session, task_id: int, token: str, now: datetime) -> tuple[Person, Held] | None:
    """The account a bearer token acts as, with case and task locked together: a call's two look-ups as one."""
    asked = {"task": task_id, "now": now, **identity.asking(token, now)}
    row = session.execute(statements.LOCK_FOR_TOKEN, asked).one_or_none()
    return None if row is None else (identity.token_holder(row.rows), _held(session, row[:-1], lock=True))


def to_read(session: Session, task_id: int, now: datetime) -> Held | None:
    """Case and task to look at: nobody waits for readers, and nothing may be written from what they see."""
    return _one(session, statements.READ_BY_TASK, task=task_id, now=now)


def by_case(session: Session, case_id: int, now: datetime) -> Held | None:
    """The case alone, locked."""
    return _one(session, statements.LOCK_BY_CASE, case=case_id, now=now)


def by_timer(session: Session, case_id: int, key: int, now: datetime) -> Held | None:
    """Case and due timer locked together, or None when it is gone, not due, or somebody else is at the case."""
    return _one(session, statements.LOCK_BY_TIMER, case=case_id, key=key, now=now)


def deviations(session: Session, procedure: str, path: str, now: datetime) -> dict[str, Any]:
    """What areas along `path` set otherwise; the nearest unit, then the newest setting wins.

    And the calendar, as everywhere where a case is begun to be read, is the one in force.
    """
    parameters = {"procedure": procedure, "path": path, "now": now}
    settings, version = session.execute(statements.SETTINGS_ALONG, parameters).one()
    workdays.keep_up(session, version)
    return _nearest(settings, path)


def calls_under_way(definition: Definition, case: Case) -> set[str]:
    """Nodes at which a case waits for an outside system."""
    nodes = definition.process.nodes
    standing = engine.live_nodes(case.state).values()
    return {node for node in standing if node in nodes and nodes[node].action}


def _nearest(rows: list[list[Any]] | None, path: str) -> dict[str, Any]:
    order = [int(part) for part in path.split("/") if part]
    ranked = sorted(rows or (), key=lambda row: (order.index(row[1]), row[3]))
    return {parameter: value for parameter, _unit, value, _since in ranked}


def _one(session: Session, statement: Select[Any], **parameters: Any) -> Held | None:
    row = session.execute(statement, parameters).one_or_none()
    return None if row is None else _held(session, row, lock=statement is not statements.READ_BY_TASK)


def shared(session: Session, definition: Definition, *, lock: bool = True) -> dict[str, Value]:
    """The procedure's data stores, if it has any."""
    names = definition.process.stores & definition.dictionary.properties.keys()
    if not names:
        return {}
    if lock:
        made = [{"procedure": definition.key, "name": name, "now": clock.now()} for name in sorted(names)]
        session.execute(statements.MAKE_STORES, made)  # what is not there cannot be locked
    statement = statements.LOCK_STORES if lock else statements.STORES
    rows = session.execute(statement, {"procedure": definition.key}).all()
    return dict.fromkeys(names) | definition.dictionary.decode({name: value for name, value in rows if name in names})


def _held(session: Session, row: Sequence[Any], *, lock: bool) -> Held:
    case, about, code, name, path, place_name, place_path, settings, version = row
    workdays.keep_up(session, version)
    definition = catalogue.by_id(session, case.definition_id)
    return Held(
        case=case,
        task=about if isinstance(about, Task) else None,
        timer=about if isinstance(about, Timer) else None,
        area=Area(case.unit_id, code, name, path, case.place_id, place_name, place_path),
        definition=definition,
        parameters=parameters_for(definition, _nearest(settings, path)),
        stores=shared(session, definition, lock=lock),
    )
