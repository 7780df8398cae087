"""Working days and service hours; every limit tells how it was derived. Pure; of ours it knows words only."""

from tongxin.calendar.days import Counted, add_working_days, is_published, is_working_day, roll_forward
from tongxin.calendar.functions import FUNCTIONS
from tongxin.calendar.hours import working_hours_after
from tongxin.calendar.limit import Limit
from tongxin.calendar.pausing import because, paused_again, resumed, told

__all__ = [
    "FUNCTIONS",
    "Counted",
    "Limit",
    "add_working_days",
    "because",
    "is_published",
    "is_working_day",
    "paused_again",
    "resumed",
    "roll_forward",
    "told",
    "working_hours_after",
]
