# mypy: allow-subclassing-any
"""Tokens, which are SpiffWorkflow tasks, and the scopes they are in: the process and its running subprocesses.

Only live tokens exist. A finished one is forgotten at once and its successors are made when it leaves, so nothing is
predicted, nothing has to be pruned, and a loop costs the same the thousandth time. A token has a parent only while
that parent lives: what listens on a step (boundary events, the events behind an event gateway) and the instances of
a multi-instance step.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from tongxin.engine.model import Flow
from tongxin.engine.script import Names
from tongxin.engine.spiff import Task, TaskState
from tongxin.engine.step import Value, Visit


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


@dataclass(frozen=True, slots=True)
class Layer:
    """Variables of one scope; `owns` lists the only names it takes, None = every name."""

    owns: frozenset[str] | None
    values: dict[str, Value]


class Scope:
    """What the process and its subprocesses have in common."""

    tasks: dict[int, Any]
    spec: Any
    top_workflow: Any
    layers: tuple[Layer, ...]  # innermost first
    lookup: tuple[Mapping[str, Value], ...]  # what expressions read, in this order
    moved = False  # something in it was done in this step
    is_outermost = False  # an end event here ends the case
    is_event_subprocess = False
    is_reopened = False  # it is over, and what was done in it is being undone

    def names(self, data: Mapping[str, Value]) -> Names:
        """What an expression in this scope sees."""
        return Names(data, *self.lookup)

    def value(self, name: str) -> Value:
        """A variable as seen from here."""
        return self.names({}).get(name)

    def assign(self, values: Mapping[str, Value]) -> None:
        """Each name in the innermost layer that takes it."""
        for name, value in values.items():
            for layer in self.layers:
                if layer.owns is None or name in layer.owns:
                    layer.values[name] = value
                    self.top_workflow.assigned = True
                    break

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
        spec.restore(token)
        return token

    def follow(self, flow: Flow, data: Mapping[str, Value]) -> None:
        if not flow.hidden:
            self.top_workflow.trail.append(Visit(flow.id))
        self.spec.task_specs[flow.target].arrive(self, flow, data)

    def stand_by(self, data: Mapping[str, Value], without: Container[Any] = ()) -> None:
        """Listen for what begins the event subprocesses; errors, escalations and compensations are handed over.

        `without`: starts that are listened for already.
        """
        for subprocess in self.spec.event_subprocesses:
            start = subprocess.start
            if start in without:
                continue
            if start.node.event in ("message", "signal", "timer", "conditional"):
                start.listen(self.make(start, data, state=TaskState.WAITING))

    def is_enough(self) -> bool:
        """Whether what was just done completes it, however much is left to do."""
        return False

    @property
    def is_over(self) -> bool:
        """Nothing is left in it but what stands by for events."""
        return all(token.task_spec.stands_by(token) for token in self.tasks.values())

    def clear(self) -> None:
        for token in list(self.tasks.values()):
            token.cancel()
