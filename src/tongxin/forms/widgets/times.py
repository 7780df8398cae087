"""Dates, and dates with a time."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget
from tongxin.words import N_, _

_EARLIEST, _LATEST = 1900, 2200  # years; others are slips of the finger
_LONGEST = 40


def _plain(text: str) -> str:
    """Full-width digits, 2026年3月5日, 2026/3/5 and 2026.3.5 in the one way of writing."""
    plain = unicodedata.normalize("NFKC", text).strip()
    day, separator, clock = plain.replace("T", " ").partition(" ")
    for mark in "年月/.":
        day = day.replace(mark, "-")
    day = "-".join(part.zfill(2) for part in day.removesuffix("日").split("-"))
    return day + (f"T{clock.strip()}" if separator else "")


class Date(Widget):
    ask = N_("请选择{title}")

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        day = _date(value)
        if day is None or not _EARLIEST <= day.year <= _LATEST:
            raise Problem(_("{title}应为日期，如 2026-03-05", title=field.title))
        return day

    def read(self, field: Field, text: str) -> Value:
        return _plain(text) if len(text) <= _LONGEST else text

    def text(self, field: Field, value: Value) -> str:
        return value.isoformat() if isinstance(value, date) else str(value)

    def attributes(self, field: Field) -> dict[str, str]:
        return {"type": "date", "min": f"{_EARLIEST}-01-01", "max": f"{_LATEST}-12-31"}


def _date(value: Value) -> date | None:
    if isinstance(value, str) and len(value) <= _LONGEST:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


class DateTime(Widget):
    ask = N_("请选择{title}")

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        moment = _moment(value)
        if moment is None or not _EARLIEST <= moment.year <= _LATEST:
            raise Problem(_("{title}应为日期和时间，如 2026-03-05 08:30", title=field.title))
        # In local time: on which day it is, what is counted from it depends on.
        return moment.astimezone(now.tzinfo) if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)

    def read(self, field: Field, text: str) -> Value:
        return _plain(text) if len(text) <= _LONGEST else text

    def text(self, field: Field, value: Value) -> str:
        return value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)

    def attributes(self, field: Field) -> dict[str, str]:
        return {"type": "datetime-local", "min": f"{_EARLIEST}-01-01T00:00", "max": f"{_LATEST}-12-31T23:59"}


def _moment(value: Value) -> datetime | None:
    if isinstance(value, str) and 10 < len(value) <= _LONGEST:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None
