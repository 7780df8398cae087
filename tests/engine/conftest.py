"""Playing a diagram in tests: a Player keeps what waits, as the database will, and speaks of nodes instead of keys."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongxin import engine

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

    def start(self) -> engine.Step:
        return self._take(engine.start(self.process, self.variables, self.now, self.env))

    def complete(self, node: str, instance: int = 1, **values: Any) -> engine.Step:
        return self._take(
            engine.complete(
                self.process, *self._case, self._key(self.tasks, node, instance), values, self.now, self.env
            )
        )

    def deliver(self, node: str, payload: Any = None) -> engine.Step:
        return self._take(
            engine.deliver(self.process, *self._case, self._key(self.waits, node), payload, self.now, self.env)
        )

    def fire(self, node: str) -> engine.Step:
        return self._take(engine.fire(self.process, *self._case, self._key(self.timers, node), self.now, self.env))

    def resolve(self, node: str, result: Any = None, error: str | None = None) -> engine.Step:
        key = self._key(self.effects, node)
        step = engine.resolve(self.process, *self._case, key, result, self.now, self.env, error)
        return self._take(step, done=key)

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
        self.nodes_of_keys |= {task.key: task.node for task in step.opened}
        self.tasks |= {task.key: task for task in step.opened}
        self.timers |= {timer.key: timer for timer in step.timers_set}
        self.waits |= {wait.key: wait for wait in step.waits_set}
        self.effects |= {effect.key: effect for effect in step.effects}
        self.state, self.variables, self.ended = step.state, dict(step.variables), step.ended
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


@pytest.fixture
def play() -> Callable[..., Player]:
    """`play("parallel", status="draft")`: a case of a conformance model, started."""

    def begin(model: str, env: Mapping[str, Any] | None = None, **variables: Any) -> Player:
        player = Player(compiled((CONFORMANCE / f"{model}.bpmn").read_bytes()), variables, env)
        player.start()
        return player

    return begin


@pytest.fixture
def player() -> Callable[..., Player]:
    """A case of any source, not started."""

    def make(source: bytes, variables: Mapping[str, Any] | None = None, env: Mapping[str, Any] | None = None) -> Player:
        return Player(compiled(source), variables or {}, env)

    return make
