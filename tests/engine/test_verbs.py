"""Any order of verbs on any diagram: what must hold after each of them.

A new verb: a rule that picks what it is for, and a line in `CALLS`, by which it is replayed.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.oracle.draw import Feel, draw
from tests.oracle.tree import VARIABLES, Grower
from tongxin import engine

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
Waiting = dict[str, dict[int, str]]  # verb -> key -> node

CALLS: Mapping[str, Callable[..., engine.Step]] = {
    "complete": lambda case, key, values: engine.complete(*case, key, values, NOW, {}),
    "deliver": lambda case, key, payload: engine.deliver(*case, key, payload, NOW, {}),
    "fire": lambda case, key, _: engine.fire(*case, key, NOW, {}),
    "resolve": lambda case, key, result: engine.resolve(*case, key, result, NOW, {}),
    "fail": lambda case, key, code: engine.resolve(*case, key, None, NOW, {}, code),
}
NUMBERS = st.integers(0, 2)
PICKS = st.integers(0, 50)


class Verbs(RuleBasedStateMachine):
    """One case of a random diagram."""

    @initialize(seed=st.integers(0, 100_000), numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS))
    def start(self, seed: int, numbers: tuple[int, int, int]) -> None:
        self.process = engine.compile(draw(Grower(random.Random(seed)).tree(), Feel()), published=True)
        self.given = dict(zip(VARIABLES, numbers, strict=True))
        self.done: list[tuple[str, int, Any, engine.Step]] = []
        self.seen: set[int] = set()
        self.waiting = nothing()
        self.first = self.step = self.joined = engine.start(self.process, self.given, NOW, {})
        self._note(self.step)
        self.waiting = left(nothing(), self.step)

    @property
    def case(self) -> tuple[engine.Process, bytes, Mapping[str, Any]]:
        return self.process, self.step.state, self.step.variables

    def _pick(self, verb: str, pick: int) -> int:
        keys = sorted(self.waiting[verb])
        return keys[pick % len(keys)]

    def _do(self, verb: str, key: int, given: Any) -> None:
        step = CALLS[verb](self.case, key, given)
        self._note(step)
        before = self.waiting
        self.waiting = left(before, step)
        self.done.append((verb, key, given, step))
        if len(self.done) > 1:
            self._two_are_one(self.step, step)
        self.joined = engine.then(self.joined, step)
        self.before, self.step = before, step

    def _note(self, step: engine.Step) -> None:
        """Keys are never used again, and nothing ends that did not wait."""
        new = [one.key for one in (*step.opened, *step.timers_set, *step.waits_set, *step.effects)]
        assert len(new) == len(set(new))
        assert not self.seen & set(new)
        self.seen |= set(new)
        gone = {
            "complete": [one.key for one in step.closed],
            "fire": step.timers_cleared,
            "deliver": step.waits_cleared,
        }
        for verb, keys in gone.items():
            assert set(keys) <= self.waiting[verb].keys()
            assert len(keys) == len(set(keys))

    def _two_are_one(self, first: engine.Step, second: engine.Step) -> None:
        assert left(self.before, engine.then(first, second)) == self.waiting

    @precondition(lambda self: self.waiting["complete"])
    @rule(pick=PICKS, values=st.dictionaries(st.sampled_from(VARIABLES), NUMBERS))
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
        edges = [one for one in self.process.nodes.values() if one.event == "error" and one.attached_to]
        if any(one.attached_to == host for one in edges):
            self._do("fail", key, "E1")
        elif not any(one.code is None for one in edges):  # a subprocess around it may take any
            self._refused(engine.Failed, "fail", key, "nobody takes this")

    @rule(verb=st.sampled_from(sorted(CALLS)), key=st.integers(-1, 60))
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
        waits = any(self.waiting.values())
        live = bool(engine.live_nodes(self.step.state))
        assert waits == live == (self.step.ended is None)

    @invariant()
    def all_steps_as_one(self) -> None:
        """What was begun and ended on the way was never there."""
        assert left(nothing(), self.joined) == self.waiting
        assert not (self.joined.closed or self.joined.timers_cleared or self.joined.waits_cleared)

    def teardown(self) -> None:
        """All over again: the same bytes, variables and trail."""
        if not hasattr(self, "process"):
            return
        step = engine.start(self.process, self.given, NOW, {})
        assert step == self.first
        for verb, key, given, expected in self.done:
            step = CALLS[verb]((self.process, step.state, step.variables), key, given)
            assert step == expected


def nothing() -> Waiting:
    return {verb: {} for verb in ("complete", "deliver", "fire", "resolve")}


def left(before: Waiting, step: engine.Step) -> Waiting:
    """What waits after a step. An effect is gone with its token; nothing else says so."""
    live = engine.live_nodes(step.state)
    return {
        "complete": _left(before["complete"], (one.key for one in step.closed), step.opened),
        "deliver": _left(before["deliver"], step.waits_cleared, step.waits_set),
        "fire": _left(before["fire"], step.timers_cleared, step.timers_set),
        "resolve": _left(before["resolve"], before["resolve"].keys() - live.keys(), step.effects),
    }


def _left(before: dict[int, str], gone: Iterable[int], new: Iterable[Any]) -> dict[int, str]:
    ended = set(gone)
    assert ended <= before.keys()
    return {key: node for key, node in before.items() if key not in ended} | {one.key: one.node for one in new}


TestVerbs = Verbs.TestCase
TestVerbs.settings = settings(
    max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
