"""Limits and timers that stand still while a case waits somewhere, or because an administrator has stopped them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import calendar, engine
from tongxin.cases import statements
from tongxin.cases.held import Held
from tongxin.engine import Due, Node, Process
from tongxin.events import Happening

Names = tuple[str | None, ...]
"""Because of what a clock stands still: names of steps; None: an administrator has stopped it."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a step does to the clocks of a case. `standing`: those that stand still after it, by key."""

    standing: Mapping[int, Names] = field(default_factory=dict)
    tasks: Sequence[Row] = ()
    timers: Sequence[Row] = ()
    happenings: Sequence[Happening] = ()

    def task(self, key: int, due: Due | None, now: datetime) -> Row:
        """The times of a task just opened."""
        times = self.timer(key, due, now)
        if times["paused_at"]:
            return {**times, "paused_due_at": times["due_at"], "due_at": None}
        return times

    def timer(self, key: int, due: Due | None, now: datetime) -> Row:
        """The times of a timer just set."""
        stands = key in self.standing and due is not None and due.at > now
        return {
            "due_at": due and due.at,
            "derivation": due and due.derivation,
            "paused_at": now if stands else None,
            "paused_by": self.standing[key] if stands else None,
        }


@dataclass(frozen=True, slots=True)
class _Clock:
    """A task's limit or a timer as it is in the database; when paused, `due_at` says when it was due until then."""

    kind: str
    key: int
    node: str
    name: str | None
    due_at: datetime | None
    derivation: Mapping[str, Any] | None
    paused_at: datetime | None
    paused_by: list[str | None] | None

    def is_ahead(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at > now

    def standing(self, now: datetime, by: Names) -> Row:
        """Its times while it stands still; everything that made it so is kept."""
        known = dict.fromkeys((*(self.paused_by or ()), *by))
        times = {"paused_at": self.paused_at or now, "paused_due_at": self.due_at, "paused_by": list(known)}
        due_at = None if self.kind == "task" else self.due_at
        return {"key": self.key, "due_at": due_at, "derivation": self.derivation, **times}

    def due_after(self, now: datetime) -> Due:
        """When it is due if it goes on now; the calendar may have changed while it stood still."""
        assert self.due_at is not None and self.paused_at is not None  # only what was ahead begins to stand still
        due, facts = self.due_at.astimezone(now.tzinfo), self.derivation or {}
        anew = calendar.recounted(facts, due)
        if anew is not None:
            due, facts = anew, anew.derivation
        return Due(*calendar.resumed(due, facts, self.paused_at, now, self.paused_by or ()))

    def running(self, due: Due) -> Row:
        """Its times once it goes on."""
        return {"key": self.key, "due_at": due.at, "derivation": due.derivation}


def settled(
    session: Session,
    held: Held,
    step: engine.Step,
    now: datetime,
    *,
    before: Process | None = None,
    stopped: bool | None = None,
) -> tuple[engine.Step, Clocks]:
    """The step with what it does to clocks; reads only. Raises engine.Failed as setting a timer does.

    `before`: the process the case has followed until now, when that is another one. `stopped`: an administrator stops
    all clocks, or starts them again. What was due before it began to stand still stays as it is.
    """
    was_stopped = held.case.paused_at is not None
    stopped = was_stopped if stopped is None else stopped
    process = held.definition.process
    had = _standing(before or process, held.case.state, stopped=was_stopped)
    has = {} if step.ended else _standing(process, step.state, stopped=stopped)
    standing = {key: _names(process, by) for key, by in has.items()}
    begun = {task.key for task in step.opened} | {timer.key for timer in step.timers_set}
    over = {closed.key for closed in step.closed} | set(step.timers_cleared)
    changed = {key for key in had.keys() | has.keys() if had.get(key) != has.get(key)} - begun - over
    if not changed or step.ended:
        return step, Clocks(standing)
    rows = [row for row in _rows(session, held.case.id, changed) if row.key not in over]
    stops = [row for row in rows if row.key in standing and row.paused_at is None and row.is_ahead(now)]
    stands = [row for row in rows if row.key in standing and row.paused_at is not None]
    goes_on = [row for row in rows if row.key not in standing and row.paused_at is not None]
    step, dues = _gone_on(held, step, goes_on, now)
    written = [row.standing(now, standing[row.key]) for row in (*stops, *stands)]
    written += [row.running(dues[row.key]) for row in goes_on]
    happenings = (
        [] if stopped != was_stopped else [*_stopped(process, stops, standing), *_went_on(process, goes_on, dues)]
    )
    kinds = {row.key: row.kind for row in rows}
    tasks = [row for row in written if kinds[row["key"]] == "task"]
    return step, Clocks(standing, tasks, [row for row in written if row not in tasks], happenings)


def _standing(process: Process, state: bytes, *, stopped: bool) -> dict[int, tuple[str | None, ...]]:
    """What stands still, by key, because of which nodes; None: an administrator has stopped it."""
    if not state:
        return {}
    found: dict[int, tuple[str | None, ...]] = dict(engine.paused(process, state))
    if stopped:
        found |= {key: (*found.get(key, ()), None) for key in engine.clocks(process, state)}
    return found


def _names(process: Process, nodes: Names) -> Names:
    return tuple(dict.fromkeys(node if node is None else _name(process.nodes[node]) for node in nodes))


def _name(node: Node) -> str:
    return node.name or node.id


def _rows(session: Session, case_id: int, keys: Collection[int]) -> list[_Clock]:
    found = session.connection().execute(statements.CLOCKS, {"case": case_id, "keys": list(keys)})
    return [_Clock(*row) for row in found]


def _gone_on(
    held: Held, step: engine.Step, rows: Sequence[_Clock], now: datetime
) -> tuple[engine.Step, Mapping[int, Due]]:
    """The step, its timers going on, and when everything is due by what was left; timers that read `due` follow it."""
    if not rows:
        return step, {}
    dues = {row.key: row.due_after(now) for row in rows}
    tasks = {row.key: dues[row.key] for row in rows if row.kind == "task"}
    timers = {row.key: dues[row.key] for row in rows if row.kind == "timer"}
    env = {**held.env, **step.stored}
    anew = engine.retimed(held.definition.process, step.state, step.variables, tasks, timers, now, env)
    return replace(step, state=anew.state), {**dues, **anew.timers}


def _stopped(process: Process, rows: Sequence[_Clock], standing: Mapping[int, Names]) -> list[Happening]:
    if not rows:
        return []
    by = dict.fromkeys(name for row in rows for name in standing[row.key])
    steps = dict.fromkeys(_said(process, row) for row in _of_their_own(process, rows))
    return [Happening("clock_paused", {"steps": list(steps), "by": list(by)})]


def _went_on(process: Process, rows: Sequence[_Clock], dues: Mapping[int, Due]) -> list[Happening]:
    limits = [{"name": _said(process, row), "due_at": dues[row.key].at} for row in _of_their_own(process, rows)]
    return [Happening("clock_resumed", {"limits": limits})] if rows else []


def _of_their_own(process: Process, rows: Sequence[_Clock]) -> list[_Clock]:
    """Without the timers on the edge of a task that is there, too."""
    tasks = {row.node for row in rows if row.kind == "task"}
    return [row for row in rows if row.kind == "task" or process.nodes[row.node].attached_to not in tasks]


def _said(process: Process, row: _Clock) -> str:
    return row.name or _name(process.nodes[row.node])
