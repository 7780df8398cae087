# mypy: allow-subclassing-any
"""Events that happen: errors, escalations, signals, messages, ends; and who takes them."""

from typing import Any, Literal

from tongxin.engine.errors import Failed
from tongxin.engine.specs.elements import Element
from tongxin.engine.step import Ended, Sent
from tongxin.words import _

FAILED = "failed"  # the error code of a script or decision that could not be worked out


def raise_error(token: Any, code: str | None) -> bool:
    """Hand an error to the nearest that takes it, beginning with the step it happened in; False when nobody does."""
    return _hand(token, "error", code)


def escalate(token: Any, code: str | None) -> bool:
    """Hand an escalation to the nearest that takes it; False when nobody does."""
    return _hand(token, "escalation", code)


def _hand(token: Any, event: str, code: str | None) -> bool:
    case = token.workflow.top_workflow
    while True:
        host = token
        while host is not None:
            handler = None if "todo" in host.internal_data else _matching(host.task_spec.handlers, event, code)
            if handler is not None:
                if handler.node.interrupting:
                    host.cancel()
                handler.occur(host.workflow, host.data)
                return True
            host = host.parent
        scope = token.workflow
        starts = [sub.start for sub in scope.spec.event_subprocesses if sub is not token.task_spec]
        start = None if scope.is_reopened or _took_over(token) else _matching(starts, event, code)
        if start is not None:
            start.subprocess.occur(scope, token.data)
            return True
        if scope is case:
            return False
        token = case.tokens[scope.parent_task_id]


def _took_over(token: Any) -> bool:
    """Whether it is an event subprocess that ended all else in its scope: no other one there is begun any more."""
    spec = token.task_spec
    if not spec.node.triggered:
        return False
    start = spec.start.node
    return bool(start.interrupting and start.event != "compensation")


def _matching(handlers: Any, event: str, code: str | None) -> Any:
    """The handler of this very code, else the one for any."""
    fitting = [one for one in handlers if one.node.event == event and one.node.code in (None, code)]
    return next((one for one in fitting if one.node.code is not None), fitting[0] if fitting else None)


def broadcast(case: Any, name: str, payload: Any) -> None:
    """Give a signal to everything in the case that waits for it at this moment."""
    waiting = [
        token
        for token in case.tokens.values()
        if token.task_spec.node.event == "signal" and not token.task_spec.node.throws and not token.triggered
    ]
    for token in waiting:
        if token.id in case.tokens and token.task_spec.node.message.name == name:
            token.task_spec.receive(token, payload)


def send(element: Element, token: Any) -> None:
    """Note a message or signal for others to be told of, and tell this case's own of a signal."""
    node, case = element.node, token.workflow.top_workflow
    message = node.message
    assert message is not None  # only called for what sends one
    payload = element.assigned(token, node.inputs)
    key = None if message.key is None else element.evaluate(token, message.key)
    kind: Literal["message", "signal"] = "signal" if node.event == "signal" else "message"
    case.sent.append(Sent(token.id, node.id, kind, message.name, None if key is None else str(key), payload))
    if kind == "signal":
        broadcast(case, message.name, payload)


class Throw(Element):
    """An intermediate event that happens."""

    def _run_hook(self, my_task: Any) -> bool:
        match self.node.event:
            case "message" | "signal":
                send(self, my_task)
            case "escalation":
                escalate(my_task, self.node.code)
        return True


class End(Throw):
    """An end event."""

    def _run_hook(self, my_task: Any) -> bool:
        scope, case = my_task.workflow, my_task.workflow.top_workflow
        if scope.is_outermost:
            case.ended = Ended(self.node.id, self.node.name)
        if self.node.event == "terminate":
            if scope is not case:
                scope.host.internal_data["terminated"] = True  # a multi-instance step counts it
            scope.clear()
        elif self.node.event == "error":
            self._fail(my_task)
        return super()._run_hook(my_task)

    def _fail(self, token: Any) -> None:
        """An error of the process itself that nobody takes ends the case."""
        scope = token.workflow
        if raise_error(token, self.node.code):
            return
        if not scope.is_outermost:
            raise Failed(self.node.id, _("出了错误“{code}”，没有边界事件接住它", code=self.node.code))
        scope.top_workflow.clear()
