# mypy: allow-subclassing-any
"""Events that wait: for a message, a signal, a time or a condition."""

from collections.abc import Mapping
from typing import Any, Literal

from tongxin.engine import cycles
from tongxin.engine.cycles import Cycle, Round
from tongxin.engine.errors import Failed
from tongxin.engine.model import Node
from tongxin.engine.moments import Moment, NotAMoment
from tongxin.engine.specs.elements import Element
from tongxin.engine.spiff import TaskState
from tongxin.engine.step import Due, Timer, Value, Wait
from tongxin.words import _, told


def brought(node: Node, payload: Value) -> Mapping[str, Value]:
    """The variables a message or signal brings; raises Failed."""
    message = node.message
    assert message is not None  # only called for what waits for one
    if message.payload:
        return {message.payload: payload}
    if payload is None:
        return {}
    if not isinstance(payload, Mapping):
        raise Failed(node.id, _("消息“{name}”带来的不是一组变量", name=message.name))
    return payload


class Catch(Element):
    """Waits for something to happen: intermediate and boundary events, receive tasks."""

    def enter(self, token: Any) -> bool:
        self.listen(token)
        return False

    def listen(self, token: Any, due: Due | None = None) -> None:
        """Begin to wait; `due` is the due time of the task a boundary event is attached to."""
        token._set_state(TaskState.WAITING)
        case, node = token.workflow.top_workflow, self.node
        if isinstance(node.timer, Cycle):
            self._await_round(token, self.begun(token, node.timer, due))
        elif node.timer is not None:
            case.timers[token.id] = Timer(token.id, node.id, self.time(token, node.timer, due))
        elif node.message is not None:
            key = None if node.message.key is None else self.evaluate(token, node.message.key)
            correlation = None if key is None else str(key)
            kind: Literal["message", "signal"] = "signal" if node.event == "signal" else "message"
            case.waits[token.id] = Wait(token.id, node.id, node.message.name, correlation, kind)
        self.restore(token)

    def restore(self, token: Any) -> None:
        if self.node.condition is not None:
            token.workflow.top_workflow.wait_for_condition(token)

    def time(self, token: Any, timer: Moment, due: Due | None) -> Due:
        """When it happens; raises Failed."""
        names = None if due is None else {"due": due.at}
        when = self.due(token, timer, names)
        if when is None:
            raise Failed(self.node.id, _("定时“{text}”没有给出时间", text=timer.text))
        return due if due is not None and timer.text.strip(" =") == "due" else when

    def begun(self, token: Any, cycle: Cycle, due: Due | None) -> Round:
        """The first round of a repetition, from `due` on where it says so."""
        text = self._text(token, cycle, due)
        try:
            return cycles.first(text, token.workflow.top_workflow.now)
        except NotAMoment as error:
            raise self._timeless(cycle, error) from error

    def _text(self, token: Any, cycle: Cycle, due: Due | None) -> str:
        """The repetition itself; the token keeps it, since the diagram's may become another one."""
        text = cycle.text
        if cycle.expression is not None:
            text = str(self.evaluate(token, cycle.expression, None if due is None else {"due": due.at}))
        token.internal_data = {**token.internal_data, "cycle": text}
        return text

    def _following(self, token: Any, cycle: Cycle) -> Round | None:
        """The next round; from now on when a migration made a repetition of what the token began to wait for."""
        kept, now = token.internal_data, token.workflow.top_workflow.now
        try:
            if "due" in kept and ("cycle" in kept or cycle.expression is None):
                return cycles.following(kept.get("cycle", cycle.text), kept["due"], kept["left"], now)
            due = Due(now, {}) if self.node.attached_to else None
            return cycles.first(self._text(token, cycle, due), now)
        except cycles.Over:
            return None
        except NotAMoment as error:
            raise self._timeless(cycle, error) from error

    def _timeless(self, cycle: Cycle, error: NotAMoment) -> Failed:
        return Failed(self.node.id, _("“{text}”没有给出时间：{error}", text=cycle.text, error=told(error)))

    def _await_round(self, token: Any, at: Round) -> None:
        token.internal_data = {**token.internal_data, "due": at.due.at, "left": at.left}
        token.workflow.top_workflow.timers[token.id] = Timer(token.id, self.node.id, at.due)

    def again(self, token: Any) -> None:
        """It happened and does not interrupt: a message may come again, a time only when it is a repeated one."""
        timer, parent = self.node.timer, token.parent
        if timer is None:
            return
        following = self._following(token, timer) if isinstance(timer, Cycle) else None
        token.cancel()
        if following is not None:
            renewed = token.workflow.make(self, token.data, parent, TaskState.WAITING)
            renewed.internal_data = {"cycle": token.internal_data.get("cycle", timer.text)}
            self._await_round(renewed, following)

    def receive(self, token: Any, payload: Value) -> None:
        """A message or signal came with its payload."""
        self.take(token, brought(self.node, payload))
        self.trigger(token)

    def trigger(self, token: Any) -> None:
        """What it waited for happened."""
        if token.parent is None:
            token._ready()
        else:
            token.parent.task_spec.triggered(token.parent, token)

    def came_true(self, token: Any) -> bool:
        """Whether a condition holds that did not hold when it was asked last."""
        held = token.internal_data.get("held", False)
        holds = self.evaluate(token, self.node.condition) is True
        if holds != held:
            token.internal_data = {"held": True} if holds else {}
        return holds and not held

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
        elif self.node.condition is not None:
            case.conditional.pop(token.id, None)


class Boundary(Catch):
    """An event on the edge of a step; the step listens for it, see `Activity`."""

    @property
    def reads_due(self) -> bool:
        """Whether the timer is the step's own limit."""
        timer = self.node.timer
        return timer is not None and timer.expression is not None and "due" in timer.expression.names


class EventStart(Catch):
    """The start of an event subprocess. What waits for it is a token in the scope around."""

    subprocess: Any  # the event subprocess it starts

    def stands_by(self, token: Any) -> bool:
        return not token.triggered

    def trigger(self, token: Any) -> None:
        scope, data = token.workflow, token.data
        if not self.node.interrupting:
            self.again(token)
        self.subprocess.occur(scope, data)
