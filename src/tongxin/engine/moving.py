"""Mending a running case: tokens taken from where they stand and put elsewhere, by hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongxin.engine.errors import CannotMove, NotReady
from tongxin.engine.model import Node, Process
from tongxin.engine.run import Variables, at_rest, finish, loaded
from tongxin.engine.specs.catching import Boundary, EventStart
from tongxin.engine.specs.loops import MultiInstance, Repeated
from tongxin.engine.specs.scopes import EventSubprocess
from tongxin.engine.spiff import TaskState
from tongxin.engine.step import Step
from tongxin.engine.workflow import Case
from tongxin.words import _


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that waits and can be put elsewhere; `inside`: the key of what it is a part of, None at the top."""

    key: int
    node: str
    inside: int | None = None


def standing(process: Process, state: bytes) -> tuple[Standing, ...]:
    """Everything in a case that `move` takes, in the order in which it began."""
    case = at_rest(process, state)
    return tuple(
        Standing(token.id, token.task_spec.node.id, _around(token))
        for token in sorted(case.tokens.values(), key=lambda token: int(token.id))
        if not _only_listens(token)
    )


def move(
    process: Process, state: bytes, variables: Variables, keys: Collection[int], to: str, now: datetime, env: Variables
) -> Step:
    """End what stands under `keys`, go on at the node `to` instead. Raises NotReady or CannotMove.

    With several keys, branches become one. A subprocess in which nothing is left ends, too, without going on from it;
    one around the node is entered when it is not under way. What the step closes, clears and opens tells what dies and
    what begins; everything else lives on.
    """
    case = loaded(process, state, variables, now, env)
    tokens = [_movable(case, key) for key in keys]
    if not tokens:
        raise CannotMove(_("没有选要移动的步骤"))
    target = target_of(process, to)
    scope = _landing(case, tokens, target)
    taken_over = _is_taken_over(scope)
    data = dict(tokens[0].data) if tokens[0].workflow is scope and not _is_instance(tokens[0]) else dict(_data(scope))
    for token in tokens:
        _take_away(token, scope)
    if taken_over and not _is_taken_over(scope):
        scope.stand_by(_data(scope))  # what an interrupting event subprocess had ended is listened for again
    for name in target.scope[_depth(scope) :]:
        scope = _enter(scope, name, data)
    scope.spec.task_specs[to].arrive(scope, None, data)
    step = finish(case)
    if step.ended is None and not case.tokens:
        raise CannotMove(_("这样移动以后，没有步骤在办，也没有到结束事件"))
    return step


def target_of(process: Process, to: str) -> Node:
    """The node, if a token can be put there; raises CannotMove."""
    node = process.nodes.get(to)
    if node is None:
        raise CannotMove(_("流程里没有“{node}”这一步", node=to))
    if node.kind in ("startEvent", "boundaryEvent") or node.triggered or node.is_handler:
        raise CannotMove(_("“{name}”不能直接到达，请选它后面的步骤", name=node.name or node.id))
    return node


def _movable(case: Case, key: int) -> Any:
    token = case.tokens.get(key)
    if token is None:
        raise NotReady(key)
    if _only_listens(token):
        raise CannotMove(_("“{name}”只是在等事件，请选它所挂的步骤", name=_name(token)))
    return token


def _only_listens(token: Any) -> bool:
    return isinstance(token.task_spec, Boundary | EventStart) or (token.parent is not None and not _is_instance(token))


def _around(token: Any) -> int | None:
    if token.parent is not None:
        return int(token.parent.id)
    scope = token.workflow
    return None if scope is scope.top_workflow else int(scope.host.id)


def _landing(case: Case, tokens: Sequence[Any], target: Node) -> Any:
    """The running scope nearest to the target that outlives the tokens: around the first, or one that holds the target.

    A subprocess that is itself put somewhere inside of it begins anew.
    """
    scope = tokens[0].workflow
    while _path(scope) != target.scope[: _depth(scope)] or _ends_with(tokens, scope):
        scope = scope.around
    while _depth(scope) < len(target.scope):
        name = target.scope[_depth(scope)]
        inside = [
            one for one in case.subprocesses.values() if one.around is scope and one.host.task_spec.node.id == name
        ]
        if len(inside) > 1:
            name = case.process.nodes[name].name or name
            raise CannotMove(_("“{name}”正在同时办几次，分不清移到哪一次里", name=name))
        if not inside or _is_instance(inside[0].host) or _ends_with(tokens, inside[0]):
            break
        scope = inside[0]
    for name in target.scope[_depth(scope) :]:
        node = case.process.nodes[name]
        if node.loop is not None or node.triggered or node.kind == "adHocSubProcess":
            raise CannotMove(_("“{name}”里的步骤不能直接到达，请移到“{name}”本身", name=node.name or node.id))
    return scope


def _ends_with(tokens: Collection[Any], scope: Any) -> bool:
    """Whether it is inside of one of the tokens."""
    while scope is not scope.top_workflow:
        if scope.host in tokens or scope.host.parent in tokens:
            return True
        scope = scope.around
    return False


def _take_away(token: Any, landing: Any) -> None:
    """The token ends, and with it whatever has nothing left inside, up to where the case goes on."""
    scope, host = token.workflow, token.parent
    if token.state & TaskState.FINISHED_MASK:
        return  # it ended with another one
    token.cancel()
    if host is not None and not _goes_on_without(host):
        _take_away(host, landing)
    elif scope is not landing and scope is not scope.top_workflow and scope.is_over and not _holds(scope, landing):
        _take_away(scope.host, landing)


def _goes_on_without(host: Any) -> bool:
    """Whether a multi-instance step has other instances to wait for."""
    if not isinstance(host.task_spec, MultiInstance) or host.task_spec.loop.sequential:
        return False
    host.internal_data["count"] -= 1
    return bool(host.internal_data["count"] > host.internal_data["done"])


def _enter(scope: Any, name: str, data: Mapping[str, Any]) -> Any:
    """A subprocess entered without its start event."""
    spec = scope.spec.task_specs[name]
    token = scope.make(spec, data, state=TaskState.STARTED)
    spec.visit(token)
    spec.watch(token)
    return spec.open_scope(token)


def _holds(scope: Any, inner: Any) -> bool:
    while inner is not inner.top_workflow:
        inner = inner.around
        if inner is scope:
            return True
    return False


def _is_instance(token: Any) -> bool:
    return token.parent is not None and isinstance(token.parent.task_spec, Repeated)


def _data(scope: Any) -> Mapping[str, Any]:
    return {} if scope is scope.top_workflow else scope.host.data


def _depth(scope: Any) -> int:
    return len(_path(scope))


def _path(scope: Any) -> tuple[str, ...]:
    if scope is scope.top_workflow:
        return ()
    node = scope.host.task_spec.node
    return (*node.scope, node.id)


def _is_taken_over(scope: Any) -> bool:
    """Whether an interrupting event subprocess has ended all else in the scope."""
    return any(
        isinstance(token.task_spec, EventSubprocess) and token.task_spec.start.node.interrupting
        for token in scope.tasks.values()
    )


def _name(token: Any) -> str:
    return str(token.task_spec.node.name or token.task_spec.node.id)
