"""Room for an evaluation that takes long, in one piece of the interpreter's stack.

CPython keeps the frames of Python functions in pieces of 16 kB. Where one ends, every call maps another and every
return unmaps it: a loop that happens to begin there takes up to fifty times as long. A call that wants much makes a
piece large enough for all that it calls; memory is only used for what is really put there.
"""

from collections.abc import Callable
from datetime import datetime
from types import FunctionType
from typing import TypeVar

from tongxin.feel.errors import FeelError
from tongxin.feel.frame import Budget, Frame, Names

Result = TypeVar("Result")
_BRIEF = 300  # steps that are tried where we are: making room costs more than these
_WANTED = 33_000  # words: more than half of the 512 kB that CPython then maps, the rest is for a thousand calls


def in_time(run: Callable[[Frame], Result], names: Names, now: datetime | None, budget: Budget | None = None) -> Result:
    """Evaluate; what is not done after a few steps begins again, with room and the whole budget (or the one given)."""
    if budget is not None:
        shared: Result = _roomy(run, Frame(names, now, budget))
        return shared
    try:
        return run(Frame(names, now, Budget(_BRIEF)))
    except FeelError:
        result: Result = _roomy(run, Frame(names, now))
        return result


def _call(run: Callable[[Frame], Result], frame: Frame) -> Result:
    return run(frame)


_roomy = FunctionType(_call.__code__.replace(co_stacksize=_WANTED), globals(), "_roomy")
