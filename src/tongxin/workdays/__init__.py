"""The calendar an installation keeps: its days off in the database, published, corrected, and counted by."""

from tongxin.workdays.keeping import (
    VERSION,
    Change,
    NotPublished,
    changes,
    correct_day,
    differing,
    keep_hours,
    keep_up,
    load,
    publish,
    seed,
    with_day,
    years,
)

__all__ = [
    "VERSION",
    "Change",
    "NotPublished",
    "changes",
    "correct_day",
    "differing",
    "keep_hours",
    "keep_up",
    "load",
    "publish",
    "seed",
    "with_day",
    "years",
]
