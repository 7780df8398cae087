"""Timers that come again: from the task's limit, without a zone, to the calendar's end, and over a migration."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.engine.conftest import NOW
from tests.engine.test_migrating import over
from tests.engine.test_moving import chain, started
from tongxin import engine
from tongxin.engine import cycles
from tongxin.engine.moments import NotAMoment

Diagram = Callable[..., bytes]
Make = Callable[..., Any]

CYCLE, LENGTH = "timeCycle", "timeDuration"
REMINDED = (
    '<startEvent id="s"/><userTask id="a" tx:limit="PT2H"/>'
    '<boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><timerEventDefinition>'
    "<{kind}>{text}</{kind}></timerEventDefinition></boundaryEvent>"
    '<userTask id="b"/><endEvent id="e"/><endEvent id="e2"/>' + chain("s", "a", "e") + chain("late", "b", "e2")
)
AFTER_THE_LIMIT = '"R/" + string(due) + "/P1D"'


def reminded(diagram: Diagram, text: str, kind: str = CYCLE) -> bytes:
    return diagram(REMINDED.format(text=text, kind=kind))


def fired(case: Any, hours: float) -> datetime | None:
    """When it comes next, after it came so many hours after the beginning."""
    case.now = NOW + timedelta(hours=hours)
    case.fire("late")
    return next((timer.due.at for timer in case.timers.values()), None)


def waits(case: Any) -> datetime:
    (timer,) = case.timers.values()
    at: datetime = timer.due.at
    return at


def test_repetition_from_the_limit_on(diagram: Diagram, player: Make) -> None:
    case = started(player, reminded(diagram, AFTER_THE_LIMIT))
    assert waits(case) == NOW + timedelta(hours=2)
    assert fired(case, 2) == NOW + timedelta(hours=26)
    assert fired(case, 26) == NOW + timedelta(hours=50)


def test_start_without_a_zone_is_where_the_case_is() -> None:
    for text in ("R/2026-03-05T09:00/P1D", "R/2026-03-05T09:00@Asia/Shanghai/P1D", "R/2026-03-01T09:00/P1D"):
        assert cycles.is_literal(text)
        assert cycles.first(text, NOW).due.at == NOW + timedelta(minutes=30)
    with pytest.raises(NotAMoment, match="不是有效"):
        cycles.first("R/2026-03-05T09:00@Asia/Nowhere/P1D", NOW)


def test_repetition_that_leaves_the_calendar_is_over(diagram: Diagram, player: Make) -> None:
    case = started(player, reminded(diagram, "R5/P5000Y"))
    assert fired(case, 24 * 365 * 5001) is None
    assert case.open == ["a", "b"]


def test_literal_repetition_that_became_an_expression_goes_on_as_it_began(diagram: Diagram, player: Make) -> None:
    case = started(player, reminded(diagram, "R/PT3H"))
    over(case, engine.compile(reminded(diagram, AFTER_THE_LIMIT)))
    assert fired(case, 3) == NOW + timedelta(hours=6)


def test_repetition_of_an_old_state_that_became_an_expression_counts_from_now(diagram: Diagram, player: Make) -> None:
    """Old states do not keep a literal repetition."""
    case = started(player, reminded(diagram, "R/PT3H"))
    case.state = bytes.fromhex(OLD)
    over(case, engine.compile(reminded(diagram, AFTER_THE_LIMIT)))
    assert fired(case, 3) == NOW + timedelta(hours=27)


OLD = (
    "0192039295020000a1611096030002a46c6174650882a3647565c71902323032362d30332d30355431313a33303a30302b30383a3030"
    "a46c656674c0"
)


def test_plain_timer_that_became_a_repeated_one_counts_from_now(diagram: Diagram, player: Make) -> None:
    for text, hours in (("R/PT3H", 5), (AFTER_THE_LIMIT, 26)):
        case = started(player, reminded(diagram, "due", LENGTH))
        over(case, engine.compile(reminded(diagram, text)))
        assert waits(case) == NOW + timedelta(hours=2)
        assert fired(case, 2) == NOW + timedelta(hours=hours)


def test_what_is_no_repetition_any_more_fails(diagram: Diagram, player: Make) -> None:
    case = started(player, reminded(diagram, "due", LENGTH))
    over(case, engine.compile(reminded(diagram, '"R/" + string(due)')))
    with pytest.raises(engine.Failed, match="没有给出时间"):
        fired(case, 2)
