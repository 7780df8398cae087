"""Working days, office and service hours; every limit tells how it was derived. Pure; of ours it knows words only."""

from tongxin.calendar import notice
from tongxin.calendar.business import business_hours_after, spans
from tongxin.calendar.days import (
    Counted,
    add_working_days,
    holiday_name,
    is_published,
    is_working_day,
    roll_forward,
    working_days_between,
)
from tongxin.calendar.days_off import OFFICE_HOURS, Calendar, Year, current, library_year, library_years, made_of, use
from tongxin.calendar.functions import FUNCTIONS
from tongxin.calendar.hours import working_hours_after
from tongxin.calendar.limit import Limit
from tongxin.calendar.pausing import because, paused_again, resumed, told
from tongxin.calendar.recounting import RULES, recounted

__all__ = [
    "FUNCTIONS",
    "OFFICE_HOURS",
    "RULES",
    "Calendar",
    "Counted",
    "Limit",
    "Year",
    "add_working_days",
    "because",
    "business_hours_after",
    "current",
    "holiday_name",
    "is_published",
    "is_working_day",
    "library_year",
    "library_years",
    "made_of",
    "notice",
    "paused_again",
    "recounted",
    "resumed",
    "roll_forward",
    "spans",
    "told",
    "use",
    "working_days_between",
    "working_hours_after",
]
