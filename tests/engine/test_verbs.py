"""Any order of verbs on any diagram: what must hold after each of them.

A new verb: a rule that picks what it is for, and a line in `CALLS`, by which it is replayed.
"""

import random
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.engine.mutate import Edited, mutate
from tests.engine.verbs import CALLS, KEYED, NOW, keys_of, left, migrate, nothing
from tests.oracle.blocks import VARIABLES
from tests.oracle.dialects import Feel
from tests.oracle.draw import diagrams
from tests.oracle.tree import Grower
from tongxin import engine

NUMBERS = st.integers(0, 2)
PICKS = st.integers(0, 50)
SEEDS = st.integers(0, 100_000)
VALUES = st.dictionaries(st.sampled_from(VARIABLES), NUMBERS)
MOST = 1_000  # steps in which any of these diagrams comes to its end


class Verbs(RuleBasedStateMachine):
    """One case of a random diagram."""

    @initialize(seed=SEEDS, numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS))
    def start(self, seed: int, numbers: tuple[int, int, int]) -> None:
        self.source, self.called = diagrams(Grower(random.Random(seed)).tree(), Feel())
        self.process = self._compiled(self.source)
        self.versions = [self.process]
        self.given = dict(zip(VARIABLES, numbers, strict=True))
        self.done: list[tuple[engine.Process, str, Any, Any, engine.Step]] = []
        self.seen: set[int] = set()
        self.waiting = nothing()
        self.first = self.step = self.joined = engine.start(self.process, self.given, NOW, {})
        self._note(self.step)
        self.waiting = left(nothing(), self.step)

    def _compiled(self, source: bytes) -> engine.Process:
        return engine.compile(source, called=self.called, published=True)

    @property
    def case(self) -> tuple[engine.Process, bytes, Mapping[str, Any]]:
        return self.process, self.step.state, self.step.variables

    def _pick(self, verb: str, pick: int) -> int:
        keys = sorted(self.waiting[verb])
        return keys[pick % len(keys)]

    def _do(self, verb: str, key: Any, given: Any) -> None:
        step = CALLS[verb](self.case, key, given)
        self.done.append((self.process, verb, key, given, step))
        self._take(step)

    def _take(self, step: engine.Step) -> None:
        self._note(step)
        before = self.waiting
        self.waiting = left(before, step)
        if len(self.done) > 1:
            self._two_are_one(self.step, step)
        self.joined = engine.then(self.joined, step)
        self.before, self.step = before, step

    def _note(self, step: engine.Step) -> None:
        """Keys are never used again, and nothing ends that did not wait."""
        begun = [one.key for one in (*step.opened, *step.timers_set, *step.waits_set, *step.effects)]
        assert len(begun) == len(set(begun))
        new = set(begun) - set(step.waits_cleared)  # another message is waited for under the same key
        assert not self.seen & new
        self.seen |= new
        gone = {
            "complete": [one.key for one in step.closed],
            "fire": step.timers_cleared,
            "deliver": step.waits_cleared,
        }
        for verb, keys in gone.items():
            assert set(keys) <= self.waiting[verb].keys()
            assert len(keys) == len(set(keys))

    def _two_are_one(self, first: engine.Step, second: engine.Step) -> None:
        assert keys_of(left(self.before, engine.then(first, second))) == keys_of(self.waiting)

    @precondition(lambda self: self.waiting["complete"])
    @rule(pick=PICKS, values=VALUES)
    def complete(self, pick: int, values: dict[str, int]) -> None:
        self._do("complete", self._pick("complete", pick), values)

    @precondition(lambda self: self.waiting["deliver"])
    @rule(pick=PICKS, number=NUMBERS)
    def deliver(self, pick: int, number: int) -> None:
        key = self._pick("deliver", pick)
        message = self.process.nodes[self.waiting["deliver"][key]].message
        self._do("deliver", key, number if message and message.payload else {"v1": number})

    @precondition(lambda self: self.waiting["fire"])
    @rule(pick=PICKS)
    def fire(self, pick: int) -> None:
        self._do("fire", self._pick("fire", pick), None)

    @precondition(lambda self: self.waiting["resolve"])
    @rule(pick=PICKS, number=NUMBERS)
    def resolve(self, pick: int, number: int) -> None:
        self._do("resolve", self._pick("resolve", pick), number)

    @precondition(lambda self: self.waiting["resolve"])
    @rule(pick=PICKS)
    def fail(self, pick: int) -> None:
        """With an error; where no edge takes it, the step fails and nothing has happened."""
        key = self._pick("resolve", pick)
        host = self.waiting["resolve"][key]
        around = (host, *self.process.nodes[host].scope)
        errors = [one for one in self.process.nodes.values() if one.event == "error" and one.code in ("E1", None)]
        if any((one.attached_to or "".join(one.scope[-2:-1])) in around for one in errors):
            self._do("fail", key, "E1")
        else:
            self._refused(engine.Failed, "fail", key, "nobody takes this")

    @precondition(lambda self: self.step.ended is None)
    @rule(values=VALUES)
    def assign(self, values: dict[str, int]) -> None:
        self._do("assign", None, values)

    @precondition(lambda self: self.step.ended is None)
    @rule(seed=SEEDS, number=st.sampled_from((1, 1, 1, 2, 3)))
    def move(self, seed: int, number: int) -> None:
        """Some of what stands to anywhere, also to where nothing can be put."""
        choose = random.Random(seed)
        standing = [one.key for one in engine.standing(self.process, self.step.state)]
        keys = choose.sample(standing, min(number, len(standing)))
        to = choose.choice([*self.process.nodes, "nowhere"])
        try:
            engine.move(*self.case, keys, to, NOW, {})
        except engine.CannotMove:
            self._refused(engine.CannotMove, "move", keys, to)
        else:
            self._do("move", keys, to)
            assert not set(keys) & engine.live_nodes(self.step.state).keys()

    @precondition(lambda self: self.step.ended is None)
    @rule()
    def migrate_to_the_same(self) -> None:
        """Nothing changes at all."""
        before = self.step
        done = self._migrate(Edited(self.source, {}))
        assert done.changed == ()
        assert (done.step.state, done.step.variables) == (before.state, before.variables)
        assert done.step == engine.Step(before.state, before.variables)

    @precondition(lambda self: self.step.ended is None)
    @rule(seed=SEEDS)
    def migrate(self, seed: int) -> None:
        edited = mutate(self.source, random.Random(seed), f"f{len(self.versions)}")
        new = self._compiled(edited.source)
        landings = engine.plan(self.process, new, self.step.state, edited.mapping)
        if any(one.fate == "stuck" for one in landings):
            with pytest.raises(engine.CannotMigrate) as refused:
                migrate(self.case, new, edited.mapping)
            assert refused.value.landings == landings
            self._refused(engine.CannotMigrate, "migrate", new, edited.mapping)
        else:
            self._migrate(edited)

    def _migrate(self, edited: Edited) -> Any:
        """What is planned to land has its key; what is dropped has gone."""
        new = self._compiled(edited.source)
        planned = engine.plan(self.process, new, self.step.state, edited.mapping)
        done = migrate(self.case, new, edited.mapping)
        assert done.landings == planned
        self.done.append((self.process, "migrate", new, edited.mapping, done.step))
        self.source, self.process = edited.source, new
        self.versions.append(new)
        places = {one.key: one.to for one in planned if one.fate == "lands"}
        self.waiting = {
            verb: {key: places.get(key) or node for key, node in waiting.items()}
            for verb, waiting in self.waiting.items()
        }
        self._take(done.step)
        live = engine.live_nodes(done.step.state)
        for key, to in places.items():
            assert live.get(key) == to
        assert not {one.key for one in planned if one.fate == "dropped"} & live.keys()
        assert {one.key for one in done.changed} <= self.waiting["complete"].keys()
        return done

    @rule(verb=st.sampled_from(KEYED), key=st.integers(-1, 60))
    def misuse(self, verb: str, key: int) -> None:
        """Any verb with a key that is not waiting for it."""
        if key not in self.waiting["resolve" if verb == "fail" else verb]:
            self._refused(engine.NotReady, verb, key, {})

    @precondition(lambda self: self.waiting["deliver"])
    @rule(pick=PICKS)
    def deliver_nonsense(self, pick: int) -> None:
        key = self._pick("deliver", pick)
        message = self.process.nodes[self.waiting["deliver"][key]].message
        if message is not None and not message.payload:
            self._refused(engine.Failed, "deliver", key, "no variables")

    def _refused(self, why: type[Exception], verb: str, key: int, given: Any) -> None:
        before = deepcopy(self.step.variables)
        with pytest.raises(why):
            CALLS[verb](self.case, key, given)
        assert self.step.variables == before

    @invariant()
    def what_waits_is_live(self) -> None:
        live = engine.live_nodes(self.step.state)
        for waiting in self.waiting.values():
            for key, node in waiting.items():
                assert live.get(key) in (node, f"{node}[]")  # an instance of a multi-instance step

    @invariant()
    def ended_or_waiting(self) -> None:
        live = bool(engine.live_nodes(self.step.state))
        assert live == (self.step.ended is None)
        if not self.in_vain:
            assert any(self.waiting.values()) == live

    @property
    def in_vain(self) -> bool:
        """Branches were taken away from a join by hand: there may be nothing else to wait for."""
        return bool(engine.waiting_in_vain(self.process, self.step.state))

    @invariant()
    def all_steps_as_one(self) -> None:
        """What was begun and ended on the way was never there."""
        assert keys_of(left(nothing(), self.joined)) == keys_of(self.waiting)
        for begun in (self.joined.opened, self.joined.timers_set, self.joined.waits_set, self.joined.effects):
            assert len({one.key for one in begun}) == len(begun)
        assert not (self.joined.closed or self.joined.timers_cleared or self.joined.waits_cleared)

    def teardown(self) -> None:
        if not hasattr(self, "step"):
            return
        self._play_to_the_end()
        self._play_again()

    def _play_to_the_end(self) -> None:
        """Nothing but work that goes on: it comes to an end, or waits for a branch that was taken away by hand."""
        choose = random.Random(len(self.done))
        for _ in range(MOST):
            self.what_waits_is_live()
            self.ended_or_waiting()
            work = [
                (verb, key) for verb, keys in self.waiting.items() for key, node in keys.items() if self._goes(node)
            ]
            if not work:
                break
            verb, key = choose.choice(work)
            self._do(verb, key, {"complete": {choose.choice(VARIABLES): choose.randrange(3)}}.get(verb))
        assert self.step.ended or self.in_vain

    def _goes(self, node: str) -> bool:
        return self.process.nodes[node].kind != "boundaryEvent"

    def _play_again(self) -> None:
        """All over again: the same bytes, variables and trail."""
        step = engine.start(self.versions[0], self.given, NOW, {})
        assert step == self.first
        for process, verb, key, given, expected in self.done:
            step = CALLS[verb]((process, step.state, step.variables), key, given)
            assert step == expected


TestVerbs = Verbs.TestCase
TestVerbs.settings = settings(
    max_examples=80, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
