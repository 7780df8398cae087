"""What got stuck: entered once for each cause, timers held back and let go again, what was settled by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from tongxin import clock
from tongxin.cases import save
from tongxin.cases.models import Case, Incident, Timer
from tongxin.events import SYSTEM, Actor, Happening

Kind = Literal["task", "message", "timer", "call", "start"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried: a form handed in, a message delivered, a timer fired, a call's answer brought back."""

    kind: Kind
    node: str  # of a message its name
    key: int
    given: Mapping[str, Any] = field(default_factory=dict)


def hold_timer(session: Session, case: Case, timer: Timer, cause: str) -> None:
    """Keep a timer back that could not even be tried; `case` is locked."""
    set_held(session, timer, True)
    enter(session, case, None, Attempt("timer", timer.node, timer.key), cause, SYSTEM, clock.now())


def release_timer(session: Session, case: Case, timer: Timer, by: Actor) -> None:
    """Let a timer that was held back try again; `case` is locked."""
    set_held(session, timer, False)
    about = (col(Incident.node) == timer.node, col(Incident.task_id).is_(None))
    session.execute(update(Incident).where(*_open(case), *about).values(retried_at=clock.now()))
    save.record(session, case, [Happening("timer_released", {"node": timer.node})], by, clock.now())


def set_held(session: Session, timer: Timer, held: bool) -> None:
    """The sweeper passes over a held timer."""
    mine = (col(Timer.case_id) == timer.case_id, col(Timer.key) == timer.key)
    session.execute(update(Timer).where(*mine).values(held=held))


def enter(
    session: Session, case: Case, task_id: int | None, attempt: Attempt, cause: str, by: Actor, now: datetime
) -> None:
    """Once for each cause: trying again what is still stuck is counted. A retry that fails otherwise ends the old."""
    mine = (*_open(case), col(Incident.node) == attempt.node)
    known = session.exec(select(Incident).where(*mine, col(Incident.cause) == cause)).first()
    latest = {"input": dict(attempt.given), "by_kind": by.kind, "by_id": by.account_id, "key": attempt.key}
    if known is not None:
        again = {"times": known.times + 1, "last_at": now, "retried_at": None, "kind": attempt.kind, **latest}
        session.execute(update(Incident).where(col(Incident.id) == known.id).values(**again))
        return
    session.execute(update(Incident).where(*mine, col(Incident.retried_at).is_not(None)).values(resolved_at=now))
    row = {"case_id": case.id, "task_id": task_id, "kind": attempt.kind, "node": attempt.node, "cause": cause}
    session.execute(insert(Incident), [{**row, **latest, "at": now, "times": 1}])
    save.record(session, case, [Happening("incident", {"node": attempt.node, "cause": cause})], by, now)


def end_start(session: Session, case_id: int, procedure: str, once: str) -> None:
    """What a case's message was to begin has begun after all."""
    mine = (col(Incident.case_id) == case_id, col(Incident.kind) == "start", col(Incident.node) == procedure)
    open_ones = update(Incident).where(*mine, col(Incident.resolved_at).is_(None))
    session.execute(open_ones.where(col(Incident.input)["once"].astext == once).values(resolved_at=clock.now()))


def _open(case: Case) -> tuple[Any, ...]:
    return (col(Incident.case_id) == case.id, col(Incident.resolved_at).is_(None))
