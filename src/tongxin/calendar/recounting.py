"""A limit counted before the calendar changed, counted again; and how one came about, in words."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from tongxin.calendar import business, days
from tongxin.calendar.days_off import Calendar
from tongxin.calendar.hours import length_of
from tongxin.calendar.limit import Limit
from tongxin.words import retold

Facts = Mapping[str, Any]


def told(facts: Facts) -> str:
    """A derivation in the reader's language; of what we have not counted, what its text says."""
    if facts.get("rule") == "business_hours":
        return business.told(facts)
    return days.told(facts) if facts.get("rule") in RULES else retold(str(facts.get("text") or ""))


def recounted(facts: Facts, due: datetime, by: Calendar | None = None) -> Limit | None:
    """The limit by the calendar in use, or by another; None when it is the same, or was not counted in working days.

    `due`: the limit as it was counted, in local time. What was paused in between is left as it is.
    """
    count = RULES.get(str(facts.get("rule")))
    if count is None or facts.get("pauses"):
        return None
    now = count(facts, due, by)
    return None if now == due and dict(now.derivation) == dict(facts) else now


def _working_days(facts: Facts, due: datetime, by: Calendar | None) -> Limit:
    counted = days.add_working_days(date.fromisoformat(facts["from"]), int(facts["days"]), by)
    return Limit.of(datetime.combine(counted.day, due.timetz()), counted.derivation)


def _rolled(facts: Facts, due: datetime, by: Calendar | None) -> Limit:
    counted = days.roll_forward(date.fromisoformat(facts["from"]), by)
    return Limit.of(datetime.combine(counted.day, due.timetz()), counted.derivation)


def _business_hours(facts: Facts, _due: datetime, by: Calendar | None) -> Limit:
    return business.business_hours_after(datetime.fromisoformat(facts["from"]), length_of(facts["duration"]), by)


RULES: Mapping[str, Callable[[Facts, datetime, Calendar | None], Limit]] = {
    "working_days": _working_days,
    "next_working_day": _rolled,
    "business_hours": _business_hours,
}
