import copy
import json
import pickle
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tongxin import calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def after(start: str, **duration: int) -> calendar.Limit:
    return calendar.working_hours_after(at(start), timedelta(**duration), time(8), time(20))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-05 08:30", 2, "2026-03-05 10:30"),
        ("2026-03-05 18:00", 2, "2026-03-05 20:00"),  # ends at closing, not at the next opening
        ("2026-03-05 19:00", 2, "2026-03-06 09:00"),
        ("2026-03-05 20:00", 2, "2026-03-06 10:00"),
        ("2026-03-05 03:00", 2, "2026-03-05 10:00"),
        ("2026-12-31 23:10", 2, "2027-01-01 10:00"),
        ("2026-03-05 08:00", 24, "2026-03-06 20:00"),
        ("2026-03-05 14:00", 30, "2026-03-07 20:00"),
        ("2026-03-05 14:00", 31, "2026-03-08 09:00"),
        ("2026-03-05 21:00", 0, "2026-03-06 08:00"),
    ],
)
def test_runs_only_while_open(start: str, hours: int, end: str) -> None:
    assert after(start, hours=hours) == at(end)


def test_adding_is_the_same_in_pieces() -> None:
    whole = after("2026-03-05 17:20", minutes=700)
    pieces = at("2026-03-05 17:20")
    for _ in range(70):
        pieces = calendar.working_hours_after(pieces, timedelta(minutes=10), time(8), time(20))
    assert whole == pieces


def test_tells_how_it_was_derived_and_keeps_it_in_copies() -> None:
    limit = after("2026-03-05 19:00", hours=2)
    assert limit.derivation["text"] == "2026-03-05 19:00 + 2 小时（服务时间 08:00–20:00）→ 2026-03-06 09:00"
    assert [part["to"][11:16] for part in limit.derivation["parts"]] == ["20:00", "09:00"]
    assert "从 2026-03-06 08:00 起算" in after("2026-03-05 21:00", hours=2).derivation["text"]
    assert json.loads(json.dumps(limit.derivation)) == limit.derivation
    for same in (copy.deepcopy(limit), pickle.loads(pickle.dumps(limit))):
        assert (same, same.derivation) == (limit, limit.derivation)
    assert (limit + timedelta(hours=1)).derivation == {}


def test_function_reads_clock_texts_and_says_what_is_wrong() -> None:
    add = calendar.FUNCTIONS["add service hours"]
    assert add(at("2026-03-05 19:00"), timedelta(hours=2), "08:00", "20:00") == at("2026-03-06 09:00")
    assert add(None, timedelta(hours=2), "08:00", "20:00") is None
    with pytest.raises(ValueError, match="时长"):
        add(at("2026-03-05 19:00"), "PT2H", "08:00", "20:00")
    with pytest.raises(ValueError, match="08:00"):
        add(at("2026-03-05 19:00"), timedelta(hours=2), "8点", "20:00")
    with pytest.raises(ValueError, match="早于"):
        add(at("2026-03-05 19:00"), timedelta(hours=2), "20:00", "08:00")
