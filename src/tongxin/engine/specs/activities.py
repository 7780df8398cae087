# mypy: allow-subclassing-any
"""Activities: steps that are worked on, with events on their edges."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Flow, Node
from tongxin.engine.specs.catching import Boundary, Catch
from tongxin.engine.specs.elements import Element, ScopeSpec
from tongxin.engine.specs.throwing import FAILED, raise_error, send
from tongxin.engine.spiff import ManualTask, ScriptTask, TaskState, UserTask
from tongxin.engine.step import Decided, Due, Effect, OpenTask, Value
from tongxin.words import _, told

LONGEST_TITLE = 200  # characters


class Activity(Element):
    """Something with a beginning and an end, and boundary events in between."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None, **more: Any) -> None:
        super().__init__(scope, node, name, **more)
        self.events: tuple[Boundary, ...] = ()  # what is listened for while it lasts
        self.handlers: tuple[Boundary, ...] = ()
        self.compensation: Any = None  # the step that undoes it

    def watch(self, token: Any, due: Due | None = None) -> None:
        """Listen for the events on the edge; `due` is when the step itself is due."""
        for event in self.events:
            if due is not None or not event.reads_due:  # no limit, no timeout
                event.listen(token.workflow.make(event, token.data, token, TaskState.WAITING), due)

    def triggered(self, my_task: Any, listener: Any) -> None:
        event = listener.task_spec
        if event.node.interrupting:
            my_task.cancel()
        else:
            event.again(listener)
        event.occur(my_task.workflow, my_task.data)

    def _on_complete(self, my_task: Any) -> None:
        self.remember(my_task)
        super()._on_complete(my_task)

    def remember(self, token: Any) -> None:
        """Keep that it was done, when it could have to be undone."""
        if self.compensation is not None:
            token.workflow.remember([self.name, dict(token.data)])

    def failing(self, token: Any, failure: Failed) -> bool:
        """A failure is the error `failed` for whoever takes it; otherwise the step of the engine fails."""
        if not raise_error(token, FAILED):
            raise failure
        return False

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

    def enter(self, token: Any) -> bool:
        due = None if self.node.limit is None else self.due(token, self.node.limit, end_of_day=True)
        self.ask(token)
        token.workflow.top_workflow.opened[token.id] = self.opened(token, due)
        self.watch(token, due)
        return True

    def ask(self, token: Any) -> None:
        """Work out the role and level of who is to do it; the token keeps them."""
        lane, kept = self.node.lane, {key: value for key, value in token.internal_data.items() if key != "lane"}
        if lane.role_by is not None or lane.level_by is not None:
            kept["lane"] = [self._asked(token, lane.role, lane.role_by), self._asked(token, lane.level, lane.level_by)]
        token.internal_data = kept

    def opened(self, token: Any, due: Due | None) -> OpenTask:
        """The step as others see it, asking who asked for when it opened."""
        node = self.node
        assignee = None if node.assignee is None else self.evaluate(token, node.assignee)
        role, level = self.asked_of(token)
        return OpenTask(token.id, node.id, self._name(token), role, level, assignee, due, node.form, dict(token.data))

    def asked_of(self, token: Any) -> tuple[str, str | None]:
        """Role and level that were asked for when it opened."""
        role, level = token.internal_data.get("lane", (self.node.lane.role, self.node.lane.level))
        return role or "", level

    def _asked(self, token: Any, written: str | None, by: Any) -> str | None:
        if by is None:
            return written
        value = self.evaluate(token, by)
        if not isinstance(value, str) or not value:
            raise Failed(self.node.id, _("“{source}”没有给出由谁办：应当是角色或层级的文字", source=by.source.strip()))
        return value

    def _name(self, token: Any) -> str:
        """What it is called now; its name if no title can be worked out."""
        try:
            title = None if self.node.title is None else self.evaluate(token, self.node.title)
        except Failed:  # what it is called stops nobody
            title = None
        text = " ".join(title.split()) if isinstance(title, str) else ""
        return text[:LONGEST_TITLE] or self.node.name

    def withdraw(self, case: Any, token: Any) -> None:
        case.close(token)

    def answer(self, token: Any, values: Mapping[str, Value]) -> None:
        """What the person entered."""
        self.take(token, values)
        token.complete()


class User(Human, UserTask):
    """A user task."""


class Manual(Human, ManualTask):
    """A manual task: done outside, told here; it has no form."""


class Script(Activity, ScriptTask):
    """Assigns variables; each line sees what the lines before it assigned."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name, script=node.script)

    def _run_hook(self, my_task: Any) -> bool:
        values: dict[str, Value] = {}
        try:
            for line in self.node.script:
                values[line.name] = self.evaluate(my_task, line.value, values)
        except Failed as failure:
            return self.failing(my_task, failure)
        self.take(my_task, values)
        return True


class Decide(Activity):
    """A business rule task: asks a decision."""

    decision: Any  # a Decision

    def _run_hook(self, my_task: Any) -> bool:
        case, node = my_task.workflow.top_workflow, self.node
        try:
            outcome = self._asked(my_task)
        except Failed as failure:
            return self.failing(my_task, failure)
        case.decided.append(Decided(node.id, node.decision or "", outcome.explanation))
        self.take(my_task, {node.result or "": outcome.value})
        return True

    def _asked(self, token: Any) -> Any:
        names = token.workflow.script_engine.names(token)
        try:
            return self.decision(names, token.workflow.top_workflow.now)
        except Exception as error:  # a decision is given from outside: whatever it raises, the case is as it was
            cause = _("决策“{name}”没有算出来：{error}", name=self.node.decision, error=told(error))
            raise Failed(self.node.id, cause) from error


class Service(Activity):
    """A service or send task: done outside, answered by `resolve`."""

    def enter(self, token: Any) -> bool:
        token._set_state(TaskState.STARTED)
        node, case = self.node, token.workflow.top_workflow
        given = self.assigned(token, node.inputs)
        case.effects[token.id] = Effect(token.id, node.id, node.action or "", given)
        self.watch(token)
        return False

    def withdraw(self, case: Any, token: Any) -> None:
        case.effects.pop(token.id, None)

    def answer(self, token: Any, result: Value, error: str | None, cause: str = "") -> None:
        if error is None:
            self.take(token, self.assigned(token, self.node.outputs, {"result": result}))
            token.complete()
        elif not raise_error(token, error):
            raise Failed(self.node.id, cause or _("出了错误“{code}”，没有边界事件接住它", code=error))


class Send(Activity):
    """A send task that sends a message; it does not wait for anything."""

    def _run_hook(self, my_task: Any) -> bool:
        send(self, my_task)
        return True


class Receive(Activity, Catch):
    """A receive task: a message catch event that may have events on its edge."""

    def enter(self, token: Any) -> bool:
        self.listen(token)
        self.watch(token)
        return False

    def trigger(self, token: Any) -> None:
        host = token.parent
        if host is not None and host.task_spec.decides:
            host.task_spec.triggered(host, token)
        else:
            token.complete()
