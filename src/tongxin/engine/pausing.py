"""Clocks that stand still while a case waits somewhere: which, because of what, and when they end after that.

The state tells it all: a limit or timer stands still as long as a token is at a node that names it (`tx:pauses`).
Instances do not disturb one another: both tokens are within the same instances of everything around both of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin.engine import cycles
from tongxin.engine import state as states
from tongxin.engine.cycles import Cycle, Round
from tongxin.engine.model import Process
from tongxin.engine.run import Variables, at_rest, loaded
from tongxin.engine.specs.activities import Human
from tongxin.engine.specs.catching import Boundary, Catch
from tongxin.engine.step import Due


@dataclass(frozen=True, slots=True)
class Retimed:
    """The state with the new times, and when each timer is due, by key."""

    state: bytes
    timers: Mapping[int, Due]


def clocks(process: Process, state: bytes) -> frozenset[int]:
    """The keys of all human steps and timers that wait."""
    tokens = at_rest(process, state).tokens.values()
    return frozenset(token.id for token in tokens if isinstance(token.task_spec, Human) or _is_timer(token))


def paused(process: Process, state: bytes) -> Mapping[int, tuple[str, ...]]:
    """The keys of the limits and timers that stand still, each with the nodes that make it."""
    if not process.pausing:
        return {}
    case = at_rest(process, state)
    pausing = [token for token in case.tokens.values() if _pauses(token)]
    found: dict[int, tuple[str, ...]] = {}
    for token in case.tokens.values() if pausing else ():
        names = _names(token)
        by = [one.task_spec.node.id for one in pausing if names & set(one.task_spec.node.pauses) and _meet(one, token)]
        if by:
            found[token.id] = tuple(dict.fromkeys(by))
    return found


def _pauses(token: Any) -> bool:
    is_undone = "todo" in token.internal_data  # a subprocess opened again only to undo what was done in it
    return bool(token.task_spec.node.pauses) and not is_undone


def _is_timer(token: Any) -> bool:
    return isinstance(token.task_spec, Catch) and token.task_spec.node.timer is not None and not token.triggered


def _names(token: Any) -> set[str]:
    """By what a diagram names the token's clock, if it has one."""
    spec = token.task_spec
    if isinstance(spec, Human):
        return {spec.node.id} if spec.node.limit else set()
    if not _is_timer(token):
        return set()
    follows = isinstance(spec, Boundary) and spec.reads_due
    return {spec.node.attached_to if follows else spec.node.id}


def _meet(one: Any, other: Any) -> bool:
    around, beside = dict(_hosts(one)), dict(_hosts(other))
    return all(around[node] == beside[node] for node in around.keys() & beside.keys())


def _hosts(token: Any) -> Iterator[tuple[str, int]]:
    """The subprocesses and calls a token is in: node and key of each."""
    scope = token.workflow
    while scope is not scope.top_workflow:
        yield scope.host.task_spec.node.id, scope.host.id
        scope = scope.around


def retimed(
    process: Process,
    state: bytes,
    variables: Variables,
    dues: Mapping[int, Due],
    timers: Mapping[int, Due],
    now: datetime,
    env: Variables,
) -> Retimed:
    """Timers that go on: `timers` says when each would be due by what was left, `dues` when human steps now are.

    What reads `due` follows its step. A repetition by the calendar (cron, or from a certain moment on) keeps its beat:
    rounds that fell into the pause count as missed. Raises Failed as setting a timer does.
    """
    case = loaded(process, state, variables, now, env)
    found = {key: _anew(case.tokens[key], dues, due) for key, due in timers.items() if key in case.tokens}
    return Retimed(states.save(case), found)


def _anew(token: Any, dues: Mapping[int, Due], by_what_was_left: Due) -> Due:
    spec, timer = token.task_spec, token.task_spec.node.timer
    due = due_of(token.parent, dues) if isinstance(spec, Boundary) and spec.reads_due else None
    if not isinstance(timer, Cycle):
        when: Due = by_what_was_left if due is None else spec.time(token, timer, due)
        return when
    kept = token.internal_data
    if due is not None:
        begun = spec.begun(token, timer, due)
        lefts = [one for one in (begun.left, kept.get("left")) if one is not None]
        return _next(token, Round(begun.due, min(lefts, default=None)))
    text = kept.get("cycle", timer.text)
    if "due" in kept and cycles.is_by_calendar(text):
        now = token.workflow.top_workflow.now
        if kept["due"] > now:
            return Due(kept["due"], by_what_was_left.derivation)
        following = cycles.following(text, kept["due"], kept["left"], now)
        return _next(token, following or Round(Due(now, by_what_was_left.derivation), 0))
    return _next(token, Round(by_what_was_left, kept.get("left")))


def _next(token: Any, at: Round) -> Due:
    token.internal_data = {**token.internal_data, "due": at.due.at, "left": at.left}
    return at.due


def due_of(token: Any, dues: Mapping[int, Due]) -> Due | None:
    """When the step is due; of a multi-instance step, when its first open instance is."""
    found = [dues[key] for key in (token.id, *token._children) if key in dues]
    return found[0] if found else None
