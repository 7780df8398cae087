"""Playing a diagram in tests: a Player keeps what waits, as the database will, and speaks of nodes instead of keys."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from tongxin import engine, feel

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"


class Player:
    """One case. Every verb checks that the step's lists agree with what was waiting before."""

    def __init__(self, process: engine.Process, variables: Mapping[str, Any], env: Mapping[str, Any] | None = None):
        self.process, self.variables, self.env = process, dict(variables), env or {}
        self.now = NOW
        self.state = b""
        self.tasks: dict[int, engine.OpenTask] = {}
        self.timers: dict[int, engine.Timer] = {}
        self.waits: dict[int, engine.Wait] = {}
        self.effects: dict[int, engine.Effect] = {}
        self.nodes_of_keys: dict[int, str] = {}
        self.ended: engine.Ended | None = None

    def start(self, at: str | None = None, payload: Any = None) -> engine.Step:
        return self._take(engine.start(self.process, self.variables, self.now, self.env, at=at, payload=payload))

    def complete(self, node: str, instance: int = 1, **values: Any) -> engine.Step:
        return self._take(
            engine.complete(
                self.process, *self._case, self._key(self.tasks, node, instance), values, self.now, self.env
            )
        )

    def deliver(self, node: str, payload: Any = None, instance: int = 1) -> engine.Step:
        key = self._key(self.waits, node, instance)
        return self._take(engine.deliver(self.process, *self._case, key, payload, self.now, self.env))

    def fire(self, node: str, instance: int = 1) -> engine.Step:
        key = self._key(self.timers, node, instance)
        return self._take(engine.fire(self.process, *self._case, key, self.now, self.env))

    def resolve(self, node: str, result: Any = None, error: str | None = None, instance: int = 1) -> engine.Step:
        key = self._key(self.effects, node, instance)
        step = engine.resolve(self.process, *self._case, key, result, self.now, self.env, error)
        return self._take(step, done=key)

    def assign(self, **values: Any) -> engine.Step:
        return self._take(engine.assign(self.process, *self._case, values, self.now, self.env))

    @property
    def open(self) -> list[str]:
        return sorted(task.node for task in self.tasks.values())

    @property
    def _case(self) -> tuple[bytes, dict[str, Any]]:
        return self.state, self.variables

    @staticmethod
    def _key(waiting: Mapping[int, Any], node: str, instance: int = 1) -> int:
        keys = sorted(key for key, one in waiting.items() if one.node == node)
        assert len(keys) >= instance, f"{node} does not wait"
        return keys[instance - 1]

    def _take(self, step: engine.Step, done: int | None = None) -> engine.Step:
        for closed in step.closed:
            del self.tasks[closed.key]
        for key in step.timers_cleared:
            del self.timers[key]
        for key in step.waits_cleared:
            del self.waits[key]
        self.effects.pop(done or 0, None)
        live = engine.live_nodes(step.state)
        self.effects = {key: effect for key, effect in self.effects.items() if key in live}  # others were withdrawn
        self.nodes_of_keys |= {task.key: task.node for task in step.opened}
        self.tasks |= {task.key: task for task in step.opened}
        self.timers |= {timer.key: timer for timer in step.timers_set}
        self.waits |= {wait.key: wait for wait in step.waits_set}
        self.effects |= {effect.key: effect for effect in step.effects}
        self.state, self.variables, self.ended = step.state, dict(step.variables), step.ended
        self.env = {**self.env, **step.stored}
        if step.ended:
            assert not (self.tasks or self.timers or self.waits), "an ended case waits for nothing"
        return step


_DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1"
  targetNamespace="urn:t" id="d">
<message id="m" name="called"/><error id="err" errorCode="E1"/>{declared}
<process id="p" isExecutable="true"><laneSet id="lanes"><lane id="lane" tx:role="clerk">{refs}</lane></laneSet>
{body}</process></definitions>"""
_NODE = re.compile(r'<(?:\w+Task|task|\w*[sS]ubProcess) [^>]*?\bid="(\w+)"')


@pytest.fixture
def diagram() -> Callable[..., bytes]:
    """A process around `body`; its tasks stand in a lane of the role clerk. `through` leads s -> x -> e."""

    def make(body: str = "", *, through: str = "", declared: str = "") -> bytes:
        if through:
            body += (
                f'<startEvent id="s"/>{through}<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/>'
                '<sequenceFlow id="f2" sourceRef="x" targetRef="e"/>'
            )
        refs = "".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in _NODE.findall(body))
        return _DIAGRAM.format(declared=declared, refs=refs, body=body).encode()

    return make


_COMPILED: dict[bytes, engine.Process] = {}


def compiled(source: bytes) -> engine.Process:
    if source not in _COMPILED:
        _COMPILED[source] = engine.compile(source)
    return _COMPILED[source]


@dataclass(frozen=True)
class Answer:
    """What a decision of a conformance model says: the value of its expression, which explains itself."""

    value: Any
    explanation: Any


@cache
def _model(name: str) -> engine.Process:
    script = YAML(typ="safe").load(CONFORMANCE / f"{name}.yaml")
    return engine.compile(
        (CONFORMANCE / f"{name}.bpmn").read_bytes(),
        called={one: (CONFORMANCE / "called" / f"{one}.bpmn").read_bytes() for one in script.get("called", [])},
        decisions={one: _decision(expression) for one, expression in script.get("decisions", {}).items()},
    )


def _decision(expression: str) -> engine.Decision:
    asked = feel.compile(expression)

    def answer(names: Mapping[str, Any], now: datetime) -> Answer:
        value = asked.evaluate(names, now)
        return Answer(value, value)

    return answer


@pytest.fixture
def model() -> Callable[[str], engine.Process]:
    """A conformance model, with the processes it calls and the decisions it asks."""
    return _model


@pytest.fixture
def play() -> Callable[..., Player]:
    """`play("parallel", status="draft")`: a case of a conformance model, started."""

    def begin(name: str, env: Mapping[str, Any] | None = None, **variables: Any) -> Player:
        player = Player(_model(name), variables, env)
        player.start()
        return player

    return begin


@pytest.fixture
def player() -> Callable[..., Player]:
    """A case of any source or process, not started."""

    def make(
        source: bytes | engine.Process, variables: Mapping[str, Any] | None = None, env: Mapping[str, Any] | None = None
    ) -> Player:
        return Player(compiled(source) if isinstance(source, bytes) else source, variables or {}, env)

    return make
