"""Our engine as a player: it keeps a case between two steps as the platform does, and speaks of nodes, not of keys."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.oracle.blocks import Block
from tests.oracle.dialects import Feel
from tests.oracle.draw import diagrams
from tests.oracle.parts import Wait
from tongxin import engine

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)


class Ours:
    """A case of a tree. Between two steps there is nothing but bytes, variables, and what the steps said is waiting."""

    def __init__(self, tree: Block, variables: Mapping[str, Any]) -> None:
        self.source, called = diagrams(tree, Feel())
        self.process = engine.compile(self.source, called=called, published=True)
        self.variables = dict(variables)
        self.state = b""
        self.keys: dict[int, tuple[str, str, int]] = {}  # what waits: verb, node, instance
        self.visited: Counter[str] = Counter()
        self.ended: str | None = None

    def start(self) -> None:
        self._take(engine.start(self.process, self.variables, NOW, {}))

    @property
    def waiting(self) -> list[tuple[str, str, int]]:
        return sorted(self.keys.values())

    def happen(self, wait: Wait, value: Any, error: str | None = None, rank: int = 0) -> None:
        """`rank`: which of those at the same node, in the order in which they began."""
        named = (wait.verb, wait.node, wait.counter or 0)
        key = sorted(key for key, one in self.keys.items() if one == named)[rank]
        case = (self.process, self.state, self.variables, key)
        match wait.verb:
            case "complete":
                step = engine.complete(*case, value, NOW, {})
            case "deliver":
                step = engine.deliver(*case, value, NOW, {})
            case "fire":
                step = engine.fire(*case, NOW, {})
            case _:
                del self.keys[key]
                step = engine.resolve(*case, value, NOW, {}, error)
        self._take(step)

    def _instance(self, task: engine.OpenTask) -> int:
        """Which instance of its step it is; in a subprocess it knows that one's, too."""
        return int(task.local["loopCounter"]) if self.process.nodes[task.node].loop else 0

    def _take(self, step: engine.Step) -> None:
        for key in (*(one.key for one in step.closed), *step.timers_cleared, *step.waits_cleared):
            del self.keys[key]
        live = engine.live_nodes(step.state)
        self.keys = {key: one for key, one in self.keys.items() if one[0] != "resolve" or key in live}
        self.keys |= {task.key: ("complete", task.node, self._instance(task)) for task in step.opened}
        self.keys |= {timer.key: ("fire", timer.node, 0) for timer in step.timers_set}
        self.keys |= {wait.key: ("deliver", wait.node, 0) for wait in step.waits_set}
        self.keys |= {effect.key: ("resolve", effect.node, 0) for effect in step.effects}
        self.state, self.variables = step.state, dict(step.variables)
        self.visited = Counter(visit.id for visit in step.trail if visit.id in self.process.nodes)
        self.ended = step.ended.node if step.ended else None
