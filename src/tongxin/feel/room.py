"""Room for an evaluation that repeats something, in one piece of the interpreter's stack.

CPython keeps the frames of Python functions in pieces of 16 kB. Where one ends, every call maps another and every
return unmaps it: a loop that happens to begin there takes up to fifty times as long. A call that wants much makes a
piece large enough for all that it calls; memory is only used for what is really put there.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

_WANTED = 33_000  # words: more than half of the 512 kB that CPython then maps, the rest is for a thousand calls


def _call(run: Callable[..., Any], *given: Any) -> Any:
    return run(*given)


roomy = FunctionType(_call.__code__.replace(co_stacksize=_WANTED), globals(), "roomy")
