"""The one clock. Everything that asks what time it is asks here, so scenarios and tests can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
Source = Callable[[], datetime]


def _system_now() -> datetime:
    return datetime.now(LOCAL)


_source: Source = _system_now
_moved: ContextVar[Source | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """The current time, aware, in the zone every limit is counted in."""
    return (_moved.get() or _source)()


def use(source: Source | None) -> None:
    """Replace the clock of this process; None puts the system's back."""
    global _source  # noqa: PLW0603 - the one clock is deliberately process-wide
    _source = source or _system_now


@contextmanager
def moved(source: Source) -> Iterator[None]:
    """Another clock for what this thread does in the block: a trial beside requests must not move theirs."""
    token = _moved.set(source)
    try:
        yield
    finally:
        _moved.reset(token)
