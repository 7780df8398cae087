"""The verbs on a case, and what waits for one of them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tongxin import engine

NOW = datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
Waiting = dict[str, dict[int, str]]  # verb -> key -> node

KEYED = ("complete", "deliver", "fail", "fire", "resolve")  # what takes the key of one thing that waits
CALLS: Mapping[str, Callable[..., engine.Step]] = {
    "assign": lambda case, _, values: engine.assign(*case, values, NOW, {}),
    "move": lambda case, keys, to: engine.move(*case, keys, to, NOW, {}),
    "migrate": lambda case, new, mapping: migrate(case, new, mapping).step,
    "complete": lambda case, key, values: engine.complete(*case, key, values, NOW, {}),
    "deliver": lambda case, key, payload: engine.deliver(*case, key, payload, NOW, {}),
    "fire": lambda case, key, _: engine.fire(*case, key, NOW, {}),
    "resolve": lambda case, key, result: engine.resolve(*case, key, result, NOW, {}),
    "fail": lambda case, key, code: engine.resolve(*case, key, None, NOW, {}, code),
}


def migrate(case: tuple[engine.Process, bytes, Mapping[str, Any]], new: engine.Process, mapping: Any) -> Any:
    return engine.migrate(case[0], new, *case[1:], NOW, {}, mapping=mapping)


def keys_of(waiting: Waiting) -> dict[str, set[int]]:
    return {verb: set(keys) for verb, keys in waiting.items()}


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
