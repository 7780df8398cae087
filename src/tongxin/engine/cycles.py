"""Timers that come again: ISO 8601 repetitions (R3/PT1H, R/2026-03-05T09:00/P1D) and cron (five fields)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from croniter import CroniterError, croniter  # type: ignore[import-untyped]  # brings no types

from tongxin import feel
from tongxin.engine.moments import NotAMoment
from tongxin.engine.moments import read as read_moment
from tongxin.engine.step import Due
from tongxin.words import _

_ISO = re.compile(r"\s*R(\d{0,9})/(?:([^/@]+(?:@[^@]+)?)/)?([^/]+)\s*")  # a zone's name has slashes, too
_CRON = re.compile(r"\s*[\d*][\d*/,\-]*(\s+[\d*][\w*/,\-]*){3}\s+[\w*][\w*/,\-#]*\s*")
_LATER = feel.compile("start + length")
_SHORTEST = timedelta(minutes=1)
_A_MONTH = feel.YearsMonths(1)


@dataclass(frozen=True, slots=True)
class Cycle:
    """`text` is a literal when it is a repetition or cron, else FEEL giving such text."""

    text: str
    expression: feel.Expression | None


@dataclass(frozen=True, slots=True)
class Round:
    """Where a repetition stands: `due` comes next, then `left` more (None = for ever)."""

    due: Due
    left: int | None


class Over(NotAMoment):
    """The repetition does not come again."""


def is_literal(text: str) -> bool:
    return _CRON.fullmatch(text) is not None or (text.strip().startswith("R") and _ISO.fullmatch(text) is not None)


def is_by_calendar(text: str) -> bool:
    """Whether its rounds come at times of the calendar rather than so and so long after it began."""
    return _CRON.fullmatch(text) is not None or _read(text)[1] is not None


def first(text: str, now: datetime) -> Round:
    """The first time after `now`; raises NotAMoment."""
    if _CRON.fullmatch(text):
        return Round(_cron_due(text, now), None)
    times, start, length = _read(text)
    if start is not None:
        start = start if start.tzinfo else start.replace(tzinfo=now.tzinfo)
        left = None if times is None else times - 1
        found = Round(_due(start, text), left) if start > now else _on(start, left, length, now, text)
    else:
        found = _on(now, times, length, now, text)
    if found.left is not None and found.left < 0:
        raise Over(_("“{text}”不会再来", text=text.strip()))
    return found


def following(text: str, due: datetime, left: int | None, now: datetime) -> Round | None:
    """The time after the one at `due`; times missed since are not made up for. None: it was the last."""
    if _CRON.fullmatch(text):
        return Round(_cron_due(text, max(due, now)), None)
    found = _on(due.astimezone(now.tzinfo), left, _read(text)[2], now, text)
    return None if found.left is not None and found.left < 0 else found


def check(text: str) -> None:
    """Raises NotAMoment when a literal cannot be understood."""
    if _CRON.fullmatch(text):
        _cron_due(text, datetime(2026, 1, 1, tzinfo=UTC))
    else:
        _read(text)


def _on(due: datetime, left: int | None, length: Any, now: datetime, text: str) -> Round:
    """Whole rounds on, one at least, until the time lies after `now`; below none `left` says it was over before."""
    if isinstance(length, timedelta) and now > due:
        missed = (now - due) // length
        due, left = due + missed * length, None if left is None else left - missed
    while True:
        later = _LATER.evaluate({"start": due, "length": length})
        if not isinstance(later, datetime) or later <= due:
            raise Over(_("“{text}”不会再来", text=text.strip()))
        due, left = later, None if left is None else left - 1
        if due > now:
            return Round(_due(due, text), left)


def _read(text: str) -> tuple[int | None, datetime | None, Any]:
    found = _ISO.fullmatch(text)
    if found is None:
        raise NotAMoment(_("“{text}”不是重复的时间，例如 R3/PT1H 或 0 9 * * 1", text=text.strip()))
    times, start, length = found.groups()
    interval = read_moment(length)
    if isinstance(interval, date):
        raise NotAMoment(_("“{text}”里没有写隔多久", text=text.strip()))
    shortest = _SHORTEST if isinstance(interval, timedelta) else _A_MONTH
    if interval < shortest:
        raise NotAMoment(_("“{text}”太频繁，最短一分钟", text=text.strip()))
    begins = read_moment(start) if start else None
    if begins is not None and not isinstance(begins, datetime):
        raise NotAMoment(_("“{text}”里的开始要写日期和时间", text=text.strip()))
    if times and not int(times):
        raise NotAMoment(_("“{text}”一次也不会来", text=text.strip()))
    return int(times) if times else None, begins, interval


def _cron_due(text: str, after: datetime) -> Due:
    try:
        found = croniter(text.strip(), after, max_years_between_matches=10).get_next(datetime)
    except (CroniterError, ValueError, KeyError) as error:
        raise NotAMoment(_("“{text}”不是有效的 cron（分 时 日 月 周）", text=text.strip())) from error
    return _due(found, text)


def _due(at: datetime, text: str) -> Due:
    return Due(at, {"at": at.isoformat(), "rule": "cycle", "cycle": text.strip()})
