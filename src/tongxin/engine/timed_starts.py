"""When a process begins by itself: the times of its timer start events."""

from collections.abc import Mapping
from datetime import datetime

from tongxin.engine import cycles, moments
from tongxin.engine.cycles import Cycle, Round
from tongxin.engine.errors import Failed
from tongxin.engine.model import Node, Value
from tongxin.words import _, told


def first_start(node: Node, now: datetime, env: Mapping[str, Value]) -> Round | None:
    """The first time after now; None when it lies in the past. Raises Failed."""
    timer = node.timer
    assert timer is not None  # only asked of timer starts
    value = timer.text if timer.expression is None else timer.expression.evaluate(env, now)
    try:
        if isinstance(timer, Cycle):
            return cycles.first(str(value), now)
        due = moments.settle(value, now)
    except cycles.Over:
        return None
    except (ValueError, ArithmeticError) as error:
        raise _failed(node, timer.text, error) from error
    return Round(due, 0) if due is not None and due.at > now else None


def following_start(
    node: Node, due: datetime, left: int | None, now: datetime, env: Mapping[str, Value]
) -> Round | None:
    """The next time after the one at `due`, later than now: missed ones are not made up for. Raises Failed."""
    timer = node.timer
    if not isinstance(timer, Cycle):
        return None
    try:
        text = timer.text if timer.expression is None else str(timer.expression.evaluate(env, now))
        return cycles.following(text, due, left, now)
    except cycles.Over:
        return None
    except (ValueError, ArithmeticError) as error:
        raise _failed(node, timer.text, error) from error


def _failed(node: Node, text: str, error: Exception) -> Failed:
    return Failed(node.id, _("“{text}”没有给出时间：{error}", text=text, error=told(error)))
