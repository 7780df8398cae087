"""A limit counted before the calendar changed, counted again."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from tongxin.calendar import business, days
from tongxin.calendar.days_off import Calendar
from tongxin.calendar.hours import length_of
from tongxin.calendar.limit import Limit
from tongxin.calendar.pausing import paused_again

Facts = Mapping[str, Any]
_KEPT = {"expression"}  # what the diagram says, beside how it was counted


def recounted(facts: Facts, due: datetime, by: Calendar | None = None) -> Limit | None:
    """The limit by the calendar in use, or by another; None when it is the same, or was not counted in working days.

    `due`: the limit as it was counted, in local time. Pauses since then are counted anew, too, but not by another
    calendar.
    """
    count, pauses = RULES.get(str(facts.get("rule"))), facts.get("pauses")
    if count is None or (pauses and by is not None):
        return None
    first = datetime.fromisoformat(pauses[0]["was"]).astimezone(due.tzinfo) if pauses else due
    now = count(facts, first, by)
    now.derivation = {**now.derivation, **{name: facts[name] for name in _KEPT & facts.keys()}}
    if pauses:
        now = Limit.of(*paused_again(now, now.derivation, facts))
    return None if now == due and dict(now.derivation) == dict(facts) else now


def _working_days(facts: Facts, due: datetime, by: Calendar | None) -> Limit:
    counted = days.add_working_days(date.fromisoformat(facts["from"]), int(facts["days"]), by)
    return _on_another_day(facts, due, counted)


def _rolled(facts: Facts, due: datetime, by: Calendar | None) -> Limit:
    counted = days.roll_forward(date.fromisoformat(facts["from"]), by)
    return _on_another_day(facts, due, counted)


def _on_another_day(facts: Facts, due: datetime, counted: days.Counted) -> Limit:
    """Moved by whole days: the day was counted in a zone that `due` need not be in."""
    return Limit.of(due + (counted.day - date.fromisoformat(facts["to"])), counted.derivation)


def _business_hours(facts: Facts, _due: datetime, by: Calendar | None) -> Limit:
    start = datetime.fromisoformat(facts["from"])
    return business.business_hours_after(start, length_of(facts["duration"]), business.with_hours_of(facts, by))


RULES: Mapping[str, Callable[[Facts, datetime, Calendar | None], Limit]] = {
    "working_days": _working_days,
    "next_working_day": _rolled,
    "business_hours": _business_hours,
}
