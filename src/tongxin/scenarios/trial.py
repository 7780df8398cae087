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
from tongxin.scenarios.starts import Starts
from tongxin.scenarios.verdict import Differs, Unfit
from tongxin.words import _, retold
from tongxin.worker import timers
from tongxin.worker.tasks import Stuck, Tasks

MOST_FIRINGS = 1000  # within one wait: more is a diagram whose timers chase each other
_T = TypeVar("_T")

_JOBS = text("""
    SELECT id, task_name, args FROM procrastinate_jobs
    WHERE status = 'todo' AND task_name = ANY(:tasks) AND CAST(args->>'case_id' AS bigint) > :before
      AND (task_name <> 'call_connector' OR args->>'action' LIKE 'platform.%')
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
    """A case of the scenario, what it follows, and by whose name it was opened (nobody's: by itself)."""

    case_id: int
    definition: Definition
    by: str = ""


@dataclass(slots=True)
class Trial:
    """What the steps act on. Only cases opened here are ever touched, whatever else is due or waiting.

    `definitions`: the procedure told of, first, and those it can have to do with. The transaction sees nothing that
    others write meanwhile, so every case newer than `before` is one of its own.
    """

    connection: Connection
    standing: StandingClock
    definitions: Sequence[Definition]
    organisation: Organisation
    starts: Starts
    before: int
    cases: dict[str, Opened] = field(default_factory=dict)
    trail: list[tuple[str, str]] = field(default_factory=list)  # (case, node or flow), each once a case

    @property
    def definition(self) -> Definition:
        """The procedure told of."""
        return self.definitions[0]

    def procedure(self, key: str | None) -> Definition:
        """One of the procedures here by its key, the one told of without one; raises Unfit."""
        return _known({one.key: one for one in self.definitions}, key or self.definition.key, "procedure")

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
            "open_case": tasks.open_case,
            "tell_end": tasks.tell_end,
            "catch_up_end": tasks.catch_up_end,
            "call_connector": tasks.answer_for_platform,
        }
        while job := self.connection.execute(_JOBS, {"tasks": list(known), "before": self.before}).one_or_none():
            self.connection.execute(_DONE, {"job": job.id})
            try:
                known[job.task_name](**job.args)
            except Stuck:
                break  # the incident says why
        with self.transaction() as session:
            self._note_trail(session)
            self._refuse_incident(session)

    def wait(self, duration: timedelta) -> None:
        """Let time pass; each timer fires at its own time, also one that another has only just set."""
        until = self.standing.at + duration
        for _firing in range(MOST_FIRINGS):
            timer, begins = self._next_due(until), self.starts.next_at(until)
            if timer is None and begins is None:
                self.standing.at = until
                return
            if timer is None or (begins is not None and begins < timer.due_at):
                assert begins is not None  # one of the two is there
                self.standing.at = max(self.standing.at, begins.astimezone(clock.LOCAL))
                with self.transaction() as session:
                    self.starts.begin(session, self.standing.at)
            else:
                self.standing.at = max(self.standing.at, timer.due_at.astimezone(clock.LOCAL))
                timers.fire(self.transaction, timer.case_id, timer.key)
            self.settle()
        raise Differs(
            _("计时"),
            _("一段时间里最多触发 {most} 次", most=MOST_FIRINGS),
            _("还在不停触发，请检查图里的循环"),
        )

    def find(self, name: str, key: str, number: int, unit: str | None) -> None:
        """Name a case that was opened by itself; raises Unfit."""
        definition, taken = self.procedure(key), {one.case_id for one in self.cases.values() if one.by}
        where = [col(Case.id) > self.before, col(Case.definition_id) == definition.id]
        where += [col(Case.unit_id) == self.unit(unit).id] if unit else []
        with self.transaction() as session:
            rows = session.exec(select(Case.id).where(*where).order_by(col(Case.id))).all()
        found = [one for one in rows if one not in taken]
        if not 1 <= number <= len(found):
            raise Unfit("number", _("1 到 {n} 之间", n=len(found)) if found else _("还没有这样的事项"), str(number))
        self.cases[name] = Opened(found[number - 1], definition)

    def _next_due(self, until: datetime) -> Timer | None:
        with self.transaction() as session:
            return session.exec(
                select(Timer)
                .where(col(Timer.case_id) > self.before)
                .where(col(Timer.due_at) <= until, col(Timer.held).is_(False), col(Timer.paused_at).is_(None))
                .order_by(col(Timer.due_at), col(Timer.case_id), col(Timer.key))
                .limit(1)
            ).first()

    def _note_trail(self, session: Session) -> None:
        """Of the procedure told of; a case without a name goes by its code."""
        seen, names = set(self.trail), {one.case_id: name for name, one in self.cases.items()}
        mine = (col(Case.id) > self.before, col(Case.definition_id) == self.definition.id)
        for case in session.exec(select(Case).where(*mine).order_by(col(Case.id))).all():
            name = names.get(case.id, case.code)
            self.trail += [(name, node) for node in case.visited if (name, node) not in seen]

    def _refuse_incident(self, session: Session) -> None:
        incident = session.exec(select(Incident).where(col(Incident.case_id) > self.before)).first()
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
