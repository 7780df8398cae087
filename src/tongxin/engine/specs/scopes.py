# mypy: allow-subclassing-any
"""Activities with tokens of their own inside: subprocesses of all kinds, and called processes."""

from collections.abc import Mapping
from typing import Any

from tongxin.engine.model import Node
from tongxin.engine.scope import Layer
from tongxin.engine.specs.activities import Activity
from tongxin.engine.specs.catching import EventStart
from tongxin.engine.specs.elements import ScopeSpec
from tongxin.engine.specs.undoing import Rows, undo_next
from tongxin.engine.spiff import SubWorkflowTask, TaskState
from tongxin.engine.step import Value
from tongxin.engine.workflow import Nested


class Subprocess(Activity, SubWorkflowTask):
    """An embedded subprocess or a transaction. It shares the variables around it, but for those it has for itself."""

    gathers = False  # it is an instance whose values go to the output list

    def __init__(self, scope: ScopeSpec, node: Node, inner: ScopeSpec, name: str | None = None) -> None:
        super().__init__(scope, node, name, subworkflow_spec=inner.name)
        self.inner = inner
        self.cancel_event: Any = None  # a transaction's

    def enter(self, token: Any) -> bool:
        token._set_state(TaskState.STARTED)
        self.watch(token)
        self.begin_inside(token, self.open_scope(token))
        return False

    def open_scope(self, token: Any) -> Any:
        if self.node.own or self.gathers:
            token.internal_data["values"] = dict.fromkeys(sorted(self.node.own))  # null, whatever is outside
        nested = self.restore(token)
        nested.stand_by(token.data)
        return nested

    def restore(self, token: Any) -> Any:
        """The scope inside, as it was when the token was saved: its tokens follow."""
        nested = Nested(self.inner, token, self.layers(token))
        token.workflow.top_workflow.subprocesses[token.id] = nested
        return nested

    def layers(self, token: Any) -> tuple[Layer, ...]:
        """The variables inside, innermost first."""
        around: tuple[Layer, ...] = token.workflow.layers
        if "values" not in token.internal_data:
            return around
        return (Layer(None if self.gathers else self.node.own, token.internal_data["values"]), *around)

    def begin_inside(self, token: Any, nested: Any) -> None:
        self.inner.start.arrive(nested, None, token.data)

    def inside_done(self, token: Any) -> None:
        """All is done."""
        if self.gathers:
            values = token.internal_data["values"]
            self.take(token, {name: value for name, value in values.items() if name not in self.node.own})
        token.complete()

    def over(self, token: Any) -> None:
        """No token is left inside."""
        if "todo" not in token.internal_data:
            self.inside_done(token)
        elif not undo_next(token.internal_data["todo"], token.workflow.top_workflow.subprocesses[token.id]):
            token.complete()

    def reopen(self, token: Any, values: Mapping[str, Value] | None, todo: Rows, undo: Rows) -> None:
        """Undo what was done inside, with the variables it had."""
        token._set_state(TaskState.STARTED)
        token.internal_data = {"todo": todo, "undo": undo}
        if values is not None:
            token.internal_data["values"] = values
        undo_next(todo, self.restore(token))

    def leave(self, token: Any) -> None:
        if "todo" not in token.internal_data:
            super().leave(token)

    def remember(self, token: Any) -> None:
        kept = token.internal_data
        done = kept.get("undo", [])
        if "todo" in kept or (self.compensation is None and self.inner.compensation is None and not done):
            return
        row = [self.name, dict(token.data), done]
        if "values" in kept and self.compensation is None:
            row.append(kept["values"])
        token.workflow.remember(row)

    def _on_cancel(self, my_task: Any) -> None:
        my_task.workflow.top_workflow.subprocesses[my_task.id].clear()


class Call(Subprocess):
    """A call activity: the called process knows only what it is given, and gives back only what is taken."""

    def open_scope(self, token: Any) -> Any:
        token.internal_data["values"] = self.assigned(token, self.node.inputs)
        nested = self.restore(token)
        nested.stand_by({})
        return nested

    def layers(self, token: Any) -> tuple[Layer, ...]:
        return (*token.workflow.top_workflow.shared, Layer(None, token.internal_data["values"]))

    def begin_inside(self, token: Any, nested: Any) -> None:
        self.inner.start.arrive(nested, None, {})

    def inside_done(self, token: Any) -> None:
        inside = token.workflow.top_workflow.subprocesses[token.id].names({})
        evaluate = token.workflow.script_engine.evaluate
        self.take(token, {line.name: evaluate(token, line.value, inside, alone=True) for line in self.node.outputs})
        token.complete()


class AdHoc(Subprocess):
    """An ad-hoc subprocess: its steps are offered, each again when it was done, until the condition holds."""

    def begin_inside(self, token: Any, nested: Any) -> None:
        self.offer(token, nested)

    def offer(self, token: Any, nested: Any) -> bool:
        """Open every step that can be begun and is not under way; True when there was one."""
        standing = {other.task_spec.node.id for other in nested.tasks.values()}
        idle = [entry for entry, following in self.inner.entries if not standing & following]
        for entry in idle:
            entry.arrive(nested, None, token.data)
        return bool(idle)

    def is_enough(self, token: Any, nested: Any) -> bool:
        """Asked whenever something inside was done; if so, nothing more is done there."""
        if self.evaluate(token, self.node.condition, nested.names(token.data)) is not True:
            return False
        nested.clear()
        self.inside_done(token)
        return True


class EventSubprocess(Subprocess):
    """Begun by an event in the scope around; an interrupting one ends all else there."""

    @property
    def start(self) -> EventStart:
        """Its start event."""
        found: EventStart = next(iter(self.inner.starts.values()))
        return found

    def enter(self, token: Any) -> bool:
        """As a compensation: the scope it undoes is over."""
        token._set_state(TaskState.STARTED)
        self.begin_inside(token, self.open_scope(token))
        return False

    def occur(self, scope: Any, data: Mapping[str, Value]) -> None:
        if self.start.node.interrupting:
            scope.clear()
        self.arrive(scope, None, data)

    def begin_inside(self, token: Any, nested: Any) -> None:
        self.start.occur(nested, token.data)
