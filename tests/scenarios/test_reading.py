"""A scenario that is not written as one is refused, with what could have been meant."""

import pytest

from tongxin import scenarios
from tongxin.scenarios import Malformed
from tongxin.scenarios.script import Expect, Start

BEGINNING = """
title: 开头
clock: "2026-03-05 08:30"
people:
  张: community_clerk@怡园社区
steps:
"""


def test_every_scalar_stays_text() -> None:
    written = "- start: {by: 张, place: 1, as: yes, form: {what: 007}}\n- expect: {case: yes, ledger: {费用: 1.50}}\n"
    started, expected = scenarios.parse(BEGINNING + written, "here").steps
    assert started == Start(by="张", place="1", case="yes", form={"what": "007"})
    assert expected == Expect(case="yes", ledger={"费用": "1.50"})


@pytest.mark.parametrize("line", ["clock: 2026-03-05", "clock: 2026-03-05T08:30", "clock: noon"])
def test_the_clock_is_a_local_time(line: str) -> None:
    with pytest.raises(Malformed, match="clock 应写成 2026-03-05 08:30"):
        scenarios.parse(BEGINNING.replace('clock: "2026-03-05 08:30"', line).replace("steps:", "steps: []"), "here")


@pytest.mark.parametrize(
    ("step", "named", "known"),
    [
        ("finish: {task: check, by: 张}", "第 1 步：不认识“finish”", "start、complete、claim、release、message、wait"),
        ("complete: {task: check, from: 张}", "第 1 步 complete：不认识“from”", "task、by、form、case、by_phone"),
        (
            "expect: {state: open}",
            "第 1 步 expect：不认识“state”",
            "status、outcome、open、not_open、due、ledger、events",
        ),
        ("complete: {task: check}", "第 1 步 complete：缺少", "by"),
        ("refused: {complete: {task: check, by: 张}, because: late}", "“late”", "not_found、invalid、not_ready、taken"),
        ("refused: {wait: PT1M, because: taken}", "第 1 步 refused：不认识“wait”", "complete、claim、release、message"),
        ("{wait: PT1M, expect: {open: []}}", "正好写一件事", "wait、expect"),
        ("wait: [PT1M]", "第 1 步", "PT15M"),
        ("expect: {open: check}", "第 1 步 expect：写法不对", "$.open"),
        ("expect: {open: [}", "第 7 行", "YAML"),
    ],
)
def test_what_is_not_a_scenario_is_named(step: str, named: str, known: str) -> None:
    with pytest.raises(Malformed) as malformed:
        scenarios.parse(f"{BEGINNING}- {step}\n", "here")
    assert named in str(malformed.value)
    assert known in str(malformed.value)
