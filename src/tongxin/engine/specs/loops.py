# mypy: allow-subclassing-any
"""A step more than once: for every item of a list, all at once or one after the other, or while a condition holds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tongxin.engine.errors import Failed
from tongxin.engine.model import Loop, Node, Repeat
from tongxin.engine.specs.activities import Activity
from tongxin.engine.specs.elements import ScopeSpec
from tongxin.engine.spiff import TaskState
from tongxin.engine.step import Due, Value
from tongxin.words import _

MAX_INSTANCES = 10_000


class Repeated(Activity):
    """Holds the instances of a step; events on its edge are about all of them."""

    def __init__(self, scope: ScopeSpec, node: Node, each: Activity) -> None:
        super().__init__(scope, node)
        self.each = each

    def begin(self, my_task: Any, data: Mapping[str, Value], index: int) -> None:
        token = my_task.workflow.make(self.each, data, my_task)
        token.internal_data = {"index": index}
        if self.each.enter(token):
            token._ready()

    def last(self, token: Any) -> Due | None:
        """The step's own limit, for a boundary timer that reads `due`."""
        return None if self.node.limit is None else self.due(token, self.node.limit, end_of_day=True)

    def remember(self, token: Any) -> None:
        """Instances are undone, one by one: each remembers itself."""


class MultiInstance(Repeated):
    """Once for every item of a list, all at once or one after the other.

    The standard leaves open, and we chose: an instance that a terminate end inside it ended counts as terminated, not
    as completed; the completion condition is asked after it, too. One after the other, numberOfInstances is the length
    of the list from the beginning, and the instance that comes next is already counted as active.
    """

    def __init__(self, scope: ScopeSpec, node: Node, loop: Loop, each: Activity) -> None:
        super().__init__(scope, node, each)
        self.loop = loop

    def enter(self, token: Any) -> bool:
        items = self._items(token)
        if self.loop.output:
            token.workflow.assign({self.loop.output: [None] * len(items)})
        if not items:
            return True
        token._set_state(TaskState.STARTED)
        token.internal_data = {"count": len(items), "done": 0}
        self.watch(token, self.last(token))
        if self.loop.sequential:
            token.internal_data["items"] = list(items)
            items = items[:1]
        for index, item in enumerate(items):
            self.begin(token, self._data(token, index, item), index)
        return False

    def _items(self, token: Any) -> list[Value]:
        if self.loop.times is not None:
            times = self.evaluate(token, self.loop.times)
            whole = isinstance(times, int | Decimal) and not isinstance(times, bool) and times == int(times)
            if not whole or not 0 <= times <= MAX_INSTANCES:
                raise Failed(self.node.id, _("多实例的次数不是 0 到 {most} 的整数", most=MAX_INSTANCES))
            return list(range(1, int(times) + 1))
        assert self.loop.collection is not None  # one of the two is there: reading checks
        items = self.evaluate(token, self.loop.collection)
        if not isinstance(items, list | None):
            raise Failed(self.node.id, _("多实例的“{source}”不是列表", source=self.loop.collection.source.strip()))
        if len(items or []) > MAX_INSTANCES:
            raise Failed(self.node.id, _("多实例的列表超过 {most} 项", most=MAX_INSTANCES))
        return items or []

    def _data(self, my_task: Any, index: int, item: Value) -> dict[str, Value]:
        return {**my_task.data, self.loop.element: item, "loopCounter": index + 1}

    def collect(self, my_task: Any, token: Any, values: Mapping[str, Value]) -> bool:
        """Put an instance's answer, beside its item, at the item's place in the output list."""
        if not self.loop.output or token.task_spec is not self.each:
            return False
        answers = list(my_task.workflow.value(self.loop.output) or [])
        index = token.internal_data["index"]
        answers.extend([None] * (index + 1 - len(answers)))
        answers[index] = {self.loop.element: token.data[self.loop.element], **values}
        my_task.workflow.assign({self.loop.output: answers})
        return True

    def instance_done(self, my_task: Any, token: Any) -> None:
        progress = my_task.internal_data
        progress["done"] += 1
        if token.internal_data.get("terminated"):
            progress["terminated"] = progress.get("terminated", 0) + 1
        if progress["done"] == progress["count"] or self._is_enough(my_task):
            my_task.complete()  # leaving cancels the instances that are still open
        elif self.loop.sequential:
            index = token.internal_data["index"] + 1
            self.begin(my_task, self._data(my_task, index, progress["items"][index]), index)

    def _is_enough(self, my_task: Any) -> bool:
        if self.loop.until is None:
            return False
        progress = my_task.internal_data
        count, done, terminated = progress["count"], progress["done"], progress.get("terminated", 0)
        counters = {
            "numberOfInstances": count,
            "numberOfCompletedInstances": done - terminated,
            "numberOfActiveInstances": min(1, count - done) if self.loop.sequential else count - done,
            "numberOfTerminatedInstances": terminated,
        }
        return self.evaluate(my_task, self.loop.until, counters) is True


class StandardLoop(Repeated):
    """Again and again while a condition holds."""

    def __init__(self, scope: ScopeSpec, node: Node, repeat: Repeat, each: Activity) -> None:
        super().__init__(scope, node, each)
        self.repeat = repeat

    def enter(self, token: Any) -> bool:
        if self.repeat.first and not self._goes_on(token, 0):
            return True
        token._set_state(TaskState.STARTED)
        self.watch(token, self.last(token))
        self.begin(token, {**token.data, "loopCounter": 1}, 0)
        return False

    def instance_done(self, my_task: Any, token: Any) -> None:
        done = token.internal_data["index"] + 1
        if self._goes_on(my_task, done):
            self.begin(my_task, {**my_task.data, "loopCounter": done + 1}, done)
        else:
            my_task.complete()

    def _goes_on(self, my_task: Any, done: int) -> bool:
        if self.repeat.most is not None and done >= self.repeat.most:
            return False
        condition = self.repeat.condition
        return condition is None or self.evaluate(my_task, condition, {"loopCounter": done}) is True
