"""The jobs: messages between cases, notices, connectors' calls. Each may run twice and has effect once."""

from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import procrastinate
import structlog
from procrastinate import RetryStrategy
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from tongxin import clock, db, engine, jobs
from tongxin.cases import (
    family,
    held,
    incidents,
    lifecycle,
    messages,
    migrating,
    opening,
    operations,
    recounting,
    reminding,
)
from tongxin.cases.held import Held
from tongxin.cases.models import Case, Delivery, Notice
from tongxin.cases.opening import Start
from tongxin.cases.save import record
from tongxin.config import Settings
from tongxin.connectors import CallFailed, CallRefused, calls, registry
from tongxin.events import REPORTER, SYSTEM, Actor, Event, Happening
from tongxin.people.models import Account
from tongxin.procedures import catalogue
from tongxin.words import _
from tongxin.worker import upkeep

log = structlog.get_logger()
RETRIES = 5
PATIENCE = 12


class Stuck(Exception):
    """A message could not be delivered now; the case says why, and the queue tries again."""


class Tasks:
    """The jobs of one worker, bound to its database."""

    def __init__(self, transactions: db.Transactions, settings: Settings) -> None:
        self._transaction = transactions
        self._settings = settings

    def register(self, app: procrastinate.App) -> None:
        """Make the jobs known under the names they are deferred by."""
        theirs = RetryStrategy(max_attempts=RETRIES, exponential_wait=4)
        ours = RetryStrategy(max_attempts=PATIENCE, exponential_wait=2)  # only a database that is away stops these
        app.task(name="deliver_message", retry=ours)(self.deliver_message)
        app.task(name="catch_up", retry=ours)(self.catch_up)
        app.task(name="tell_end", retry=ours)(self.tell_end)
        app.task(name="catch_up_end", retry=ours)(self.catch_up_end)
        app.task(name="pass_on", retry=ours)(self.pass_on)
        app.task(name="open_case", retry=ours)(self.open_case)
        app.task(name="remind", retry=ours)(self.remind)
        app.task(name="post_notice", retry=theirs)(self.post_notice)
        app.task(name="migrate_case", retry=ours)(self.migrate_case)
        app.task(name="recount_case", retry=ours)(self.recount_case)
        app.task(name="recount_again", retry=ours)(self.recount_again)
        app.task(name="call_connector", pass_context=True, retry=theirs)(self.call_connector)

    def tidy(self) -> None:
        """Throw away what is past its time; not a job, every worker does it now and then."""
        with self._transaction() as session:
            upkeep.tidy(session, clock.now())
            calls.forget(session, clock.now())
        going_on = True
        while going_on:  # each some in a transaction of its own: they lock cases
            with self._transaction() as session:
                going_on = upkeep.make_ready(session)

    def migrate_case(
        self, case_id: int, from_id: int, definition_id: int, mapping: dict[str, str], reason: str, by: int
    ) -> None:
        """Let one case of many go over to another version; one that cannot stays, and the monitor lists it.

        A case that stands in another version than it did when this was decided is left alone.
        """
        with self._transaction() as session:
            actor = Actor("person", by)
            obstacle = migrating.by_job(session, case_id, from_id, definition_id, mapping, reason, actor)
        if obstacle is not None:
            log.info("case_not_migrated", case=case_id, cause=obstacle)

    def recount_case(self, case_id: int) -> None:
        """Count the limits of one case anew after the calendar has changed; a second time changes nothing."""
        with self._transaction() as session:
            found = held.by_case(session, case_id, clock.now())
            if found is not None and found.case.status == "open":
                recounting.recount(session, found, clock.now())

    def recount_again(self, first: str, last: str) -> None:
        """Look a second time for limits to be counted anew: steps that were under way when the calendar changed."""
        with self._transaction() as session:
            recounting.again(session, date.fromisoformat(first), date.fromisoformat(last))

    def pass_on(
        self,
        case_id: int,
        definition_id: int,
        key: int,
        node: str,
        correlation: str | None,
        payload: dict[str, Any],
    ) -> None:
        """Find who gets what a step has sent, once; when nobody does, the sender's history says so."""
        with self._transaction() as session:
            if not _first_time(session, f"{case_id}:{key}:out"):
                return
            found = held.by_case(session, case_id, clock.now())
            if found is None:
                return
            sending = catalogue.by_id(session, definition_id)  # the case may have gone over to another since
            parcel = messages.parcel_of(case_id, sending.process, key, node, correlation, payload)
            if parcel is None or sending.key != found.definition.key:
                log.warning("nothing_sent_there", case=found.case.code, node=node)
                return
            known = messages.jobs_for(session, parcel, found.area.unit_id)
            jobs.defer(session, known)
            if not known and parcel.kind == "message":
                happening = Happening("message_unanswered", {"message": parcel.name})
                record(session, found.case, [happening], SYSTEM, clock.now())

    def open_case(
        self,
        procedure: str,
        node: str,
        unit_id: int,
        payload: dict[str, Any],
        once: str,
        case_id: int | None = None,
        new_id: int | None = None,
        code: str | None = None,
        tie: str = family.CHILD,
        by: int | None = None,
    ) -> None:
        """Open a case that a message, a signal, a time or another case begins, once; `case_id`: of that other case.

        What keeps it from being opened is an incident of the sender's; a time has no sender, its job fails.
        """
        start = Start(procedure, node, unit_id, payload, once, new_id, code, tie, by)
        try:
            with self._transaction() as session:
                opening.open_by_event(session, start, case_id)
        except opening.NotOpened as obstacle:
            if case_id is None:
                raise
            with self._transaction() as session:
                found = held.by_case(session, case_id, clock.now())
                if found is not None:
                    attempt = incidents.Attempt("start", procedure, 0, asdict(start))
                    incidents.enter(session, found.case, None, attempt, str(obstacle)[:1000], SYSTEM, clock.now())

    def deliver_message(
        self,
        message_id: str,
        case_id: int,
        message: str,
        payload: dict[str, Any],
        key: int | None = None,
        kind: str = "message",
        correlation: str | None = None,
        answer: str | None = None,
    ) -> None:
        """Bring a message into a case, once. A case that no longer waits for it keeps it in its history.

        `key`: the wait it was found for. If that is gone, another one of the same name and correlation will do, in this
        case, or (of a message) in another. `answer`: the message that tells the sender when nothing waits for it.
        """
        with self._transaction() as session:
            if not _first_time(session, message_id):
                return
            found = held.by_case(session, case_id, clock.now())
            if found is None:
                raise Stuck(_("那一件还没有开。"))  # the job that opens it comes later, or tries again
            meant = messages.Meant(case_id, message, kind, correlation, key)
            wait = messages.waiting_for(session, meant)
            if wait is None:
                jobs.defer(session, other := messages.to_another(session, meant, message_id, payload))
                if not other:
                    happening = Happening("message_unclaimed", {"message": message, "payload": payload})
                    record(session, found.case, [happening], SYSTEM, clock.now())
                    if answer:
                        jobs.defer(session, [family.unanswered(session, found.case, message_id, answer)])
                return
            outcome = lifecycle.deliver_message(session, found, wait, payload)
            if outcome.incident:  # to be tried again, so not delivered yet
                session.execute(delete(Delivery).where(col(Delivery.id) == message_id))
        if outcome.incident:
            raise Stuck(outcome.incident)

    def catch_up(self, case_id: int, with_id: int) -> None:
        """A case merged into another just as that one was answered still gets the answer."""
        with self._transaction() as session:
            # waits for a step of the other that is under way: it may have looked before the tie was there
            other = held.by_case(session, with_id, clock.now())
            if other is None:
                return
            sent = session.exec(
                select(Event)
                .where(col(Event.case_id) == with_id, col(Event.kind) == "message_sent")
                .order_by(col(Event.seq).desc())
            ).first()
            if sent is None or sent.details is None:
                return
            details = sent.details
            job = family.send_job(with_id, details["effect"], case_id, details["message"], details["payload"])
            jobs.defer(session, [job])

    def remind(self, case_id: int, text: str) -> None:
        """A resident asks that their case goes on; too early, or when it is over, nothing comes of it."""
        with self._transaction() as session:
            found = held.by_case(session, case_id, clock.now())
            if found is not None:
                with suppress(lifecycle.NotReady, lifecycle.InvalidValues):
                    reminding.remind(session, found, text, REPORTER)

    def tell_end(self, case_id: int) -> None:
        """Tell those that wait for the end of a closed case; each is told once, by a job of its own."""
        with self._transaction() as session:
            case = session.get(Case, case_id)
            if case is not None and case.status == "closed":
                jobs.defer(session, family.ended(session, case))

    def catch_up_end(self, case_id: int, key: int, other: str | None) -> None:
        """A case that begins to wait for the end of another just as that one ends still hears of it."""
        with self._transaction() as session:
            number = family.case_id(other)
            # waits for a step of the other that is under way: it may have looked before there was anybody to tell
            found = held.by_case(session, number, clock.now()) if number else None
            if found is not None and found.case.status == "closed":
                jobs.defer(session, [family.told(session, found.case, case_id, key)])

    def post_notice(self, notice_id: int) -> None:
        """Post a notice out to the office's messenger, if the installation has one."""
        with self._transaction() as session:
            connector = registry.for_notices(self._settings, calls.twin_of(session, registry.NOTICES))
            if connector is None:
                return
            notice = session.get(Notice, notice_id)
            person = session.get(Account, notice.account_id) if notice else None
        if notice is None or person is None or notice.sent_at is not None:
            return
        try:
            connector.call(self._settings, {"text": notice.text, "to": person.phone}, f"notice-{notice_id}")
        except CallFailed as error:
            self._mark_notice(notice_id, str(error), failed=str(error)[:300])
            raise
        self._mark_notice(notice_id, None, sent_at=clock.now(), failed=None)

    def call_connector(
        self,
        context: procrastinate.JobContext,
        case_id: int,
        key: int,
        node: str,
        action: str,
        input: dict[str, Any],
    ) -> None:
        """Call an outside system for a case's step and bring back what it says."""
        effect = engine.Effect(key, node, action, input)
        if not self._awaited(case_id, effect):
            log.info("effect_not_awaited", case=case_id, node=node)
            return
        if operations.is_ours(effect):
            self.answer_for_platform(case_id, key, node, action, input)
            return
        try:
            result = self._called(effect, f"case-{case_id}-{key}")
        except CallFailed as error:
            if context.job.attempts + 1 < RETRIES and not isinstance(error, CallRefused):
                self._note_call(action, str(error))
                raise
            self._give_up(case_id, effect, str(error), error.code)
            return
        with self._transaction() as session:
            calls.note(session, action, None, clock.now())
            found = held.by_case(session, case_id, clock.now())
            if found is None:
                return
            try:
                lifecycle.resolve_effect(session, found, _standing_now(found, effect), result)
            except lifecycle.NotReady:
                log.info("effect_not_awaited", case=found.case.code, node=node)

    def answer_for_platform(self, case_id: int, key: int, node: str, action: str, input: dict[str, Any]) -> None:
        """What a resident's step asked of the platform, done by us if the case still waits for it."""
        effect = engine.Effect(key, node, action, input)
        with self._transaction() as session:
            found = held.by_case(session, case_id, clock.now())
            if found is not None and key in engine.live_nodes(found.case.state):
                lifecycle.operate(session, found, _standing_now(found, effect))

    def _awaited(self, case_id: int, effect: engine.Effect) -> bool:
        """Whether the case stands where it wants just this: nobody outside is called for what went on otherwise."""
        with self._transaction() as session:
            case = session.get(Case, case_id)
            standing = engine.live_nodes(case.state).get(effect.key) if case else None
            if case is None or standing is None:
                return False
            node = catalogue.by_id(session, case.definition_id).process.nodes[standing]
            return node.action == effect.action

    def _called(self, effect: engine.Effect, key: str) -> Any:
        """What the connector answers; whatever goes wrong in it is a call that failed, so that no case is lost."""
        with self._transaction() as session:
            twin = calls.twin_of(session, effect.action)
        connector = registry.for_action(effect.action, self._settings, twin)
        if connector is None:
            raise CallRefused(_("没有“{action}”这个连接。", action=effect.action))
        missing = connector.check_config(self._settings)
        if missing is not None:
            raise CallRefused(missing)
        try:
            return connector.call(self._settings, effect.input, key)
        except CallFailed:
            raise
        except Exception as error:
            log.error("connector_failed", action=effect.action, exc_info=error)
            raise CallFailed(_("调用出错：{error}", error=error)) from error

    def _note_call(self, connector: str, error: str) -> None:
        with self._transaction() as session:
            calls.note(session, connector, error, clock.now())

    def _mark_notice(self, notice_id: int, error: str | None, **values: Any) -> None:
        with self._transaction() as session:
            calls.note(session, registry.NOTICES, error, clock.now())
            session.execute(update(Notice).where(col(Notice.id) == notice_id).values(**values))

    def _give_up(self, case_id: int, effect: engine.Effect, cause: str, code: str | None) -> None:
        """An error boundary takes the failure; without one it is an incident that waits for an administrator."""
        with self._transaction() as session:
            calls.note(session, effect.action, cause, clock.now())
            found = held.by_case(session, case_id, clock.now())
            if found is None:
                return
            try:
                effect = _standing_now(found, effect)
                lifecycle.resolve_effect(session, found, effect, None, error=code or engine.FAILED, cause=cause)
            except lifecycle.NotReady:
                log.info("effect_not_awaited", case=found.case.code, node=effect.node)


def _standing_now(found: Held, effect: engine.Effect) -> engine.Effect:
    """The effect under today's name of its step: the case may have gone over to another version meanwhile."""
    return replace(effect, node=engine.live_nodes(found.case.state).get(effect.key, effect.node))


def _first_time(session: Session, message_id: str) -> bool:
    statement = insert(Delivery).values(id=message_id, at=clock.now()).on_conflict_do_nothing()
    return bool(session.execute(statement.returning(col(Delivery.id))).first())
