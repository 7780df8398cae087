import copy
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tongxin import calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2021-02-05", 10, "2021-02-24"),
        ("2026-02-13", 10, "2026-03-05"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-03-05", -3, "2026-03-02"),
        ("2026-03-07", 0, "2026-03-07"),
    ],
)
def test_counts_working_days(start: str, days: int, end: str) -> None:
    assert calendar.add_working_days(date.fromisoformat(start), days).day == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "days", "end", "rolled"),
    [("2026-08-03", 60, "2026-10-02", "2026-10-08"), ("2021-01-18", 30, "2021-02-17", "2021-02-18")],
)
def test_rolls_the_end_of_calendar_days(start: str, days: int, end: str, rolled: str) -> None:
    reached = date.fromisoformat(start) + timedelta(days=days)
    assert reached == date.fromisoformat(end)
    assert calendar.roll_forward(reached).day == date.fromisoformat(rolled)


def test_tells_how_it_was_derived() -> None:
    counted = calendar.add_working_days(date(2026, 2, 13), 10)
    assert counted.derivation["text"] == (
        "2026-02-13 + 10 个工作日（春节放假 2月15–23日，2月14日、2月28日上班）→ 2026-03-05"
    )
    assert counted.derivation["working_weekends"] == ["2026-02-14", "2026-02-28"]
    assert counted.derivation["provisional"] is False


def test_is_provisional_where_the_calendar_is_not_published() -> None:
    counted = calendar.add_working_days(date(2026, 12, 31), 3)
    assert counted.day == date(2027, 1, 5)
    assert counted.derivation["provisional"] is True
    assert "暂按周末推算" in counted.derivation["text"]
    assert calendar.roll_forward(date(2044, 10, 1)).day == date(2044, 10, 3)
    early = calendar.add_working_days(date(1999, 10, 1), 1).derivation
    assert early["provisional"] is True
    assert "没有那一年的节假日资料" in early["text"]


def test_function_gives_what_it_was_given() -> None:
    add = calendar.FUNCTIONS["add working days"]
    day = add(date(2026, 2, 13), 10)
    assert day == date(2026, 3, 5)
    assert day.derivation == calendar.add_working_days(date(2026, 2, 13), 10).derivation
    assert copy.deepcopy(day).derivation == day.derivation
    assert (day + timedelta(days=1)).derivation == {}  # no longer explains it
    limit = add(datetime(2026, 2, 13, 9, 30, tzinfo=SHANGHAI), 10)
    assert isinstance(limit, calendar.Limit)
    assert limit == datetime(2026, 3, 5, 23, 59, 59, tzinfo=SHANGHAI)
    assert limit.derivation["days"] == 10
    assert add(None, 10) is None
    with pytest.raises(ValueError, match="天数应为整数"):
        add(date(2026, 2, 13), "10")
