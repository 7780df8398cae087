"""The world of one trial: a transaction nobody commits, a clock of its own, the cases it has opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlmodel import Session, col, select

from tongxin import clock, config, db
from tongxin.cases.models import Case, Incident, Timer
from tongxin.people import identity
from tongxin.people.identity import Person
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition
from tongxin.scenarios.organisation import Organisation
from tongxin.scenarios.verdict import Differs, Unfit
from tongxin.words import _, retold
from tongxin.worker import timers
from tongxin.worker.tasks import Tasks

MOST_FIRINGS = 1000  # within one wait: more is a diagram whose timers chase each other
_T = TypeVar("_T")

_JOBS = text("""
    SELECT id, task_name, args FROM procrastinate_jobs
    WHERE status = 'todo' AND task_name = ANY(:tasks) AND CAST(args->>'case_id' AS bigint) = ANY(:cases)
    ORDER BY id LIMIT 1
""")
_DONE = text("DELETE FROM procrastinate_jobs WHERE id = :job")


class StandingClock:
    """A clock that only moves when it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Opened:
    """A case of the scenario, and by whose name it was opened."""

    case_id: int
    by: str


@dataclass(slots=True)
class Trial:
    """What the steps act on. Only cases opened here are ever touched, whatever else is due or waiting."""

    connection: Connection
    standing: StandingClock
    definition: Definition
    organisation: Organisation
    cases: dict[str, Opened] = field(default_factory=dict)
    trail: list[tuple[str, str]] = field(default_factory=list)  # (case, node or flow), each once a case

    @property
    def transaction(self) -> db.Transactions:
        """A transaction inside the trial's."""
        return partial(db.savepoint, self.connection)

    def case(self, name: str) -> Opened:
        """The case of that name; raises Unfit."""
        return _known(self.cases, name, "case")

    def unit(self, name: str) -> Unit:
        """The unit of that name; raises Unfit."""
        return _known(self.organisation.units, name, _("单位"))

    def person(self, session: Session, name: str) -> Person | None:
        """Somebody as they would sign in now; None for a resident. Raises Unfit."""
        account_id = _known(self.organisation.people, name, "people").account_id
        return None if account_id is None else identity.by_account(session, account_id, clock.now())

    def account(self, name: str) -> str:
        """A person as forms know them; raises Unfit for a resident, too."""
        staff = {one.name: one for one in self.organisation.people.values() if one.account_id is not None}
        return str(_known(staff, name, "people").account_id)

    def settle(self) -> None:
        """Do the work between cases that the last step left for later; raises Differs on an incident."""
        tasks = Tasks(self.transaction, config.settings())
        # notices stay in the house, and outside systems are never called from a trial
        known: dict[str, Callable[..., None]] = {
            "deliver_message": tasks.deliver_message,
            "catch_up": tasks.catch_up,
            "pass_on": tasks.pass_on,
        }
        while job := self.connection.execute(_JOBS, {"tasks": list(known), "cases": self._ours}).one_or_none():
            self.connection.execute(_DONE, {"job": job.id})
            known[job.task_name](**job.args)
        with self.transaction() as session:
            self._note_trail(session)
            self._refuse_incident(session)

    def wait(self, duration: timedelta) -> None:
        """Let time pass; each timer fires at its own time, also one that another has only just set."""
        until = self.standing.at + duration
        for _firing in range(MOST_FIRINGS):
            timer = self._next_due(until)
            if timer is None:
                self.standing.at = until
                return
            self.standing.at = max(self.standing.at, timer.due_at.astimezone(clock.LOCAL))
            timers.fire(self.transaction, timer.case_id, timer.key)
            self.settle()
        raise Differs(
            _("计时"),
            _("一段时间里最多触发 {most} 次", most=MOST_FIRINGS),
            _("还在不停触发，请检查图里的循环"),
        )

    @property
    def _ours(self) -> list[int]:
        return [one.case_id for one in self.cases.values()]

    def _next_due(self, until: datetime) -> Timer | None:
        with self.transaction() as session:
            return session.exec(
                select(Timer)
                .where(col(Timer.case_id).in_(self._ours))
                .where(col(Timer.due_at) <= until, col(Timer.held).is_(False), col(Timer.paused_at).is_(None))
                .order_by(col(Timer.due_at), col(Timer.case_id), col(Timer.key))
                .limit(1)
            ).first()

    def _note_trail(self, session: Session) -> None:
        seen = set(self.trail)
        for name, one in self.cases.items():
            visited = session.get_one(Case, one.case_id).visited
            self.trail += [(name, node) for node in visited if (name, node) not in seen]

    def _refuse_incident(self, session: Session) -> None:
        incident = session.exec(select(Incident).where(col(Incident.case_id).in_(self._ours))).first()
        if incident is not None:
            raise Differs(
                _("办理"), _("没有故障"), _("{node}：{cause}", node=incident.node, cause=retold(incident.cause))
            )


def _known(things: Mapping[str, _T], name: str, what: str) -> _T:
    if name not in things:
        raise Unfit(
            what, _listed([one for one in things if one]), _("没有“{name}”", name=name) if name else _("没有写是哪一件")
        )
    return things[name]


def _listed(names: Sequence[str]) -> str:
    return _("、").join(names) or _("还没有")
