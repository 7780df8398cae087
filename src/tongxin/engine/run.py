"""The verbs: a process, a case's state and variables in, a Step out. Nothing is kept between two of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tongxin.engine import state as states
from tongxin.engine.errors import Failed, NotReady
from tongxin.engine.model import Process
from tongxin.engine.specs.activities import Human, Service
from tongxin.engine.specs.catching import Catch, brought
from tongxin.engine.step import Step, Value
from tongxin.engine.workflow import Case
from tongxin.words import _

Variables = Mapping[str, Value]
_NEVER = datetime.min.replace(tzinfo=UTC)


def start(
    process: Process,
    variables: Variables,
    now: datetime,
    env: Variables,
    *,
    at: str | None = None,
    payload: Value = None,
) -> Step:
    """Begin a case at the plain start event, or `at` the one a message, signal or time has brought about."""
    spec = process.top.starts.get(at) if at else process.top.start
    if spec is None:
        raise Failed(at or process.id, _("流程没有这个开始事件"))
    case = Case(process, variables, now, env)
    if spec.node.message is not None:
        case.assign(brought(spec.node, payload))
    case.stand_by({})
    spec.arrive(case, None, {})
    return finish(case)


def complete(
    process: Process, state: bytes, variables: Variables, key: int, values: Variables, now: datetime, env: Variables
) -> Step:
    """A human step is done; `values` are what was entered."""
    case = loaded(process, state, variables, now, env)
    token = _waiting(case, key, Human)
    token.task_spec.answer(token, values)
    return finish(case)


def deliver(
    process: Process, state: bytes, variables: Variables, key: int, payload: Value, now: datetime, env: Variables
) -> Step:
    """A message or signal came; what it brings goes into its `payload` variable, or is merged as it is."""
    case = loaded(process, state, variables, now, env)
    token = _waiting(case, key, Catch)
    if token.task_spec.node.message is None:
        raise NotReady(key)
    token.task_spec.receive(token, payload)
    return finish(case)


def fire(process: Process, state: bytes, variables: Variables, key: int, now: datetime, env: Variables) -> Step:
    """A timer is due. Whether it is, the caller knows."""
    case = loaded(process, state, variables, now, env)
    token = _waiting(case, key, Catch)
    if token.task_spec.node.timer is None:
        raise NotReady(key)
    token.task_spec.trigger(token)
    return finish(case)


def resolve(
    process: Process,
    state: bytes,
    variables: Variables,
    key: int,
    result: Value,
    now: datetime,
    env: Variables,
    error: str | None = None,
    cause: str = "",
) -> Step:
    """An effect was done, with a result or with a BPMN error code; `cause` says in words what went wrong."""
    case = loaded(process, state, variables, now, env)
    token = _waiting(case, key, Service)
    token.task_spec.answer(token, result, error, cause)
    return finish(case)


def assign(
    process: Process, state: bytes, variables: Variables, values: Variables, now: datetime, env: Variables
) -> Step:
    """Variables of the case are set from outside; what waits for a condition may go on."""
    case = loaded(process, state, variables, now, env)
    case.assign(values)
    return finish(case)


def seen(process: Process, state: bytes, variables: Variables, key: int, now: datetime, env: Variables) -> Variables:
    """The variables as the step under `key` sees them: those of a called process or of its instance come first."""
    case = loaded(process, state, variables, now, env)
    token = case.tokens.get(key)
    if token is None:
        raise NotReady(key)
    known: dict[str, Value] = {}
    for layer in reversed(token.workflow.layers):
        known.update(layer.values)
    return known | dict(token.data)


def lane_of(process: Process, state: bytes, key: int) -> tuple[str, str | None]:
    """Role and level that the human step under `key` asked for when it opened. Raises NotReady."""
    token = _waiting(at_rest(process, state), key, Human)
    role, level = token.task_spec.asked_of(token)
    return role, level


def then(first: Step, second: Step) -> Step:
    """Two steps of one transaction as one: what the first began and the second ended was never there."""
    live = states.live_keys(second.state)
    opened, timers = {task.key for task in first.opened}, {timer.key for timer in first.timers_set}
    waits = {wait.key for wait in first.waits_set}
    lasting = live - set(second.waits_cleared)  # a wait may be set anew under its key, for another message
    return Step(
        state=second.state,
        variables=second.variables,
        opened=(*(task for task in first.opened if task.key in live), *second.opened),
        closed=(*first.closed, *(closed for closed in second.closed if closed.key not in opened)),
        timers_set=(*(timer for timer in first.timers_set if timer.key in live), *second.timers_set),
        timers_cleared=(*first.timers_cleared, *(key for key in second.timers_cleared if key not in timers)),
        waits_set=(*(wait for wait in first.waits_set if wait.key in lasting), *second.waits_set),
        waits_cleared=(*first.waits_cleared, *(key for key in second.waits_cleared if key not in waits)),
        effects=(*(effect for effect in first.effects if effect.key in live), *second.effects),
        sent=(*first.sent, *second.sent),
        decided=(*first.decided, *second.decided),
        stored={**first.stored, **second.stored},
        trail=(*first.trail, *second.trail),
        ended=second.ended or first.ended,
    )


def loaded(process: Process, state: bytes, variables: Variables, now: datetime, env: Variables) -> Case:
    """The case in memory for one step."""
    case = Case(process, variables, now, env)
    states.load(state, case)
    return case


def at_rest(process: Process, state: bytes) -> Case:
    """The case in memory, only to look where its tokens are."""
    return loaded(process, state, {}, _NEVER, {})


def _waiting(case: Case, key: int, kind: type) -> Any:
    token = case.tokens.get(key)
    if token is None or not isinstance(token.task_spec, kind):
        raise NotReady(key)
    return token


def finish(case: Case) -> Step:
    """Run on until all waits, and say what came of it."""
    case.do_engine_steps()
    try:
        state = states.save(case)
    except TypeError as error:  # a function or a range of FEEL
        raise Failed(case.process.id, _("有一个算出来的值不能保存")) from error
    return Step(
        state=state,
        variables=case.variables,
        opened=tuple(case.opened.values()),
        closed=tuple(case.closed),
        timers_set=tuple(case.timers.values()),
        timers_cleared=tuple(case.timers_cleared),
        waits_set=tuple(case.waits.values()),
        waits_cleared=tuple(case.waits_cleared),
        effects=tuple(case.effects.values()),
        sent=tuple(case.sent),
        decided=tuple(case.decided),
        stored=case.stored,
        trail=tuple(case.trail),
        ended=None if case.tasks else case.ended,
    )
