"""What was done and can be undone, and undoing it.

What can be undone is remembered in the scope it was done in: a row of spec name, multi-instance values and, for a
subprocess, the rows of what was done inside and the variables it had for itself. Undoing goes backwards, one step at a
time, and waits for each. A scope with variables of its own is opened again for it, as it was when it was done.
"""

from collections.abc import Iterator
from typing import Any

Rows = list[list[Any]]


def undoing(rows: Rows, specs: Any) -> Iterator[list[Any]]:
    """The steps that undo, in order, with the values they see; of a scope to be opened again all of them."""
    for name, data, *more in reversed(rows):
        spec = specs[name]
        if spec.compensation is not None:
            yield [spec.compensation.name, data]
            continue
        inside, *values = more
        own = spec.inner.compensation
        todo = [[own.name, data]] if own is not None else list(undoing(inside, specs))
        if values and todo:
            yield [name, data, values[0], todo]
        else:
            yield from todo


def undo_next(todo: Rows, scope: Any, parent: Any = None) -> bool:
    """Begin the next of the steps that undo; False when none is left."""
    if not todo:
        return False
    name, data, *more = todo.pop(0)
    spec = scope.top_workflow.process.specs[name]
    token = scope.make(spec, data, parent)
    if more:
        spec.reopen(token, *more)
    else:
        spec._update(token)
    return True
