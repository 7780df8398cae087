"""Runs a scenario: every step through the platform's own verbs, in a transaction that is rolled back."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sqlalchemy import Connection, Engine, func
from sqlmodel import Session, col, select

from tongxin import clock, db, engine, feel
from tongxin.cases.assign import NobodyAnswers
from tongxin.cases.models import Case
from tongxin.cases.operations import OperationFailed
from tongxin.people.directory import NoSuchUnit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition
from tongxin.procedures.package import Package
from tongxin.scenarios import deeds, expectations, neighbours, organisation
from tongxin.scenarios.script import (
    STEPS,
    Claim,
    Complete,
    Deed,
    Expect,
    Find,
    Message,
    Refused,
    Release,
    Scenario,
    Start,
    Step,
    Wait,
)
from tongxin.scenarios.starts import Starts
from tongxin.scenarios.trial import StandingClock, Trial
from tongxin.scenarios.verdict import Differs, Stopped, Unfit
from tongxin.words import _, told

_BROKEN = (engine.Failed, NobodyAnswers, OperationFailed, NoSuchUnit, feel.FeelError)


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a scenario stopped: the step (from 1; 0 = before the first), what about it, and the two sides."""

    step: int
    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a scenario. `trail`: (case, node or flow) in the order of the first visit."""

    scenario: Scenario
    steps: int  # how many were done
    failure: Failure | None
    trail: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every step went as written."""
        return self.failure is None


def run(scenario: Scenario, package: Package, database: Engine, beside: Sequence[Package] = ()) -> Report:
    """Try a package out; nothing of it remains in the database. Raises what compiling the package raises.

    `beside`: packages of other procedures that cases of this one may begin, send to or hear from.
    """
    began = time.perf_counter()
    standing = StandingClock(scenario.clock)
    definitions: list[Definition] = []
    with database.connect().execution_options(isolation_level="REPEATABLE READ") as connection, clock.moved(standing):
        transaction = connection.begin()
        try:
            with db.savepoint(connection) as session:
                for one in (package, *neighbours.of(package, scenario, beside)):
                    definitions.append(catalogue.try_out(session, one))
            done, failure, trail = _play(scenario, connection, standing, definitions)
        finally:
            transaction.rollback()
            for definition in definitions:
                catalogue.forget(definition)
    return Report(scenario, done, failure, trail, time.perf_counter() - began)


def coverage(reports: Iterable[Report], process: engine.Process) -> frozenset[str]:
    """The nodes and flows that none of the scenarios came to."""
    visited = {node for report in reports for _case, node in report.trail}
    return frozenset({*process.nodes, *process.flows} - visited)


def _play(
    scenario: Scenario, connection: Connection, standing: StandingClock, definitions: Sequence[Definition]
) -> tuple[int, Failure | None, tuple[tuple[str, str], ...]]:
    try:
        with db.savepoint(connection) as session:
            founded = organisation.found(session, scenario, standing.at)
            before = session.exec(select(func.coalesce(func.max(Case.id), 0))).one()
    except Stopped as stopped:
        return 0, _failure(0, _("准备"), stopped), ()
    starts = Starts(definitions, (unit.id for unit in founded.units.values()), standing.at)
    trial = Trial(connection, standing, definitions, founded, starts, before)
    for number, step in enumerate(scenario.steps, 1):
        try:
            _do(trial, step)
            trial.settle()
        except Stopped as stopped:
            return number - 1, _failure(number, _told(step), stopped), tuple(trial.trail)
    return len(scenario.steps), None, tuple(trial.trail)


def _do(trial: Trial, step: Step) -> None:
    """One step; raises Stopped when it does not go as written."""
    match step:
        case Wait():
            trial.wait(_duration(step.duration))
        case Find():
            trial.find(step.case, step.procedure, _number(step.number), step.unit)
        case Expect():
            with trial.transaction() as session:
                expectations.compare(trial, session, step)
        case Refused():
            _refuse(trial, step)
        case Start() | Complete() | Claim() | Release() | Message():
            _allow(trial, step)
        case _:
            assert_never(step)


def _allow(trial: Trial, step: Start | Deed) -> None:
    try:
        with trial.transaction() as session:
            if isinstance(step, Start):
                deeds.start(trial, session, step)
            else:
                deeds.do(trial, session, step)
    except deeds.REFUSALS as refusal:
        raise Differs(
            _("结果"), _("办成"), _("{reason}（{told}）", reason=deeds.reason(refusal), told=told(refusal))
        ) from None
    except _BROKEN as broken:
        raise Differs(_("结果"), _("办成"), _("流程走不下去（{told}）", told=told(broken))) from None


def _refuse(trial: Trial, step: Refused) -> None:
    """As on a page, whose answer commits even when it refuses: so nothing may have been written by then."""
    case_id = trial.case(step.deed.case).case_id
    with trial.transaction() as session:
        before = _events_of(session, case_id)
        try:
            deeds.do(trial, session, step.deed)
        except deeds.REFUSALS as refusal:
            because = deeds.reason(refusal)
            if because != step.because:
                raise Differs(
                    "because", step.because, _("{reason}（{told}）", reason=because, told=told(refusal))
                ) from None
        else:
            raise Differs("because", step.because, _("办成了"))
        if _events_of(session, case_id) != before:
            raise Differs(
                _("办件记录"),
                _("不许以后还是 {n} 条", n=before),
                _("{n} 条", n=_events_of(session, case_id)),
            )


def _events_of(session: Session, case_id: int) -> int:
    return session.exec(select(Case.chain_length).where(col(Case.id) == case_id)).one()


def _duration(text: str) -> timedelta:
    try:
        duration = feel.duration(text)
    except feel.FeelError:
        duration = None
    if not isinstance(duration, timedelta) or duration < timedelta():  # months are no fixed time
        raise Unfit("wait", _("一段时间，例如 PT15M、PT2H、P1D"), text)
    return duration


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _failure(number: int, step: str, stopped: Stopped) -> Failure:
    return Failure(number, _("{step}：{what}", step=step, what=stopped.what), stopped.expected, stopped.actual)


def _told(step: Step) -> str:
    """A step in a few words: complete check（张）."""
    if isinstance(step, Refused):
        return f"refused {_told(step.deed)}"
    name = next(name for name, kind in STEPS.items() if isinstance(step, kind))
    about = getattr(step, "task", None) or getattr(step, "name", None) or getattr(step, "case", "")
    by = getattr(step, "by", "")
    done = " ".join(part for part in (name, about) if part)
    return _("{done}（{by}）", done=done, by=by) if by else done
