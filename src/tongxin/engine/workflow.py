# mypy: allow-subclassing-any
"""A case while it steps: its tokens, which are SpiffWorkflow tasks, in the process and its running subprocesses.

Only live tokens exist. A finished one is forgotten at once and its successors are made when it leaves, so nothing is
predicted, nothing has to be pruned, and a loop costs the same the thousandth time. A token has a parent only while
that parent lives: what listens on a step (boundary events, the events behind an event gateway) and the instances of
a multi-instance step.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Flow
from tongxin.engine.script import FeelEngine
from tongxin.engine.spiff import BpmnSubWorkflow, BpmnWorkflow, Task, TaskState
from tongxin.engine.step import Closed, Effect, Ended, OpenTask, Timer, Value, Visit, Wait
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


class Scope:
    """What the process and its subprocesses have in common."""

    tasks: dict[int, Any]
    spec: Any
    top_workflow: Any

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
        return token

    def follow(self, flow: Flow, data: Mapping[str, Value]) -> None:
        self.top_workflow.trail.append(Visit(flow.id))
        self.spec.task_specs[flow.target].arrive(self, flow, data)

    def clear(self) -> None:
        for token in list(self.tasks.values()):
            token.cancel()


class Case(Scope, BpmnWorkflow):
    """One case during one step: where its tokens are, what it knows, and what the step has brought about."""

    def __init__(
        self,
        top: Any,
        nested: Mapping[str, Any],
        variables: Mapping[str, Value],
        now: datetime,
        env: Mapping[str, Value],
        last_key: int = 0,
    ) -> None:
        super().__init__(top, nested, script_engine=_FEEL, deserializing=True)
        self.variables = dict(variables)
        self.now, self.env = now, env
        self.last_key = last_key
        self.tokens: dict[int, Any] = {}
        self.agenda: deque[Any] = deque()
        self.opened: dict[int, OpenTask] = {}
        self.closed: list[Closed] = []
        self.timers: dict[int, Timer] = {}
        self.timers_cleared: list[int] = []
        self.waits: dict[int, Wait] = {}
        self.waits_cleared: list[int] = []
        self.effects: dict[int, Effect] = {}
        self.trail: list[Visit] = []
        self.ended: Ended | None = None

    def new_key(self) -> int:
        self.last_key += 1
        return self.last_key

    def create_subprocess(self, my_task: Any, spec_name: str) -> "Nested":
        nested = Nested(self.subprocess_specs[spec_name], my_task.id, self, deserializing=True)
        self.subprocesses[my_task.id] = nested
        return nested

    def get_task_from_id(self, task_id: int) -> Any:
        return self.tokens[task_id]

    def forget(self, token: Any) -> None:
        del self.tokens[token.id]
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
            if not self._finish_subprocess() and not self._release_join():
                return

    def _finish_subprocess(self) -> bool:
        """A subprocess is over when no token is left in it."""
        for key, nested in self.subprocesses.items():
            if not nested.tasks:
                self.tokens[key].complete()
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
    """A running embedded subprocess."""
