"""Gateways: tokens are counted at the join they wait in, a flow at a time, as the standard says."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Flow
from tongxin.engine.specs.elements import Element
from tongxin.engine.spiff import TaskState
from tongxin.engine.step import Value, Visit
from tongxin.words import _


class Exclusive(Element):
    """The first flow whose condition holds, else the default. Merging, it lets every token pass."""

    def choose(self, token: Any) -> Iterable[Flow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return self.outgoing
        for flow in self.outgoing:
            if self.holds(token, flow):
                return (flow,)
        if self.default is None:
            raise Failed(self.node.id, _("没有一个条件成立，也没有默认线"))
        return (self.default,)


class Join(Element):
    """Waits for tokens on several flows. One token stands for the wait and counts what arrived on each flow.

    Counting instead of looking at the ancestors of finished tasks makes joins right in loops: a token that came early
    for the next round stays on its flow.
    """

    def arrive(self, scope: Any, flow: Flow | None, data: Mapping[str, Value]) -> None:
        if len(self.incoming) < 2 or flow is None:
            super().arrive(scope, flow, data)
            return
        token = self.waiting(scope) or scope.make(self, data, state=TaskState.WAITING)
        arrived = token.internal_data
        arrived[flow.id] = arrived.get(flow.id, 0) + 1
        if len(arrived) == len(self.incoming):
            self.fire(token)

    def waiting(self, scope: Any) -> Any:
        for token in scope.tasks.values():
            if token.task_spec is self and token.state == TaskState.WAITING:
                return token
        return None

    def fire(self, token: Any) -> None:
        """Take one token from each flow that has one; the others go on waiting."""
        left = {flow: count - 1 for flow, count in token.internal_data.items() if count > 1}
        token.internal_data = {}
        if left:
            token.workflow.make(self, token.data, state=TaskState.WAITING).internal_data = left
        self.visit(token)
        token._ready()


class Parallel(Join):
    """Waits for a token on every flow, sends one down every flow."""


class Inclusive(Join):
    """Waits while a token can still come to an empty flow that cannot come to a filled one (BPMN 2.0, 13.4.3)."""

    # For each incoming flow: where a token can stand and still come along it without passing this gateway; and where
    # it will not stay behind by that, as it does when an event that does not interrupt sends another one.
    reach: Mapping[str, frozenset[str]]
    reach_itself: Mapping[str, frozenset[str]]

    def choose(self, token: Any) -> Iterable[Flow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return self.outgoing
        taken = [flow for flow in self.outgoing if self.holds(token, flow)]
        if taken:
            return taken
        if self.default is None:
            raise Failed(self.node.id, _("没有一个条件成立，也没有默认线"))
        return (self.default,)

    def release(self, scope: Any) -> bool:
        """Fire if nothing more can come; asked when all tokens rest."""
        token = self.waiting(scope)
        if token is None:
            return False
        if any(self.waits_for(token, other) for other in scope.tasks.values()):
            return False
        self.fire(token)
        return True

    def waits_for(self, token: Any, other: Any) -> bool:
        """Whether the other token can still come to an empty flow, and to no filled one."""
        if other is token or other.parent is not None:  # a listener goes where its host goes
            return False
        place, filled = other.task_spec.node.id, token.internal_data
        may_come = any(place in self.reach[flow.id] for flow in self.incoming if flow.id not in filled)
        return may_come and not any(place in self.reach_itself[flow] for flow in filled)


class EventGateway(Element):
    """The first of the events behind it decides; the others are no longer waited for."""

    decides = True

    def enter(self, token: Any) -> bool:
        token._set_state(TaskState.STARTED)
        scope = token.workflow
        for flow in self.outgoing:
            event = scope.spec.task_specs[flow.target]
            event.listen(scope.make(event, token.data, token, TaskState.WAITING))
        return False

    def triggered(self, my_task: Any, listener: Any) -> None:
        scope = my_task.workflow
        flow = next(flow for flow in self.outgoing if flow.target == listener.task_spec.name)
        my_task.cancel()
        scope.top_workflow.trail.append(Visit(flow.id))
        listener.task_spec.occur(scope, my_task.data)
