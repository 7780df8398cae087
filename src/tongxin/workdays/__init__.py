"""The calendar an installation keeps: its days off in the database, published, corrected, and counted by."""

from tongxin.workdays.keeping import (
    VERSION,
    Change,
    changes,
    correct_day,
    keep_hours,
    keep_up,
    load,
    publish,
    seed,
    years,
)

__all__ = [
    "VERSION",
    "Change",
    "changes",
    "correct_day",
    "keep_hours",
    "keep_up",
    "load",
    "publish",
    "seed",
    "years",
]
