"""The one clock. Everything that asks what time it is asks here, so scenarios and tests can move it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def _system_now() -> datetime:
    return datetime.now(LOCAL)


_source: Callable[[], datetime] = _system_now


def now() -> datetime:
    """The current time, aware, in the zone every limit is counted in."""
    return _source()


def use(source: Callable[[], datetime] | None) -> None:
    """Replace the clock of this process; None puts the system's back."""
    global _source  # noqa: PLW0603 - the one clock is deliberately process-wide
    _source = source or _system_now
