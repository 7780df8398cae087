# mypy: allow-subclassing-any
"""How tokens behave at each kind of element: SpiffWorkflow's specs with our rules. Shared by all cases, never changed.

A spec's life with a token: `arrive` makes it, `enter` begins (True = ready to run), `_run_hook` works (True = done),
`_on_complete` sends its successors off, `withdraw` takes back what it registered, `restore` follows loading.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine import moments
from tongxin.engine.errors import Failed
from tongxin.engine.model import Assignment, Flow, Node
from tongxin.engine.moments import Moment
from tongxin.engine.spiff import BpmnProcessSpec, BpmnSpecMixin, WorkflowSpec
from tongxin.engine.step import Due, Value, Visit
from tongxin.words import _, told


class ScopeSpec(BpmnProcessSpec):
    """The specs of a process or subprocess, by id; without the library's own start and end, whose names could clash."""

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.data_objects: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.starts: dict[str, Any] = {}  # `start` is the plain one among them
        self.inclusive_joins: list[Any] = []
        self.event_subprocesses: list[Any] = []
        self.entries: list[tuple[Any, frozenset[str]]] = []  # of an ad-hoc subprocess, with what follows from each
        self.compensation: Any = None  # the event subprocess that undoes the whole scope


class Element(BpmnSpecMixin):
    """What all elements do. Variables live once per scope, so a token carries only multi-instance values."""

    handlers: tuple[Any, ...] = ()  # boundary events for errors and escalations, those for any code last
    decides = False  # one of the events it listens for is enough: an event gateway

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None, **more: Any) -> None:
        super().__init__(scope, name or node.id, bpmn_name=node.name, lane=node.lane.role, **more)
        self.bpmn_id = node.id
        self.node = node
        self.incoming: tuple[Flow, ...] = ()
        self.outgoing: tuple[Flow, ...] = ()
        self.default: Flow | None = None

    def arrive(self, scope: Any, flow: Flow | None, data: Mapping[str, Value]) -> None:
        self._update(scope.make(self, data))

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        """Nothing is predicted: nine parallel blocks in a row would make 127,938 tasks."""

    def _update(self, my_task: Any) -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        return self.enter(my_task)

    def enter(self, token: Any) -> bool:
        """Begin; True when there is nothing to wait for."""
        return True

    def restore(self, token: Any) -> None:
        """The token was loaded: make again what is not saved."""

    def stands_by(self, token: Any) -> bool:
        """Whether the token only waits for an event that begins something else; its scope is over without it."""
        return False

    def _on_ready(self, my_task: Any) -> None:
        if not self.manual:
            my_task.workflow.top_workflow.agenda.append(my_task)

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def _on_complete(self, my_task: Any) -> None:
        host = my_task.parent
        my_task.workflow.moved = True
        my_task.leave_scope()
        if host is not None:
            host.task_spec.instance_done(host, my_task)
        elif not my_task.workflow.is_enough():
            self.leave(my_task)

    def _on_cancel(self, my_task: Any) -> None:
        """Nothing beyond `withdraw`."""

    def withdraw(self, case: Any, token: Any) -> None:
        """Take back what waited under the token's key."""

    def visit(self, token: Any) -> None:
        token.workflow.top_workflow.trail.append(Visit(self.node.id))

    def leave(self, token: Any) -> None:
        for flow in self.choose(token):
            token.workflow.follow(flow, token.data)

    def choose(self, token: Any) -> Iterable[Flow]:
        return self.outgoing

    def holds(self, token: Any, flow: Flow) -> bool:
        """Only true is true: null, which an unknown name gives, is not."""
        return flow.condition is not None and self.evaluate(token, flow.condition) is True

    def evaluate(self, token: Any, expression: Any, names: Mapping[str, Value] | None = None) -> Value:
        return token.workflow.script_engine.evaluate(token, expression, names)

    def assigned(
        self, token: Any, lines: Iterable[Assignment], names: Mapping[str, Value] | None = None
    ) -> dict[str, Value]:
        return {line.name: self.evaluate(token, line.value, names) for line in lines}

    def take(self, token: Any, values: Mapping[str, Value]) -> None:
        """What came in goes to the scope's variables, or to the list of a multi-instance step."""
        host = token.parent
        if host is None or not host.task_spec.collect(host, token, values):
            token.workflow.assign(values)

    def collect(self, my_task: Any, token: Any, values: Mapping[str, Value]) -> bool:
        """Take an instance's answer; False when it is not kept apart."""
        return False

    def due(
        self, token: Any, moment: Moment, names: Mapping[str, Value] | None = None, *, end_of_day: bool = False
    ) -> Due | None:
        value = moment.text if moment.expression is None else self.evaluate(token, moment.expression, names)
        try:
            due = moments.settle(value, token.workflow.top_workflow.now, end_of_day=end_of_day)
        except (ValueError, ArithmeticError) as error:
            raise Failed(
                self.node.id, _("“{text}”没有给出时间：{error}", text=moment.text, error=told(error))
            ) from error
        if due is None or moment.expression is None:
            return due
        return Due(due.at, {**due.derivation, "expression": moment.text})


class Start(Element):
    """A start event of the process or of a subprocess: passed at once; what began it, the caller knows."""


class Milestone(Element):
    """A none intermediate event: passed at once."""
