"""A year goes by: cases come in, people do what stands in their inbox, time does the rest."""

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from tests.simulate.answers import Stumped, fill
from tests.simulate.county import County
from tongxin import clock, config, db
from tongxin.cases import actions, choices, held, lifecycle, opening
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.events import REPORTER as RESIDENT
from tongxin.events import Actor
from tongxin.people import directory, identity
from tongxin.people.models import Unit
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.worker import schedules, timers
from tongxin.worker.tasks import Tasks

TICK = timedelta(minutes=30)
WITHDRAWN = 0.04  # of residents' cases
_NEW = text("""
    SELECT task.id, task.due_at, task.role FROM task
    WHERE task.id > :after AND task.status = 'open' ORDER BY task.id""")
_JOBS = text("""
    SELECT id, task_name, args FROM procrastinate_jobs
    WHERE status = 'todo' AND task_name = ANY(:names) AND id > :after ORDER BY id LIMIT 500""")
_DONE = text("DELETE FROM procrastinate_jobs WHERE id <= :last")
_HOLDERS = text("""
    SELECT account_id FROM post WHERE unit_id = :unit AND role = :role ORDER BY id""")


class Moved:
    """The clock of the year."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Year:
    """What happens, in order of time. `stumps`: forms nobody could fill; `incidents`: what got stuck."""

    database: Engine
    county: County
    definitions: Sequence[Definition]
    moved: Moved
    choose: random.Random
    todo: list[tuple[datetime, int, int]] = field(default_factory=list)  # (when, order, task)
    seen: int = 0  # highest task id that was looked at
    opened: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    stumps: Counter[str] = field(default_factory=Counter)
    _order: "count[int]" = field(default_factory=count)
    _actors: dict[int, Actor] = field(default_factory=dict)
    _holders: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def live(self, until: datetime, cases: int) -> None:
        """Go from now to `until`; `cases` come in on the way, by day and mostly on weekdays."""
        arrivals = self._arrivals(until, cases)
        tasks = Tasks(partial(db.transaction, self.database), config.settings())
        while self.moved.at < until:
            here = self.moved.at + TICK
            while arrivals and arrivals[-1] <= here:
                self.moved.at = max(self.moved.at, arrivals.pop())
                self._open()
            while self.todo and self.todo[0][0] <= here:
                when, _order, task = heapq.heappop(self.todo)
                self.moved.at = max(self.moved.at, when)
                self._do(task)
            self.moved.at = here
            self._settle(tasks)

    def _settle(self, tasks: Tasks) -> None:
        """What is due or was left for later, until nothing is."""
        transactions = partial(db.transaction, self.database)
        while timers.sweep(transactions) + schedules.sweep(transactions) + self._jobs(tasks):
            pass
        with db.transaction(self.database) as session:
            for task, due, role in session.execute(_NEW, {"after": self.seen}).all():
                self.seen = task
                self._plan(task, due, role)

    def _jobs(self, tasks: Tasks) -> int:
        known: dict[str, Any] = {
            "deliver_message": tasks.deliver_message,
            "catch_up": tasks.catch_up,
            "pass_on": tasks.pass_on,
            "open_case": tasks.open_case,
            "tell_end": tasks.tell_end,
            "catch_up_end": tasks.catch_up_end,
            "call_connector": tasks.answer_for_platform,
        }
        with db.transaction(self.database) as session:
            rows = session.execute(_JOBS, {"names": list(known), "after": 0}).all()
        for _number, name, args in rows:
            known[name](**args)
        if rows:
            with db.transaction(self.database) as session:
                session.execute(_DONE, {"last": rows[-1][0]})
        return len(rows)

    def _plan(self, task: int, due: datetime | None, role: str) -> None:
        """When somebody will see to a task: most of them well before it is due, some too late, some residents never."""
        chance = self.choose.random()
        if role == REPORTER and chance < 0.3:
            return
        left = (due - self.moved.at) if due else timedelta(days=3)
        share = self.choose.random() * 0.7 if chance > 0.06 else 1.0 + self.choose.random()
        when = self._awake(self.moved.at + max(left, timedelta(minutes=2)) * share)
        heapq.heappush(self.todo, (when, next(self._order), task))

    def _awake(self, at: datetime) -> datetime:
        """Nobody works at night."""
        local = at.astimezone(clock.LOCAL)
        if local.hour < 8:
            return local.replace(hour=8, minute=self.choose.randrange(60))
        if local.hour >= 20:
            return (local + timedelta(days=1)).replace(hour=8, minute=self.choose.randrange(60))
        return local

    def _arrivals(self, until: datetime, cases: int) -> list[datetime]:
        """Moments, the latest first."""
        span = (until - self.moved.at).total_seconds()
        moments = [self.moved.at + timedelta(seconds=self.choose.random() * span) for _case in range(cases)]
        return sorted((self._awake(one) for one in moments), reverse=True)

    def _open(self) -> None:
        """A case of some procedure somewhere, by a resident or by somebody who may."""
        definition = self.choose.choice([one for one in self.definitions if one.file.start.by])
        community = self.choose.choice(self.county.communities)
        by = self.choose.choice(definition.file.start.by)
        place = self.choose.choice(self.county.houses[community.id])
        with db.transaction(self.database) as session:
            actor = RESIDENT if by == REPORTER else self._somebody(session, community, by)
            if actor is None:
                return
            values = self._opening_values(session, definition, place, actor)
            if values is None:
                return
            try:
                with session.begin_nested():
                    outcome = opening.open_case(session, opening.at(session, definition, place, values), actor)
            except lifecycle.InvalidValues as refused:
                self.refused[f"{definition.key} start: {refused}"] += 1
                return
        self.opened[definition.key] += 1
        if by == REPORTER and self.choose.random() < WITHDRAWN:
            when = self._awake(self.moved.at + timedelta(hours=self.choose.random() * 72))
            heapq.heappush(self.todo, (when, next(self._order), -outcome.case_id))

    def _opening_values(
        self, session: Session, definition: Definition, place: Unit, actor: Actor
    ) -> dict[str, Any] | None:
        form, now = definition.forms[definition.file.start.form], clock.now()
        resident = actor.kind == "reporter"

        def options(typed: Any) -> Any:
            paths = [self.county.unit.path]
            return choices.options_to_start(session, definition, paths, place, now, resident=resident, typed=typed)

        unit = directory.at_level(session, place, definition.file.start.level)
        area = held.Area.of(unit, place)
        parameters = held.parameters_for(definition, {})
        env = held.environment(parameters, area, code="", opened_at=now, by=actor, level=unit.level)
        known = choices.known(session, area, None, definition.id or 0, actor, now)
        return self._filled(f"{definition.key} start", form, env, options, known)

    def _filled(self, where: str, form: Any, scope: Any, options: Any, known: Any) -> dict[str, Any] | None:
        try:
            return fill(form, scope, options, known, self.choose)
        except Stumped as stumped:
            self.stumps[f"{where}: {stumped}"[:300]] += 1
            return None

    def _do(self, task: int) -> None:
        """Somebody does a task; a negative number is a case its resident takes back."""
        with db.transaction(self.database) as session:
            if task < 0:
                self._withdraw(session, -task)
                return
            found = held.by_task(session, task, clock.now())
            if found is None or found.task is None or found.task.status != "open":
                return
            actor = self._actor(session, found.task)
            if actor is None:
                return
            form = found.definition.form_of(found.task.form)
            values = self._task_values(session, found, form, actor) if form else {}
            if values is None:
                return
            try:
                with session.begin_nested():
                    lifecycle.complete_task(session, found, values, actor)
            except (lifecycle.InvalidValues, lifecycle.NotReady, lifecycle.Taken) as refused:
                self.refused[f"{found.definition.key} {found.task.node}: {refused}"[:300]] += 1
                self._plan(task, None, found.task.role)

    def _task_values(self, session: Session, found: Held, form: Any, actor: Actor) -> dict[str, Any] | None:
        now, resident = clock.now(), actor.kind == "reporter"

        def options(typed: Any) -> Any:
            return choices.options(session, form, found.area, found.case, now, resident=resident, typed=typed)

        known = choices.known(session, found.area, found.case, found.case.definition_id, actor, now)
        scope = {**found.env, **found.seen(found.task)}
        where = f"{found.definition.key} {found.task.node if found.task else ''}"
        return self._filled(where, form, scope, options, known)

    def _withdraw(self, session: Session, case_id: int) -> None:
        found = held.by_case(session, case_id, clock.now())
        if found is None or found.case.status != "open":
            return
        offer = next(iter(actions.offered(session, found.definition, case_id, "reporter")), None)
        if offer is None:
            return
        form = found.definition.form_of(offer.action.form)
        values = self._task_values(session, found, form, RESIDENT) if form else {}
        if values is not None:
            lifecycle.send_message(session, found, offer.subscription.key, offer.name, values, RESIDENT)

    def _actor(self, session: Session, task: Task) -> Actor | None:
        if task.role == REPORTER:
            return RESIDENT
        if task.assignee_id is not None:
            return self._known(session, task.assignee_id)
        key = (task.unit_id, task.role)
        if key not in self._holders:
            rows = session.execute(_HOLDERS, {"unit": task.unit_id, "role": task.role})
            self._holders[key] = [one for (one,) in rows]
        return self._known(session, self.choose.choice(self._holders[key]))

    def _somebody(self, session: Session, community: Unit, role: str) -> Actor | None:
        """Somebody who holds the role at the community or above it."""
        unit = directory.answering_unit(session, community.path, None, role, clock.now().date())
        if unit is None:
            return None
        rows = session.execute(_HOLDERS, {"unit": unit, "role": role}).all()
        return self._known(session, self.choose.choice(rows)[0])

    def _known(self, session: Session, account: int) -> Actor:
        if account not in self._actors:
            person = identity.by_account(session, account, clock.now())
            assert person is not None  # nobody leaves
            self._actors[account] = person.actor
        return self._actors[account]
