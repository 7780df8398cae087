"""Limits that stood still. Every expected day was counted by hand on the calendar page of that month.

2026: 春节 off 15–23 February, working 14 and 28 February; 劳动节 off 1–5 May, working 9 May; 国庆 off 1–7 October,
working 20 September and 10 October.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tongxin import calendar, clock
from tongxin.calendar import FUNCTIONS
from tongxin.calendar.pausing import paused_again


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)


def counted(start: str, days: int) -> Any:
    return FUNCTIONS["add working days"](at(start), days)


def after(limit: Any, *pauses: tuple[str, str], because: tuple[str | None, ...] = ("补正",)) -> tuple[datetime, Any]:
    due, facts = limit, limit.derivation
    for began, ended in pauses:
        due, facts = calendar.resumed(due, facts, at(began), at(ended), because)
    return due, facts


WORKING_DAYS = [
    # received, days, pauses, the last day then
    # 14 (working Saturday) 24 25 26 27 28 (working Saturday) February, 2 March: seven of ten are used; left 6 9 10
    ("2026-02-13 10:00", 10, [("2026-03-02 11:00", "2026-03-05 09:00")], "2026-03-10"),
    # within one day: that day counts once, nothing moves
    ("2026-03-02 10:00", 5, [("2026-03-04 09:00", "2026-03-04 17:00")], "2026-03-09"),
    # 3 4 used, stopped on Wednesday the 4th; left 6 9 10
    ("2026-03-02 10:00", 5, [("2026-03-04 09:00", "2026-03-05 09:00")], "2026-03-10"),
    # over a weekend: stopped on Friday (3 4 5 6 used), goes on on Monday the 9th; left 10
    ("2026-03-02 10:00", 5, [("2026-03-06 17:00", "2026-03-09 09:00")], "2026-03-10"),
    # stopped on Saturday, goes on on Sunday: no working day has passed
    ("2026-03-02 10:00", 5, [("2026-03-07 09:00", "2026-03-08 09:00")], "2026-03-09"),
    # stopped on Sunday (four of five used), goes on on Wednesday; left Thursday
    ("2026-03-02 10:00", 5, [("2026-03-08 09:00", "2026-03-11 09:00")], "2026-03-12"),
    # stopped on the very day it began, before any day counted: all five after the 4th: 5 6 9 10 11
    ("2026-03-02 10:00", 5, [("2026-03-02 11:00", "2026-03-04 09:00")], "2026-03-11"),
    # stopped on the last day: none is left, it ends on the day it goes on
    ("2026-03-02 10:00", 5, [("2026-03-09 10:00", "2026-03-12 09:00")], "2026-03-12"),
    # the same, but it goes on on a Saturday: a limit ends on a working day
    ("2026-03-02 10:00", 5, [("2026-03-09 10:00", "2026-03-14 09:00")], "2026-03-16"),
    # two pauses: 3 4 used; after the 6th 9 used; after the 11th: left 12 13
    ("2026-03-02 10:00", 5, [("2026-03-04 09:00", "2026-03-06 09:00"), ("2026-03-09 09:00", "2026-03-11 09:00")],
     "2026-03-13"),
    # twice with a day between: no day counts twice. 3 used; stopped again on the 5th (4 5?): 4 goes on, 5 counts
    ("2026-03-02 10:00", 5, [("2026-03-03 09:00", "2026-03-04 09:00"), ("2026-03-05 09:00", "2026-03-06 09:00")],
     "2026-03-11"),
    # across the holidays of May: 28 29 30 April and 6 May are used... stopped on 30 April: three of five; goes on on
    # 6 May; left 7 8
    ("2026-04-27 10:00", 5, [("2026-04-30 16:00", "2026-05-06 09:00")], "2026-05-08"),
    # goes on in the holidays: left two of five after 2 May: 6 7
    ("2026-04-27 10:00", 5, [("2026-04-30 16:00", "2026-05-02 09:00")], "2026-05-07"),
    # over October: stopped on 29 September, used 28 29; goes on on 9 October (Friday); left 10 (working Saturday) 12 13
    ("2026-09-27 10:00", 5, [("2026-09-29 09:00", "2026-10-09 09:00")], "2026-10-13"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "days", "pauses", "end"), WORKING_DAYS)
def test_working_days_go_on_with_the_days_left(start: str, days: int, pauses: list[tuple[str, str]], end: str) -> None:
    due, facts = after(counted(start, days), *pauses)
    assert f"{due:%Y-%m-%d %H:%M:%S}" == f"{end} 23:59:59"
    assert len(facts["pauses"]) == len(pauses)
    assert (facts["rule"], facts["days"]) == ("working_days", days)


def test_how_it_is_told() -> None:
    _due, facts = after(counted("2026-02-13 10:00", 10), ("2026-03-02 11:00", "2026-03-05 09:00"))
    assert calendar.told(facts) == (
        "2026-02-13 + 10 个工作日（春节放假 2月15–23日，2月14日、2月28日上班）→ 2026-03-05，"
        "停表 3月2–5日（补正）→ 2026-03-10"
    )
    _due, facts = after(
        counted("2026-03-02 10:00", 5),
        ("2026-03-04 09:00", "2026-03-05 09:00"),
        ("2026-03-06 09:00", "2026-03-06 10:00"),
        because=("补正", None),
    )
    assert calendar.told(facts) == (
        "2026-03-02 + 5 个工作日→ 2026-03-09，停表 3月4–5日（补正、管理员停表）→ 2026-03-10，"
        "停表 3月6日（补正、管理员停表）→ 2026-03-10"
    )


def test_a_limit_that_had_not_begun_loses_nothing() -> None:
    limit = FUNCTIONS["add working days"](at("2026-03-09 00:00"), 3)  # 10 11 12
    assert after(limit, ("2026-03-02 09:00", "2026-03-06 09:00"))[0] == limit
    assert f"{after(limit, ('2026-03-02 09:00', '2026-03-10 09:00'))[0]:%m-%d}" == "03-13"  # 11 12 13


def test_days_before_something_move_on_by_the_days_left() -> None:
    limit = FUNCTIONS["add working days"](at("2026-03-20 10:00"), -3)  # 17 March, three before the 20th
    assert f"{limit:%m-%d}" == "03-17"
    due, _facts = after(limit, ("2026-03-12 10:00", "2026-03-16 09:00"))  # left 13 16 17; after the 16th: 17 18 19
    assert f"{due:%m-%d}" == "03-19"


SERVICE_HOURS = [
    # from, hours, pause, end; open from eight to twenty
    ("2026-03-05 09:00", 4, ("2026-03-05 10:00", "2026-03-05 12:00"), "2026-03-05 15:00"),
    # three hours are left at ten; from nineteen one of them today
    ("2026-03-05 09:00", 4, ("2026-03-05 10:00", "2026-03-05 19:00"), "2026-03-06 10:00"),
    # two hours are left in the evening; closed when it goes on
    ("2026-03-05 16:00", 4, ("2026-03-05 18:00", "2026-03-05 22:00"), "2026-03-06 10:00"),
    # stopped and gone on while it is closed: nothing moves
    ("2026-03-05 18:00", 4, ("2026-03-05 21:00", "2026-03-06 07:00"), "2026-03-06 10:00"),
    # began while closed (counts from eight), stopped before that
    ("2026-03-05 22:00", 2, ("2026-03-05 23:00", "2026-03-06 09:00"), "2026-03-06 11:00"),
    # days later
    ("2026-03-05 19:30", 13, ("2026-03-06 08:30", "2026-03-09 12:00"), "2026-03-10 12:00"),
]


@pytest.mark.parametrize(("start", "hours", "pause", "end"), SERVICE_HOURS)
def test_service_hours_go_on_with_the_time_left(start: str, hours: int, pause: tuple[str, str], end: str) -> None:
    limit = calendar.working_hours_after(at(start), timedelta(hours=hours), at("2026-01-01 08:00").time(),
                                         at("2026-01-01 20:00").time())  # fmt: skip
    assert after(limit, pause)[0] == at(end)


BUSINESS_HOURS = [
    # from, hours, pause, end; open 9:00–12:00 and 13:30–17:30 on working days, seven hours a day
    ("2026-03-05 10:00", 4, ("2026-03-05 11:00", "2026-03-05 14:00"), "2026-03-05 17:00"),  # three are left at two
    ("2026-03-05 10:00", 4, ("2026-03-05 12:10", "2026-03-05 13:20"), "2026-03-05 15:30"),  # stopped over noon
    # five of seven hours are left on Friday at eleven; a working Saturday is none of that weekend: Monday
    ("2026-03-06 09:00", 7, ("2026-03-06 11:00", "2026-03-07 10:00"), "2026-03-09 15:30"),
    ("2026-03-07 10:00", 2, ("2026-03-07 12:00", "2026-03-08 12:00"), "2026-03-09 11:00"),  # not begun, nothing moves
]


@pytest.mark.parametrize(("start", "hours", "pause", "end"), BUSINESS_HOURS)
def test_business_hours_go_on_with_the_time_left(start: str, hours: int, pause: tuple[str, str], end: str) -> None:
    assert after(calendar.business_hours_after(at(start), timedelta(hours=hours)), pause)[0] == at(end)


def test_a_plain_duration_goes_on_with_the_time_left() -> None:
    facts = {"rule": "elapsed", "from": "2026-03-05T08:30:00+08:00", "add": "P3D"}
    due, told = calendar.resumed(
        at("2026-03-08 08:30"), facts, at("2026-03-06 12:00"), at("2026-03-09 13:00"), ["鉴定"]
    )
    assert due == at("2026-03-11 09:30")
    assert told["pauses"][0]["then"] == {"rule": "elapsed", "from": "2026-03-09T13:00:00+08:00", "add": "P1DT20H30M"}


def test_a_day_of_the_calendar_stays_the_end_of_a_day() -> None:
    facts = {"rule": "date", "date": "2026-03-10"}
    due, _told = calendar.resumed(at("2026-03-10 23:59:59"), facts, at("2026-03-06 12:00"), at("2026-03-09 09:00"), [])
    assert due == at("2026-03-13 23:59:59")


def test_a_day_moved_on_to_a_working_day_keeps_its_days_of_the_calendar() -> None:
    """60 days from 3 August 2026 are 2 October, moved on to the 8th; ten days of pause are 12 October, a Monday."""
    limit = FUNCTIONS["next working day"](at("2026-10-02 10:00"))
    assert f"{limit:%m-%d}" == "10-08"
    assert f"{after(limit, ('2026-09-01 09:00', '2026-09-11 09:00'))[0]:%m-%d}" == "10-12"
    twice = after(limit, ("2026-09-01 09:00", "2026-09-06 09:00"), ("2026-09-08 09:00", "2026-09-13 09:00"))
    assert f"{twice[0]:%m-%d}" == "10-12"


def test_a_limit_counted_anew_keeps_its_pauses() -> None:
    pauses = [("2026-03-04 09:00", "2026-03-06 09:00"), ("2026-03-09 09:00", "2026-03-11 09:00")]
    limit = counted("2026-03-02 10:00", 5)
    due, facts = after(limit, *pauses)
    assert paused_again(limit, limit.derivation, facts) == (due, facts)


def test_what_lies_beyond_any_count_stays_where_it_is() -> None:
    for facts in ({"rule": "fixed"}, {"rule": "date"}, {"rule": "working_days", "from": "9999-12-31", "days": -1}):
        due = at("9999-12-30 23:59:59")
        assert calendar.resumed(due, facts, at("2026-03-05 09:00"), at("2026-03-09 09:00"), ["补正"])[0] == due
