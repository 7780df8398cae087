"""The sweeper: finds due timers by our clock and fires each in a transaction of its own."""

from threading import Event as Stop

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col, select

from tongxin import clock, db
from tongxin.cases import held, incidents, lifecycle
from tongxin.cases.models import Case, Timer
from tongxin.words import _
from tongxin.worker import schedules

BATCH = 100
PAUSE_SECONDS = 1.0
log = structlog.get_logger()


def run(transactions: db.Transactions, stop: Stop) -> None:
    """Sweep until told to stop; a database that is away for a while is waited for."""
    while not stop.is_set():
        try:
            fired = sweep(transactions) + schedules.sweep(transactions)
        except SQLAlchemyError as error:
            log.warning("sweep_failed", error=str(error).splitlines()[0])
            fired = 0
        if fired == 0:
            stop.wait(PAUSE_SECONDS)


def sweep(transactions: db.Transactions) -> int:
    """Fire what is due now, at most BATCH; returns how many. Safe to run on any number of machines at once."""
    return sum(_fire_or_hold(transactions, case_id, key) for case_id, key in _due(transactions))


def _fire_or_hold(transactions: db.Transactions, case_id: int, key: int) -> bool:
    """A mistake of ours in one case must not stop the timers of all others."""
    try:
        return fire(transactions, case_id, key)
    except (OperationalError, InterfaceError, PoolTimeout):
        raise  # the database is away: nothing is wrong with the timer
    except Exception as error:
        log.error("timer_failed", case=case_id, key=key, exc_info=error)
        _hold(transactions, case_id, key, str(error))
        return False


def _hold(transactions: db.Transactions, case_id: int, key: int, cause: str) -> None:
    """Case before timer, as every step locks them."""
    with transactions() as session:
        case = session.get(Case, case_id, with_for_update=True)
        timer = session.get(Timer, (case_id, key), with_for_update=True)
        if case is not None and timer is not None:
            incidents.hold_timer(session, case, timer, _("到时处理出错：{cause}", cause=cause)[:1000])


def _due(transactions: db.Transactions) -> list[tuple[int, int]]:
    with transactions() as session:
        statement = (
            select(Timer.case_id, Timer.key)
            .where(col(Timer.due_at) <= clock.now(), col(Timer.held).is_(False), col(Timer.paused_at).is_(None))
            .order_by(col(Timer.due_at), col(Timer.case_id), col(Timer.key))
            .limit(BATCH)
        )
        return list(session.exec(statement).all())


def fire(transactions: db.Transactions, case_id: int, key: int) -> bool:
    """One timer. A row gone, moved or locked by somebody else means it is not ours to fire."""
    with transactions() as session:
        found = held.by_timer(session, case_id, key, clock.now())
        if found is None:
            return False
        outcome = lifecycle.fire_timer(session, found)
        if outcome.incident:
            log.error("timer_failed", case=outcome.code, cause=outcome.incident)
        return True
