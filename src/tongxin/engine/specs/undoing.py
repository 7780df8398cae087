"""What was done and can be undone, and undoing it.

What can be undone is remembered in the scope it was done in: a row of spec name, multi-instance values and, for a
subprocess, the rows of what was done inside and the variables it had for itself. Undoing goes backwards, one step at a
time, and waits for each. A scope with variables or an event subprocess for it is opened again, as it was when it was
done. Instances and rounds of a step are undone one by one, also when others of them were never done.
"""

from collections.abc import Iterator
from typing import Any

Rows = list[list[Any]]


def undoing(rows: Rows, specs: Any) -> Iterator[list[Any]]:
    """The steps that undo, in order, with the values they see.

    For a scope to be opened again also its variables (None: it has none for itself), the steps that undo in it, and the
    rows of what was done in it: its compensation event subprocess may undo that, too.
    """
    for name, data, *more in reversed(rows):
        spec = specs[name]
        if spec.compensation is not None:
            yield [spec.compensation.name, data]
            continue
        inside, *kept = more
        values, own = kept[0] if kept else None, spec.inner.compensation
        if own is not None:
            yield [name, data, values, [[own.name, data]], inside]
        elif values is None:
            yield from undoing(inside, specs)
        elif todo := list(undoing(inside, specs)):
            yield [name, data, values, todo, []]


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
