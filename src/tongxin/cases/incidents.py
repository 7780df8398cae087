"""What got stuck: entered once for each cause, timers held back and let go again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from tongxin import clock
from tongxin.cases import save
from tongxin.cases.models import Case, Incident, Timer
from tongxin.events import SYSTEM, Actor, Happening


def hold_timer(session: Session, case: Case, timer: Timer, cause: str) -> None:
    """Keep a timer back that could not even be tried; `case` is locked."""
    set_held(session, timer, True)
    enter(session, case, None, timer.node, cause, {}, SYSTEM, clock.now())


def release_timer(session: Session, case: Case, timer: Timer, by: Actor) -> None:
    """Let a timer that was held back try again; `case` is locked."""
    set_held(session, timer, False)
    save.record(session, case, [Happening("timer_released", {"node": timer.node})], by, clock.now())


def set_held(session: Session, timer: Timer, held: bool) -> None:
    """The sweeper passes over a held timer."""
    mine = (col(Timer.case_id) == timer.case_id, col(Timer.key) == timer.key)
    session.execute(update(Timer).where(*mine).values(held=held))


def enter(
    session: Session,
    case: Case,
    task_id: int | None,
    node: str,
    cause: str,
    given: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Once for each cause: trying again what is still stuck adds nothing."""
    open_ones = (col(Incident.case_id) == case.id, col(Incident.node) == node, col(Incident.resolved_at).is_(None))
    if session.execute(select(col(Incident.id)).where(*open_ones, col(Incident.cause) == cause)).first():
        return
    row = {"case_id": case.id, "task_id": task_id, "node": node, "cause": cause, "input": dict(given), "at": now}
    session.execute(insert(Incident), [row])
    save.record(session, case, [Happening("incident", {"node": node, "cause": cause})], by, now)
