# mypy: allow-subclassing-any
"""Activities: steps that last, with events on their edges; alone or once for every item of a list."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine.elements import Boundary, Catch, Element, ScopeSpec, raise_error
from tongxin.engine.errors import Failed
from tongxin.engine.model import Flow, Loop, Node
from tongxin.engine.spiff import ManualTask, ScriptTask, SubWorkflowTask, TaskState, UserTask
from tongxin.engine.step import Due, Effect, OpenTask, Value
from tongxin.words import _


class Activity(Element):
    """Something with a beginning and an end, and boundary events in between."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None, **more: Any) -> None:
        super().__init__(scope, node, name, **more)
        self.events: tuple[Boundary, ...] = ()  # messages and timers
        self.error_events: tuple[Boundary, ...] = ()

    def watch(self, token: Any, due: Due | None = None) -> None:
        """Listen for the events on the edge; `due` is when the step itself is due."""
        for event in self.events:
            if due is not None or not event.reads_due:  # no limit, no timeout
                event.listen(token.workflow.make(event, token.data, token, TaskState.WAITING), due)

    def triggered(self, my_task: Any, listener: Any) -> None:
        event = listener.task_spec
        if event.node.interrupting:
            my_task.cancel()
        elif event.node.timer is not None:
            listener.cancel()  # a message may come again, a time does not
        event.occur(my_task.workflow, my_task.data)

    def choose(self, token: Any) -> Iterable[Flow]:
        """Flows without condition, those whose condition holds; the default when no condition holds."""
        if self.default is None and not any(flow.condition for flow in self.outgoing):
            return self.outgoing
        held = [flow for flow in self.outgoing if self.holds(token, flow)]
        plain = [flow for flow in self.outgoing if flow.condition is None and not flow.default]
        if held or self.default is None:
            if not held and not plain:
                raise Failed(self.node.id, _("没有一个条件成立，也没有默认线"))
            return [*plain, *held]
        return [*plain, self.default]


class Human(Activity):
    """Waits for a person."""

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        return self.open(my_task)

    def open(self, token: Any) -> bool:
        node, case = self.node, token.workflow.top_workflow
        due = None if node.limit is None else self.due(token, node.limit, end_of_day=True)
        assignee = None if node.assignee is None else self.evaluate(token, node.assignee)
        local = dict(token.data)
        case.opened[token.id] = OpenTask(
            token.id, node.id, node.name, node.role or "", node.level, assignee, due, node.form, local
        )
        self.watch(token, due)
        return True

    def withdraw(self, case: Any, token: Any) -> None:
        case.close(token)

    def answer(self, token: Any, values: Mapping[str, Value]) -> None:
        """What the person entered goes to the case's variables, or to the list of a multi-instance step."""
        if token.parent is None or not token.parent.task_spec.collect(token, values):
            token.workflow.top_workflow.variables.update(values)
        token.complete()


class User(Human, UserTask):
    """A user task."""


class Manual(Human, ManualTask):
    """A manual task: done outside, told here; it has no form."""


class Script(Activity, ScriptTask):
    """Assigns variables."""

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node, script=node.script)

    def _run_hook(self, my_task: Any) -> bool:
        return bool(self._execute(my_task))


class Service(Activity):
    """A service or send task: done outside, answered by `resolve`."""

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        my_task._set_state(TaskState.STARTED)
        node, case = self.node, my_task.workflow.top_workflow
        given = self.assigned(my_task, node.inputs)
        case.effects[my_task.id] = Effect(my_task.id, node.id, node.action or "", given)
        self.watch(my_task)
        return False

    def withdraw(self, case: Any, token: Any) -> None:
        case.effects.pop(token.id, None)

    def answer(self, token: Any, result: Value, error: str | None) -> None:
        if error is not None:
            raise_error(token, error)
            return
        answers = self.assigned(token, self.node.outputs, {"result": result})
        token.workflow.top_workflow.variables.update(answers)
        token.complete()


class Receive(Activity, Catch):
    """A receive task: a message catch event that may have events on its edge."""

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        self.listen(my_task)
        self.watch(my_task)
        return False


class Subprocess(Activity, SubWorkflowTask):
    """An embedded subprocess; it shares the case's variables."""

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node, subworkflow_spec=node.id)

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        my_task._set_state(TaskState.STARTED)
        self.watch(my_task)
        nested = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)
        nested.spec.start.arrive(nested, None, my_task.data)
        return False

    def _on_cancel(self, my_task: Any) -> None:
        my_task.workflow.top_workflow.subprocesses[my_task.id].clear()


class MultiInstance(Activity):
    """A human step once for every item of a list, all at once or one after the other."""

    def __init__(self, scope: ScopeSpec, node: Node, loop: Loop, each: Human) -> None:
        super().__init__(scope, node)
        self.loop, self.each = loop, each

    def _update_hook(self, my_task: Any) -> bool:
        self.visit(my_task)
        items = self.evaluate(my_task, self.loop.collection)
        if not isinstance(items, list | None):
            raise Failed(self.node.id, _("多实例的“{source}”不是列表", source=self.loop.collection.source.strip()))
        items = items or []
        if self.loop.output:
            my_task.workflow.top_workflow.variables[self.loop.output] = [None] * len(items)
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)
        my_task.internal_data = {"count": len(items), "done": 0}
        due = None if self.node.limit is None else self.due(my_task, self.node.limit, end_of_day=True)
        self.watch(my_task, due)
        if self.loop.sequential:
            my_task.internal_data["items"] = list(items)
            items = items[:1]
        for index, item in enumerate(items):
            self._begin(my_task, index, item)
        return False

    def _begin(self, my_task: Any, index: int, item: Value) -> None:
        data = {**my_task.data, self.loop.element: item, "loopCounter": index + 1}
        token = my_task.workflow.make(self.each, data, my_task)
        token.internal_data = {"index": index}
        if self.each.open(token):
            token._ready()

    def collect(self, token: Any, values: Mapping[str, Value]) -> bool:
        """Put an instance's answer, beside its item, at the item's place in the output list."""
        if not self.loop.output:
            return False
        variables = token.workflow.top_workflow.variables
        answers = list(variables.get(self.loop.output) or [])
        index = token.internal_data["index"]
        answers.extend([None] * (index + 1 - len(answers)))
        answers[index] = {self.loop.element: token.data[self.loop.element], **values}
        variables[self.loop.output] = answers
        return True

    def instance_done(self, my_task: Any, token: Any) -> None:
        progress = my_task.internal_data
        progress["done"] += 1
        if progress["done"] == progress["count"] or self._is_enough(my_task):
            my_task._ready()  # leaving cancels the instances that are still open
        elif self.loop.sequential:
            index = token.internal_data["index"] + 1
            self._begin(my_task, index, progress["items"][index])

    def _is_enough(self, my_task: Any) -> bool:
        if self.loop.until is None:
            return False
        count, done = my_task.internal_data["count"], my_task.internal_data["done"]
        counters = {
            "numberOfInstances": count,
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": min(1, count - done) if self.loop.sequential else count - done,
            "numberOfTerminatedInstances": 0,
        }
        return self.evaluate(my_task, self.loop.until, counters) is True
