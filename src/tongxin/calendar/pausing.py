"""Limits that stood still: when they end after that, and how that is told."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tongxin.calendar import telling
from tongxin.calendar.business import business_hours_after, business_time_between, with_hours_of
from tongxin.calendar.days import add_working_days, roll_forward, working_days_between
from tongxin.calendar.hours import working_hours_after
from tongxin.words import _, spanned

Facts = Mapping[str, Any]
_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=5000)  # a limit that lies farther ahead stays where it is
_CLOCK_ENDS = time(23, 59)  # how a derivation writes 24:00


def resumed(
    due: datetime, facts: Facts, paused_at: datetime, at: datetime, because: Sequence[str | None]
) -> tuple[datetime, dict[str, Any]]:
    """When a limit ends that stood still from `paused_at` to `at` (in whose zone days are counted), and how it came.

    It goes on with what was left: of a limit in days, the days after the one it stopped on; the day it goes on does
    not count, as the day a limit begins does not (Civil Code, article 201). `because`: names of the steps; None: by
    hand. `facts` is how the limit was counted; the answer adds to its `pauses`, the latest last.
    """
    zone = at.tzinfo
    due = datetime.combine(due.date(), due.timetz()).astimezone(zone)  # plain, if it was a Limit
    paused_at = paused_at.astimezone(zone)
    end, then = due, dict[str, Any]()
    if due - paused_at < _FARTHEST:
        end, then = _RULES.get(str(facts.get("rule")), _elapsed)(due, facts, paused_at, at)
    pause = {
        "from": paused_at.isoformat(),
        "to": at.isoformat(),
        "because": list(because),
        "was": due.isoformat(),
        "due": end.isoformat(),
        "then": then,
    }
    return end, {**facts, "pauses": [*facts.get("pauses", ()), pause]}


def paused_again(due: datetime, facts: Facts, before: Facts) -> tuple[datetime, dict[str, Any]]:
    """A limit counted anew (`due`, `facts`: the calendar has changed) with the pauses it had, from its old facts."""
    counted = {name: value for name, value in facts.items() if name != "pauses"}
    for pause in before.get("pauses", ()):
        began, ended = datetime.fromisoformat(pause["from"]), datetime.fromisoformat(pause["to"])
        due, counted = resumed(due, counted, began, ended.astimezone(due.tzinfo), pause["because"])
    return due, counted


def _working_days(due: datetime, facts: Facts, paused_at: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    begins = date.fromisoformat(facts["from"]) if facts["days"] >= 0 else date.min
    stopped, went_on = max(begins, paused_at.date()), max(begins, at.date())
    if stopped == went_on:
        return due, {}
    left = working_days_between(stopped, due.date())
    counted = add_working_days(went_on, left) if left else roll_forward(went_on)
    return datetime.combine(counted.day, due.timetz()), counted.derivation


def _next_working_day(
    due: datetime, facts: Facts, paused_at: datetime, at: datetime
) -> tuple[datetime, dict[str, Any]]:
    """What is moved on to a working day is a day of the calendar: days of the calendar are left."""
    known = [pause["then"] for pause in facts.get("pauses", ()) if pause["then"]]
    base = date.fromisoformat((known[-1] if known else facts)["from"])
    passed = at.date() - paused_at.date()
    if not passed:
        return due, {}
    counted = roll_forward(base + passed)
    return datetime.combine(counted.day, due.timetz()), counted.derivation


def _service_hours(due: datetime, facts: Facts, paused_at: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    begins = datetime.fromisoformat(facts["from"]).astimezone(at.tzinfo)
    opens, closes = time.fromisoformat(facts["opens"]), time.fromisoformat(facts["closes"])
    if closes == _CLOCK_ENDS:
        closes = time(23, 59, 59)
    stopped, went_on = max(begins, paused_at), max(begins, at)
    if stopped == went_on:
        return due, {}
    end = working_hours_after(went_on, _open_between(stopped, due, opens, closes), opens, closes)
    return datetime.combine(end.date(), end.timetz()), dict(end.derivation)


def _business_hours(due: datetime, facts: Facts, paused_at: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    begins = datetime.fromisoformat(facts["from"]).astimezone(at.tzinfo)
    stopped, went_on = max(begins, paused_at), max(begins, at)
    if stopped == went_on:
        return due, {}
    by = with_hours_of(facts)
    end = business_hours_after(went_on, business_time_between(stopped, due, by), by)
    return datetime.combine(end.date(), end.timetz()), dict(end.derivation)


def _open_between(start: datetime, end: datetime, opens: time, closes: time) -> timedelta:
    total = timedelta()
    for day in (start.date(), *_days_after(start.date(), end.date())):
        first = max(start, datetime.combine(day, opens, start.tzinfo))
        last = min(end, datetime.combine(day, closes, start.tzinfo))
        total += max(timedelta(), last - first)
    return total


def _date(due: datetime, facts: Facts, paused_at: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    """A limit that is a day of the calendar keeps the time of day at which it ends."""
    end = due + (at.date() - paused_at.date())
    return end, {"rule": "date", "date": end.date().isoformat()} if end != due else {}


def _elapsed(due: datetime, facts: Facts, paused_at: datetime, at: datetime) -> tuple[datetime, dict[str, Any]]:
    left = due - paused_at
    return at + left, {"rule": "elapsed", "from": at.isoformat(), "add": _iso(left)}


_IN_DAYS = ("working_days", "next_working_day", "date")
_RULES = {
    "working_days": _working_days,
    "next_working_day": _next_working_day,
    "service_hours": _service_hours,
    "business_hours": _business_hours,
    "date": _date,
}


def _days_after(first: date, last: date) -> Iterator[date]:
    return (first + offset * _DAY for offset in range(1, (last - first).days + 1))


def _iso(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    whole, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return "P" + (f"{whole}D" if whole else "") + (f"T{clock}" if clock else "" if whole else "T0S")


def told(facts: Facts) -> str:
    """A derivation in the reader's language, its pauses included."""
    said = telling.counted(facts)
    for pause in facts.get("pauses", ()):
        end = datetime.fromisoformat(pause["due"])
        shown = f"{end:%Y-%m-%d}" if facts.get("rule") in _IN_DAYS else f"{end:%Y-%m-%d %H:%M}"
        began, ended = (datetime.fromisoformat(pause[name]).date() for name in ("from", "to"))
        said = _(
            "{so_far}，停表 {days}（{why}）→ {end}",
            so_far=said,
            days=spanned(began, ended),
            why=because(pause["because"]),
            end=shown,
        )
    return said


def because(names: Sequence[str | None]) -> str:
    """Why a limit stands still: the steps by name; None: an administrator has stopped it."""
    return _("、").join(_("管理员停表") if name is None else name for name in names)
