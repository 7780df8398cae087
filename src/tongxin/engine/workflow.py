# mypy: allow-subclassing-any
"""A case while it steps: its tokens, which are SpiffWorkflow tasks, in the process and its running subprocesses.

Only live tokens exist. A finished one is forgotten at once and its successors are made when it leaves, so nothing is
predicted, nothing has to be pruned, and a loop costs the same the thousandth time. A token has a parent only while
that parent lives: what listens on a step (boundary events, the events behind an event gateway) and the instances of
a multi-instance step.
"""

from collections import deque
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Flow, Process
from tongxin.engine.script import FeelEngine, Names
from tongxin.engine.spiff import BpmnSubWorkflow, BpmnWorkflow, Task, TaskState
from tongxin.engine.step import Closed, Decided, Effect, Ended, OpenTask, Sent, Timer, Value, Visit, Wait
from tongxin.words import _

MAX_AUTOMATIC = 20_000  # automatic steps in a row: a loop without a waiting step must not run for ever

_FEEL = FeelEngine()


class Token(Task):
    """A task of SpiffWorkflow without its log records, and without children that are kept for history."""

    def _set_state(self, value: int) -> None:
        self._state = value

    def run(self) -> bool:
        done = bool(self.task_spec._run_hook(self))
        if done and self._state == TaskState.READY:  # an error end may have cancelled its own scope
            self.complete()
        return done

    def cancel(self) -> None:
        if self._state & TaskState.FINISHED_MASK:
            return
        self._set_state(TaskState.CANCELLED)
        self.task_spec._on_cancel(self)
        self.leave_scope()

    def leave_scope(self) -> None:
        """Finished, one way or the other: whatever listened on it goes with it."""
        for child in self.children:
            child.cancel()
        if self.parent is not None:
            self.parent._children.remove(self.id)
        del self.workflow.tasks[self.id]
        self.workflow.top_workflow.forget(self)


@dataclass(frozen=True, slots=True)
class Layer:
    """Variables of one scope; `owns` lists the only names it takes, None = every name."""

    owns: frozenset[str] | None
    values: dict[str, Value]


class Scope:
    """What the process and its subprocesses have in common."""

    tasks: dict[int, Any]
    spec: Any
    top_workflow: Any
    layers: tuple[Layer, ...]  # innermost first
    lookup: tuple[Mapping[str, Value], ...]  # what expressions read, in this order
    moved = False  # something in it was done in this step
    is_outermost = False  # an end event here ends the case
    is_event_subprocess = False
    is_reopened = False  # it is over, and what was done in it is being undone

    def names(self, data: Mapping[str, Value]) -> Names:
        """What an expression in this scope sees."""
        return Names(data, *self.lookup)

    def value(self, name: str) -> Value:
        """A variable as seen from here."""
        return self.names({}).get(name)

    def assign(self, values: Mapping[str, Value]) -> None:
        """Each name in the innermost layer that takes it."""
        for name, value in values.items():
            for layer in self.layers:
                if layer.owns is None or name in layer.owns:
                    layer.values[name] = value
                    break

    def make(self, spec: Any, data: Mapping[str, Value], parent: Any = None, state: int = TaskState.FUTURE) -> Any:
        token = Token(self, spec, parent, state, id=self.top_workflow.new_key())
        token.data = data
        self.top_workflow.tokens[token.id] = token
        return token

    def restore(
        self, spec: Any, key: int, parent: Any, state: int, internal: dict[str, Any], data: Mapping[str, Value]
    ) -> Any:
        """A token as it was saved."""
        token = Token(self, spec, parent, state, id=key)
        token.internal_data, token.data = internal, data
        self.top_workflow.tokens[key] = token
        spec.restore(token)
        return token

    def follow(self, flow: Flow, data: Mapping[str, Value]) -> None:
        if not flow.hidden:
            self.top_workflow.trail.append(Visit(flow.id))
        self.spec.task_specs[flow.target].arrive(self, flow, data)

    def stand_by(self, data: Mapping[str, Value], without: Container[Any] = ()) -> None:
        """Listen for what begins the event subprocesses; errors, escalations and compensations are handed over.

        `without`: starts that are listened for already.
        """
        for subprocess in self.spec.event_subprocesses:
            start = subprocess.start
            if start in without:
                continue
            if start.node.event in ("message", "signal", "timer", "conditional"):
                start.listen(self.make(start, data, state=TaskState.WAITING))

    def is_enough(self) -> bool:
        """Whether what was just done completes it, however much is left to do."""
        return False

    @property
    def is_over(self) -> bool:
        """Nothing is left in it but what stands by for events."""
        return all(token.task_spec.stands_by(token) for token in self.tasks.values())

    def clear(self) -> None:
        for token in list(self.tasks.values()):
            token.cancel()


