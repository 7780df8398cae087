# mypy: allow-subclassing-any
"""A case while it steps: what it knows, what waits, and what the step has brought about; see also scope.py."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Process
from tongxin.engine.pending import Pending
from tongxin.engine.scope import Layer, Scope
from tongxin.engine.script import FeelEngine
from tongxin.engine.spiff import BpmnSubWorkflow, BpmnWorkflow, TaskState
from tongxin.engine.step import Closed, Decided, Effect, Ended, OpenTask, Sent, Timer, Value, Visit, Wait
from tongxin.words import _

MAX_AUTOMATIC = 20_000  # automatic steps in a row: a loop without a waiting step must not run for ever

_FEEL = FeelEngine()


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
        self.conditional: dict[int, Any] = {}  # tokens that wait for a condition
        self.to_ask = Pending()  # those of them that may not be answered as before
        self.assigned = False  # a variable: then all conditions are asked anew
        self.may_be_over = Pending()  # scopes that were begun or that a token left, by their hosts
        self.may_join = Pending([0])  # the same of those with inclusive joins; 0 is the process
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
        self.look_at(token.workflow)
        self.subprocesses.pop(token.id, None)
        token.task_spec.withdraw(self, token)

    def look_at(self, scope: Any) -> None:
        """Something began or ended in it: it may be over, or a join in it may go on."""
        host = scope.parent_task_id or 0
        if host:
            self.may_be_over.add(host)
        if scope.spec.inclusive_joins:
            self.may_join.add(host)

    def wait_for_condition(self, token: Any) -> None:
        self.conditional[token.id] = token
        self.to_ask.add(token.id)

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
        while self.may_be_over:
            key = self.may_be_over.pop()
            nested = self.subprocesses.get(key)
            if nested is not None and nested.is_over and not nested.offers:
                nested.clear()
                self.tokens[key].task_spec.over(self.tokens[key])
                return True
        return False

    def _come_true(self) -> bool:
        """Conditions are asked when all has come to rest."""
        if self.assigned:
            self.assigned, self.to_ask = False, Pending(self.conditional)
        while self.to_ask:
            token = self.conditional.get(self.to_ask.pop())
            if token is not None and token.task_spec.came_true(token):
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
        while self.may_join:
            key = self.may_join.pop()
            scope = self.subprocesses.get(key) if key else self
            if scope is not None and any(join.release(scope) for join in scope.spec.inclusive_joins):
                self.may_join.add(key)  # there may be others in it
                return True
        return False


class Nested(Scope, BpmnSubWorkflow):
    """A running subprocess or called process; `host` is the token it belongs to."""

    def __init__(self, spec: Any, host: Any, layers: tuple[Layer, ...]) -> None:
        super().__init__(spec, host.id, host.workflow.top_workflow, deserializing=True)
        self.host, self.layers = host, layers
        self.top_workflow.look_at(self)
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
