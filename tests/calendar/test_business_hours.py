"""Business hours, and what holds of every count."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin import calendar
from tongxin.calendar import Limit, Year

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
COUNTS = st.integers(-300, 300)
BEGINNING = datetime(2025, 1, 1, tzinfo=SHANGHAI)
MOMENTS = st.integers(0, 1_500_000).map(lambda minutes: BEGINNING + timedelta(minutes=minutes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-05 10:00", 2, "2026-03-05 12:00"),  # to the end of the morning, not the beginning of the afternoon
        ("2026-03-05 10:00", 3, "2026-03-05 14:30"),
        ("2026-03-05 12:30", 1, "2026-03-05 14:30"),
        ("2026-03-05 07:00", Decimal("0.5"), "2026-03-05 09:30"),
        ("2026-03-06 17:00", 1, "2026-03-09 09:30"),  # Friday evening
        ("2026-02-13 17:00", 7, "2026-02-14 17:00"),  # the Saturday is worked
        ("2026-02-14 17:00", 1, "2026-02-24 09:30"),  # the Spring Festival lies between
        ("2026-03-07 11:00", 0, "2026-03-09 09:00"),
    ],
)
def test_only_office_hours_of_working_days_count(start: str, hours: int | Decimal, end: str) -> None:
    limit = calendar.FUNCTIONS["add business hours"](at(start), hours)
    assert limit == at(end)
    assert limit == calendar.FUNCTIONS["add business hours"](at(start), timedelta(seconds=int(hours * 3600)))


def test_it_tells_how_it_was_derived() -> None:
    limit = calendar.business_hours_after(at("2026-02-14 17:00"), timedelta(hours=1))
    assert limit.derivation["text"] == (
        "2026-02-14 17:00 + 1 小时（只数工作日 09:00–12:00、13:30–17:30；春节放假 2月15–23日，2月14日上班）"
        "→ 2026-02-24 09:30"
    )
    assert calendar.told(limit.derivation) == limit.derivation["text"]


@pytest.mark.parametrize("wrong", [-1, timedelta(hours=-1), 10**9, "2", True])
def test_what_is_no_length_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"时限|小时数"):
        calendar.FUNCTIONS["add business hours"](at("2026-03-05 10:00"), wrong)
    assert calendar.FUNCTIONS["add business hours"](None, 1) is None
    with pytest.raises(ValueError, match="第 1 个参数"):
        calendar.FUNCTIONS["add business hours"](date(2026, 3, 5), 1)


@pytest.mark.parametrize(
    "wrong",
    [
        [["9", "12:00"]],
        [["12:00", "09:00"]],
        [],
        [["09:00", "12:00"], ["11:00", "17:00"]],
        [["09:00+08:00", "12:00"]],
        [["09:00", "12:00", "13:00"]],
    ],
)
def test_hours_that_are_none(wrong: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="上班时间"):
        calendar.spans(wrong)
    assert calendar.spans([["08:30", "12:00"], ["14:00", "18:00"]])[1] == (time(14), time(18))


@given(DAYS, COUNTS)
def test_between_is_what_was_added(start: date, count: int) -> None:
    end = calendar.add_working_days(start, count).day
    assert calendar.working_days_between(start, end) == count
    assert count == 0 or calendar.is_working_day(end)


@given(DAYS, st.integers(0, 100), st.integers(0, 100))
def test_counts_add_up(start: date, one: int, other: int) -> None:
    step = calendar.add_working_days(start, one).day
    assert calendar.add_working_days(step, other).day == calendar.add_working_days(start, one + other).day


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_later_starts_end_no_earlier(start: date, later: int, count: int) -> None:
    after = start + timedelta(days=later)
    assert calendar.add_working_days(start, count).day <= calendar.add_working_days(after, count).day


@given(MOMENTS, st.integers(0, 6000), st.integers(0, 6000))
def test_business_minutes_add_up(start: datetime, one: int, other: int) -> None:
    first = calendar.business_hours_after(start, timedelta(minutes=one))
    both = calendar.business_hours_after(start, timedelta(minutes=one + other))
    again = calendar.business_hours_after(datetime.combine(first.date(), first.timetz()), timedelta(minutes=other))
    assert again == both or not other


def test_a_limit_is_counted_anew_by_another_calendar() -> None:
    limit = calendar.FUNCTIONS["working days"](at("2026-12-28 09:00"), 5)
    assert isinstance(limit, Limit)
    assert limit.derivation["provisional"] is True
    assert calendar.recounted(limit.derivation, limit) is None
    kept = [calendar.library_year(2026), Year(2027, {date(2027, 1, 1): "元旦"}, frozenset({date(2027, 1, 2)}))]
    new = calendar.recounted(limit.derivation, limit, calendar.made_of("other", kept))
    assert new == at("2027-01-04 23:59:59")
    assert (new.derivation["provisional"], new.derivation["working_weekends"]) == (False, ["2027-01-02"])


def test_a_limit_keeps_the_office_hours_it_was_counted_by() -> None:
    limit = calendar.business_hours_after(at("2026-12-31 16:00"), timedelta(hours=3))
    assert limit == at("2027-01-01 10:30")
    kept = [calendar.library_year(2026), Year(2027, {date(2027, 1, 1): "元旦"}, frozenset())]
    earlier = calendar.spans([["08:00", "12:00"]])
    new = calendar.recounted(limit.derivation, limit, calendar.made_of("other", kept, earlier))
    assert new == at("2027-01-04 10:30")
    assert new.derivation["hours"] == limit.derivation["hours"]
    calendar.use(calendar.made_of("hours", map(calendar.library_year, calendar.library_years()), earlier))
    try:
        assert calendar.recounted(limit.derivation, limit) is None
        end, _facts = calendar.resumed(limit, limit.derivation, at("2026-12-31 17:00"), at("2027-01-04 09:00"), [None])
    finally:
        calendar.use(None)
    assert end == at("2027-01-04 11:00")


def test_a_limit_of_another_zone_stays_where_it_is() -> None:
    limit = calendar.FUNCTIONS["working days"](datetime(2026, 12, 28, 16, 30, tzinfo=UTC), 5)
    assert limit == datetime(2027, 1, 4, 23, 59, 59, tzinfo=UTC)
    local = datetime.combine(limit.date(), limit.timetz()).astimezone(SHANGHAI)
    assert calendar.recounted(limit.derivation, local) is None