class Case(Scope, BpmnWorkflow):
    """One case during one step: where its tokens are, what it knows, and what the step has brought about."""

    is_outermost = True

    def __init__(
        self, process: Process, variables: Mapping[str, Value], now: datetime, env: Mapping[str, Value]
    ) -> None:
        super().__init__(process.top, script_engine=_FEEL, deserializing=True)
        self.process = process
        self.variables = dict(variables)
        self.now, self.env = now, env
        stores = process.stores
        self.shared = (Layer(stores, {name: env.get(name) for name in stores}),) if stores else ()
        self.layers = (*self.shared, Layer(None, self.variables))
        self.lookup = (*(layer.values for layer in self.layers), env)
        self.last_key = 0
        self.done: list[list[Any]] = []  # what can be undone, see specs/undoing.py
        self.tokens: dict[int, Any] = {}
        self.agenda: deque[Any] = deque()
        self.unsettled: list[int] = []  # heap of the hosts of scopes that may be over: begun, or a token left them
        self.conditional: dict[int, Any] = {}  # tokens that wait for a condition
        self.opened: dict[int, OpenTask] = {}
        self.closed: list[Closed] = []
        self.timers: dict[int, Timer] = {}
        self.timers_cleared: list[int] = []
        self.waits: dict[int, Wait] = {}
        self.waits_cleared: list[int] = []
        self.effects: dict[int, Effect] = {}
        self.sent: list[Sent] = []
        self.decided: list[Decided] = []
        self.trail: list[Visit] = []
        self.ended: Ended | None = None

    def new_key(self) -> int:
        self.last_key += 1
        return self.last_key

    def get_task_from_id(self, task_id: int) -> Any:
        return self.tokens[task_id]

    def remember(self, row: list[Any]) -> None:
        """Something was done that could have to be undone."""
        self.done.append(row)

    @property
    def stored(self) -> dict[str, Value]:
        """The data stores that were written."""
        changed = (layer.values.items() for layer in self.shared)
        return {name: value for items in changed for name, value in items if value != self.env.get(name)}

    def forget(self, token: Any) -> None:
        del self.tokens[token.id]
        if token.workflow is not self:
            heappush(self.unsettled, token.workflow.parent_task_id)
        self.subprocesses.pop(token.id, None)
        token.task_spec.withdraw(self, token)

    def close(self, token: Any) -> None:
        """A human step no longer waits; one that was opened in this very step was never there."""
        if self.opened.pop(token.id, None) is None:
            self.closed.append(Closed(token.id, "completed" if token.state == TaskState.COMPLETED else "cancelled"))

    def clear_timer(self, key: int) -> None:
        if self.timers.pop(key, None) is None:
            self.timers_cleared.append(key)

    def clear_wait(self, key: int) -> None:
        if self.waits.pop(key, None) is None:
            self.waits_cleared.append(key)

    def do_engine_steps(self, will_complete_task: Any = None, did_complete_task: Any = None) -> None:
        """Run until everything waits for somebody or something."""
        steps = 0
        while True:
            while self.agenda:
                token = self.agenda.popleft()
                if token.state == TaskState.READY:
                    steps += 1
                    if steps > MAX_AUTOMATIC:
                        raise Failed(token.task_spec.node.id, _("自动步骤绕圈不停：圈里没有等待人或时间的步骤"))
                    token.run()
            if not (self._finish_subprocess() or self._come_true() or self._go_on() or self._release_join()):
                break
        if self.is_over:
            self.clear()

    def _finish_subprocess(self) -> bool:
        """A subprocess is over when no token is left in it; an ad-hoc one, when its condition holds."""
        while self.unsettled:
            key = heappop(self.unsettled)
            nested = self.subprocesses.get(key)
            if nested is not None and nested.is_over and not nested.offers:
                nested.clear()
                self.tokens[key].task_spec.over(self.tokens[key])
                return True
        return False

    def _come_true(self) -> bool:
        """Conditions are asked when all has come to rest."""
        for token in self.conditional.values():
            if token.task_spec.came_true(token):
                token.task_spec.trigger(token)
                return True
        return False

    def _go_on(self) -> bool:
        """Steps of an ad-hoc subprocess are offered again."""
        for key, nested in self.subprocesses.items():
            if nested.offers and nested.moved:
                nested.moved = False
                if self.tokens[key].task_spec.offer(self.tokens[key], nested):
                    return True
        return False

    def _release_join(self) -> bool:
        """Inclusive joins look at all tokens of their scope, so they are asked when all have come to rest."""
        for scope in (self, *self.subprocesses.values()):
            for join in scope.spec.inclusive_joins:
                if join.release(scope):
                    return True
        return False


class Nested(Scope, BpmnSubWorkflow):
    """A running subprocess or called process; `host` is the token it belongs to."""

    def __init__(self, spec: Any, host: Any, layers: tuple[Layer, ...]) -> None:
        super().__init__(spec, host.id, host.workflow.top_workflow, deserializing=True)
        self.host, self.layers = host, layers
        heappush(self.top_workflow.unsettled, host.id)
        self.lookup = (*(layer.values for layer in layers), self.top_workflow.env)
        self.is_event_subprocess = host.task_spec.node.triggered
        self.is_outermost = self.is_event_subprocess and host.workflow.is_outermost
        self.is_reopened = "todo" in host.internal_data

    def is_enough(self) -> bool:
        return self.offers and self.host.task_spec.is_enough(self.host, self)

    @property
    def offers(self) -> bool:
        """Whether its steps are offered until a condition holds: an ad-hoc subprocess."""
        return bool(self.spec.entries) and not self.is_reopened

    @property
    def around(self) -> Any:
        """The scope it stands in."""
        return self.host.workflow

    @property
    def done(self) -> list[list[Any]]:
        """What was done in it and can be undone, see specs/undoing.py."""
        found: list[list[Any]] = self.host.internal_data.get("undo", [])
        return found

    @done.setter
    def done(self, rows: list[list[Any]]) -> None:
        self.host.internal_data["undo"] = rows

    def remember(self, row: list[Any]) -> None:
        """Something was done that could have to be undone."""
        self.host.internal_data.setdefault("undo", []).append(row)

    def _calculate_depth(self) -> int:
        return 0  # the library walks up to the process for it; nothing here asks
