"""Joins that can never go on, because tokens were put elsewhere by hand."""

from collections.abc import Iterable
from typing import Any

from tongxin.engine.model import Process
from tongxin.engine.run import at_rest
from tongxin.engine.specs.catching import Catch, EventStart
from tongxin.engine.specs.gateways import Inclusive, Join
from tongxin.engine.spiff import TaskState


def waiting_in_vain(process: Process, state: bytes) -> tuple[str, ...]:
    """Joins that wait for a branch on which no token can come any more, and joins that wait for one another."""
    case = at_rest(process, state)
    return tuple(name for scope in (case, *case.subprocesses.values()) for name in _in_vain(scope))


def _in_vain(scope: Any) -> list[str]:
    """What only waits for a join that waits in vain is not told: it goes on when that one was mended."""
    joins = [token for token in scope.tasks.values() if _is_join(token)]
    lost = [token for token in joins if not isinstance(token.task_spec, Inclusive) and not _can_fill(token, scope)]
    left = [token for token in joins if token not in lost]
    while released := [token for token in left if _goes_on(token, scope, left)]:
        left = [token for token in left if token not in released]
    return [token.task_spec.node.id for token in (*lost, *left)]


def _is_join(token: Any) -> bool:
    return isinstance(token.task_spec, Join) and token.state == TaskState.WAITING


def _goes_on(token: Any, scope: Any, stuck: list[Any]) -> bool:
    if isinstance(token.task_spec, Inclusive):
        return not any(token.task_spec.waits_for(token, other) for other in stuck)
    return _can_fill(token, scope, stuck)


def _can_fill(token: Any, scope: Any, stuck: Iterable[Any] = ()) -> bool:
    """Whether tokens can come along all the flows that are empty, from anywhere but from what is stuck."""
    join = token.task_spec
    places = [other.task_spec.node.id for other in scope.tasks.values() if other not in (token, *stuck)]
    empty = [flow for flow in join.incoming if flow.id not in token.internal_data]
    return all(_may_come(scope, flow.source, join, places) for flow in empty)


def _may_come(scope: Any, source: str, join: Any, places: Iterable[str]) -> bool:
    """Whether a token at one of the places can still get to the node `source` without passing the join."""
    seen: set[str] = set()
    todo = list(places)
    while todo:
        name = todo.pop()
        if name == source:
            return True
        if name in seen or name == join.node.id:
            continue
        seen.add(name)
        spec = scope.spec.task_specs.get(name)
        if spec is None or isinstance(spec, EventStart):
            continue
        todo += [flow.target for flow in spec.outgoing]
        todo += [event.node.id for event in (*getattr(spec, "events", ()), *spec.handlers) if isinstance(event, Catch)]
    return False
