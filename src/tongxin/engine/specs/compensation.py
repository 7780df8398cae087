# mypy: allow-subclassing-any
"""Events that undo what was done: compensation, and the cancelling of a transaction."""

from typing import Any

from tongxin.engine.specs.elements import Element
from tongxin.engine.specs.throwing import Throw
from tongxin.engine.specs.undoing import undo_next, undoing
from tongxin.engine.spiff import TaskState
from tongxin.engine.step import Ended


class Compensating(Element):
    """Undoes, one step after the other, then goes on."""

    def _run_hook(self, my_task: Any) -> bool:
        scope = my_task.workflow
        while scope.is_event_subprocess:
            scope = scope.around
        specs, about = my_task.workflow.top_workflow.process.specs, self.node.compensates
        rows: list[list[Any]] = []
        others: list[list[Any]] = []
        for row in scope.done:
            (rows if about in (None, specs[row[0]].node.id) else others).append(row)
        scope.done = others
        todo = list(undoing(rows, specs))
        if not todo:
            return self.all_undone(my_task)
        my_task._set_state(TaskState.STARTED)
        my_task.internal_data = {"todo": todo}
        undo_next(todo, my_task.workflow, my_task)
        return False

    def instance_done(self, my_task: Any, token: Any) -> None:
        if undo_next(my_task.internal_data["todo"], my_task.workflow, my_task):
            return
        if self.all_undone(my_task):
            my_task.complete()

    def all_undone(self, token: Any) -> bool:
        """True: go on."""
        return True


class CompensationThrow(Compensating, Throw):
    """An intermediate compensation event."""


class CompensationEnd(Compensating):
    """A compensation end event."""

    def all_undone(self, token: Any) -> bool:
        if token.workflow.is_outermost:
            token.workflow.top_workflow.ended = Ended(self.node.id, self.node.name)
        return True


class CancelEnd(Compensating):
    """A cancel end event: everything else in its transaction ends, what was done is undone, the transaction is left."""

    def _run_hook(self, my_task: Any) -> bool:
        for token in list(my_task.workflow.tasks.values()):
            if token is not my_task:
                token.cancel()
        host = my_task.workflow.host
        siblings = [one for one in host.parent.children if one is not host] if host.parent is not None else []
        for token in (*host.children, *siblings):  # it is being left as a whole: nothing else takes it any more
            token.cancel()
        return super()._run_hook(my_task)

    def all_undone(self, token: Any) -> bool:
        case = token.workflow.top_workflow
        host = case.tokens[token.workflow.parent_task_id]
        edge = host.task_spec.cancel_event
        while host.parent is not None:  # an instance: the whole multi-instance step is left
            host = host.parent
        host.cancel()
        edge.occur(host.workflow, host.data)
        return False
