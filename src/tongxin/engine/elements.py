# mypy: allow-subclassing-any
"""How tokens behave at each kind of element: SpiffWorkflow's specs with our rules. Shared by all cases, never changed.

A spec's life with a token: `arrive` makes it, `_update_hook` enters (True = ready to run), `_run_hook` works (True =
done), `_on_complete` sends its successors off, `withdraw` takes back what it registered.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine import moments
from tongxin.engine.errors import Failed
from tongxin.engine.model import Assignment, Flow, Node
from tongxin.engine.moments import Moment
from tongxin.engine.spiff import BpmnProcessSpec, BpmnSpecMixin, TaskState, WorkflowSpec
from tongxin.engine.step import Due, Ended, Timer, Value, Visit, Wait
from tongxin.words import _, told


class ScopeSpec(BpmnProcessSpec):
    """The specs of a process or subprocess, by id; without the library's own start and end, whose names could clash."""

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.data_objects: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.inclusive_joins: list[Any] = []


class Element(BpmnSpecMixin):
    """What all elements do. Variables live once per case, so a token carries only multi-instance values."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None, **more: Any) -> None:
        super().__init__(scope, name or node.id, bpmn_name=node.name, lane=node.role, **more)
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
        return True

    def _on_ready(self, my_task: Any) -> None:
        if not self.manual:
            my_task.workflow.top_workflow.agenda.append(my_task)

    def _run_hook(self, my_task: Any) -> bool:
        return True

    def _on_complete(self, my_task: Any) -> None:
        host = my_task.parent
        my_task.leave_scope()
        if host is None:
            self.leave(my_task)
        else:
            host.task_spec.instance_done(host, my_task)

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
    """A none start event."""


class Milestone(Element):
    """A none intermediate event: passed at once."""


class End(Element):
    """None, terminate and error ends. A scope is over when its last token is gone."""

    def _run_hook(self, my_task: Any) -> bool:
        scope, case = my_task.workflow, my_task.workflow.top_workflow
        if scope is case:
            case.ended = Ended(self.node.id, self.node.name)
        if self.node.event == "error" and scope is not case:
            raise_error(case.tokens[scope.parent_task_id], self.node.error)
        elif self.node.event != "none":
            scope.clear()
        return True


def raise_error(host: Any, code: str | None) -> None:
    """Hand an error to the nearest boundary event that takes it, beginning with the step it happened in."""
    origin = host
    while host is not None:
        for handler in host.task_spec.error_events:
            if handler.node.error in (None, code):
                host.cancel()
                handler.occur(host.workflow, host.data)
                return
        host = host.parent or host.workflow.top_workflow.tokens.get(host.workflow.parent_task_id)
    raise Failed(origin.task_spec.node.id, _("出了错误“{code}”，没有边界事件接住它", code=code))


class Catch(Element):
    """Waits for a message or a time: intermediate and boundary events, receive tasks."""

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        self.listen(my_task)
        return False

    def listen(self, token: Any, due: Due | None = None) -> None:
        """Begin to wait; `due` is the due time of the task a boundary event is attached to."""
        token._set_state(TaskState.WAITING)
        case, node = token.workflow.top_workflow, self.node
        if node.timer is not None:
            case.timers[token.id] = Timer(token.id, node.id, self._time(token, node.timer, due))
        elif node.message is not None:
            key = None if node.message.key is None else self.evaluate(token, node.message.key)
            correlation = None if key is None else str(key)
            case.waits[token.id] = Wait(token.id, node.id, node.message.name, correlation)

    def _time(self, token: Any, timer: Moment, due: Due | None) -> Due:
        names = None if due is None else {"due": due.at}
        when = self.due(token, timer, names)
        if when is None:
            raise Failed(self.node.id, _("定时“{text}”没有给出时间", text=timer.text))
        return due if due is not None and timer.text.strip(" =") == "due" else when

    def trigger(self, token: Any) -> None:
        """The message came, or the time."""
        if token.parent is None:
            token._ready()
        else:
            token.parent.task_spec.triggered(token.parent, token)

    def occur(self, scope: Any, data: Mapping[str, Value]) -> None:
        """Go on from here, whatever waited."""
        token = scope.make(self, data)
        token.triggered = True
        self.visit(token)
        token._ready()

    def withdraw(self, case: Any, token: Any) -> None:
        if token.triggered:  # it never waited
            return
        if self.node.timer is not None:
            case.clear_timer(token.id)
        elif self.node.message is not None:
            case.clear_wait(token.id)


class Boundary(Catch):
    """An event on the edge of a step; the step listens for it, see `Activity`."""

    @property
    def reads_due(self) -> bool:
        timer = self.node.timer
        return timer is not None and timer.expression is not None and "due" in timer.expression.names
