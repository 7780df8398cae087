"""Clocks that stand still: which keys, in which instance, and when timers are due once they go on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.engine.conftest import NOW
from tests.engine.test_refused import findings
from tongxin import engine

Diagram = Callable[..., bytes]
Make = Callable[..., Any]

SPLIT = (
    '<startEvent id="s"/><parallelGateway id="split"/>{work}{beside}<parallelGateway id="join"/><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="split"/><sequenceFlow id="f2" sourceRef="split" targetRef="work"/>'
    '<sequenceFlow id="f3" sourceRef="split" targetRef="beside"/>'
    '<sequenceFlow id="f4" sourceRef="work" targetRef="join"/>'
    '<sequenceFlow id="f5" sourceRef="beside" targetRef="join"/><sequenceFlow id="f6" sourceRef="join" targetRef="e"/>'
)
BESIDE = '<userTask id="beside" tx:pauses="{}"/>'


def timer(identity: str, kind: str, text: str) -> str:
    """A timer on the edge of `work` that does not interrupt, with its end."""
    return (
        f'<boundaryEvent id="{identity}" attachedToRef="work" cancelActivity="false"><timerEventDefinition>'
        f"<{kind}>{text}</{kind}></timerEventDefinition></boundaryEvent>"
        f'<endEvent id="{identity}_end"/>'
        f'<sequenceFlow id="{identity}_flow" sourceRef="{identity}" targetRef="{identity}_end"/>'
    )


def drawn(diagram: Diagram, work: str, pauses: str) -> bytes:
    return diagram(SPLIT.format(work=work, beside=BESIDE.format(pauses)))


def standing(case: Any) -> dict[str, tuple[str, ...]]:
    """Node → because of which nodes it stands still."""
    nodes = {one.key: one.node for one in (*case.tasks.values(), *case.timers.values())}
    return {nodes[key]: by for key, by in engine.paused(case.process, case.state).items()}


def gone_on(case: Any, dues: dict[str, datetime], left: dict[str, datetime], now: datetime) -> dict[str, datetime]:
    """What `retimed` says, by nodes; the case keeps the new state."""
    due = {key: engine.Due(dues[one.node], {}) for key, one in case.tasks.items() if one.node in dues}
    timers = {key: engine.Due(left[one.node], {}) for key, one in case.timers.items() if one.node in left}
    found = engine.retimed(case.process, case.state, case.variables, due, timers, now, case.env)
    case.state = found.state
    for key, one in found.timers.items():
        case.timers[key] = engine.Timer(key, case.timers[key].node, one)
    return {case.timers[key].node: one.at for key, one in found.timers.items()}


def days(n: float) -> datetime:
    return NOW + timedelta(days=n)


def test_what_reads_due_goes_on_with_its_step(diagram: Diagram, player: Make) -> None:
    work = (
        '<userTask id="work" tx:limit="P10D"/>'
        + timer("late", "timeDate", "due")
        + timer("later", "timeDate", 'due + duration("P2D")')
        + timer("early", "timeDuration", "P1D")
    )
    case = player(drawn(diagram, work, "work"))
    case.start()
    assert standing(case) == {"work": ("beside",), "late": ("beside",), "later": ("beside",)}
    found = gone_on(case, {"work": days(13)}, {"late": days(99), "later": days(99)}, days(3))
    assert found == {"late": days(13), "later": days(15)}


def test_repetitions_from_the_limit_on_follow_it(diagram: Diagram, player: Make) -> None:
    work = '<userTask id="work" tx:limit="P10D"/>' + timer("daily", "timeCycle", '"R3/" + string(due) + "/P1D"')
    case = player(drawn(diagram, work, "work"))
    case.start()
    assert gone_on(case, {"work": days(12)}, {"daily": days(99)}, days(2)) == {"daily": days(12)}
    case.now = days(12)
    for number in (13, 14):
        case.fire("daily")
        assert case.timers[case._key(case.timers, "daily")].due.at == days(number)
        case.now = days(number)
    case.fire("daily")
    assert not case.timers


def test_a_beat_goes_on_with_what_was_left_of_it(diagram: Diagram, player: Make) -> None:
    work = '<userTask id="work"/>' + timer("often", "timeCycle", "R4/P1D")
    case = player(drawn(diagram, work, "often"))
    case.start()
    case.now = days(1)
    case.fire("often")  # the next one is due on day 2
    assert gone_on(case, {}, {"often": days(5.5)}, days(5)) == {"often": days(5.5)}
    case.now = days(5.5)
    case.fire("often")
    assert case.timers[case._key(case.timers, "often")].due.at == days(6.5)
    case.now = days(6.5)
    case.fire("often")
    case.now = days(7.5)
    case.fire("often")
    assert not case.timers, "four rounds, each once"


@pytest.mark.parametrize(
    ("text", "now", "due"),
    [
        ("0 9 * * 1", NOW + timedelta(days=1), datetime(2026, 3, 9, 9, tzinfo=NOW.tzinfo)),  # still ahead: as it was
        ("0 9 * * 1", NOW + timedelta(days=7), datetime(2026, 3, 16, 9, tzinfo=NOW.tzinfo)),
        ("R/2026-03-06T09:00:00+08:00/P1D", NOW + timedelta(days=3), datetime(2026, 3, 8, 9, tzinfo=NOW.tzinfo)),
        ("R2/2026-03-06T09:00:00+08:00/P1D", NOW + timedelta(days=30), NOW + timedelta(days=30)),  # the last one: now
    ],
)
def test_what_comes_by_the_calendar_keeps_its_beat(
    diagram: Diagram, player: Make, text: str, now: datetime, due: datetime
) -> None:
    case = player(drawn(diagram, '<userTask id="work"/>' + timer("often", "timeCycle", text), "often"))
    case.start()
    assert gone_on(case, {}, {"often": days(99)}, now) == {"often": due}


def test_a_called_process_has_clocks_of_its_own(diagram: Diagram, player: Make) -> None:
    inner = drawn(diagram, '<userTask id="work" tx:limit="P1D"/>', "work").replace(b'id="p"', b'id="q"')
    outer = diagram(through='<callActivity id="x" calledElement="q"/>')
    case = player(engine.compile(outer, called={"q": inner}))
    case.start()
    assert standing(case) == {"x/work": ("x/beside",)}
    case.complete("x/beside")
    assert standing(case) == {}


def test_everything_that_has_a_clock(diagram: Diagram, player: Make) -> None:
    work = '<userTask id="work" tx:limit="P1D"/>' + timer("late", "timeDate", "due")
    case = player(drawn(diagram, work, "work"))
    case.start()
    assert engine.clocks(case.process, case.state) == frozenset((*case.tasks, *case.timers))


def test_a_subprocess_opened_again_to_be_undone_stops_nothing(diagram: Diagram, player: Make) -> None:
    def flow(one: str, other: str) -> str:
        return f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'

    inside = (
        '<startEvent id="ss"/><userTask id="y"/><boundaryEvent id="undo" attachedToRef="y"><compensateEventDefinition/>'
        '</boundaryEvent><userTask id="undone" isForCompensation="true"/><endEvent id="se"/>'
        + flow("ss", "y")
        + flow("y", "se")
        + '<association id="a" sourceRef="undo" targetRef="undone"/>'
    )
    body = (
        '<startEvent id="s"/><parallelGateway id="split"/><userTask id="work" tx:limit="P1D"/>'
        f'<subProcess id="x" tx:pauses="work">{inside}</subProcess>'
        '<intermediateThrowEvent id="back"><compensateEventDefinition/></intermediateThrowEvent>'
        '<parallelGateway id="join"/><endEvent id="e"/>'
        + flow("s", "split")
        + flow("split", "work")
        + flow("split", "x")
        + flow("x", "back")
        + flow("back", "join")
        + flow("work", "join")
        + flow("join", "e")
    )
    case = player(diagram(body))
    case.start()
    assert standing(case) == {"work": ("x",)}
    case.complete("y")
    assert case.open == ["undone", "work"]
    assert standing(case) == {}


WRONG = [
    ("nowhere", "不在这张图里"),
    ("s", "没有时限，也不是定时"),
    ("split", "没有时限，也不是定时"),
    ("beside", "这一步自己的时限"),
    ("late", "不能单独停"),
]


@pytest.mark.parametrize(("pauses", "word"), WRONG)
def test_what_cannot_stand_still_is_refused(diagram: Diagram, pauses: str, word: str) -> None:
    work = '<userTask id="work" tx:limit="P10D"/>' + timer("late", "timeDate", "due")
    found = findings(drawn(diagram, work, pauses))
    assert [(one.element, word in one.message) for one in found if one.severity == "error"] == [("beside", True)]


def test_a_task_without_a_limit_cannot_stand_still(diagram: Diagram) -> None:
    found = findings(drawn(diagram, '<userTask id="work" name="办"/>', "work"))
    assert "“办”没有时限" in found[0].message
    assert "tx:limit" in found[0].advice


def test_what_stands_inside_of_the_step_cannot_stand_still_because_of_it(diagram: Diagram) -> None:
    inside = (
        '<subProcess id="work" tx:pauses="y"><startEvent id="ss"/><userTask id="y" tx:limit="P1D"/><endEvent id="se"/>'
        '<sequenceFlow id="i1" sourceRef="ss" targetRef="y"/><sequenceFlow id="i2" sourceRef="y" targetRef="se"/>'
        "</subProcess>"
    )
    found = findings(diagram(SPLIT.format(work=inside, beside='<userTask id="beside"/>')))
    assert "这一步自己的时限" in found[0].message


def test_a_step_that_does_not_wait_stops_nothing(diagram: Diagram) -> None:
    beside = '<scriptTask id="beside" tx:pauses="work"><script>a = 1</script></scriptTask>'
    found = findings(diagram(SPLIT.format(work='<userTask id="work" tx:limit="P1D"/>', beside=beside)))
    assert "tx:pauses" in found[0].message


def warnings(source: bytes) -> list[tuple[str, str]]:
    return [(one.element, one.message) for one in engine.compile(source).warnings]


IN_A_ROW = (
    '<startEvent id="s"/><userTask id="one" tx:limit="P1D"/><userTask id="two" tx:pauses="{}"/>'
    '<subProcess id="sub"><startEvent id="ss"/><userTask id="inner" tx:pauses="{}"/><endEvent id="se"/>'
    '<sequenceFlow id="g1" sourceRef="ss" targetRef="inner"/><sequenceFlow id="g2" sourceRef="inner" targetRef="se"/>'
    '</subProcess><boundaryEvent id="over" name="超时" attachedToRef="sub"><timerEventDefinition>'
    '<timeDuration>P9D</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="one"/><sequenceFlow id="f2" sourceRef="one" targetRef="two"/>'
    '<sequenceFlow id="f3" sourceRef="two" targetRef="sub"/><sequenceFlow id="f4" sourceRef="sub" targetRef="e"/>'
    '<sequenceFlow id="f5" sourceRef="over" targetRef="e"/>'
)


@pytest.mark.parametrize(
    ("two", "inner", "told"),
    [
        ("one", "over", ["two"]),  # one after the other; what stands around it is beside it
        ("", "one", ["inner"]),
        ("over", "", ["two"]),
    ],
)
def test_what_never_waits_at_the_same_time_is_told(diagram: Diagram, two: str, inner: str, told: list[str]) -> None:
    found = warnings(diagram(IN_A_ROW.format(two, inner)))
    assert [(element, "不会同时在等" in message) for element, message in found] == [(one, True) for one in told]


@pytest.mark.parametrize("name", ["pauses"])
def test_what_may_wait_at_the_same_time_is_not_told(model: Callable[[str], engine.Process], name: str) -> None:
    assert model(name).warnings == ()


def test_what_an_event_begins_beside_the_step_is_not_told(diagram: Diagram) -> None:
    body = (
        '<startEvent id="s"/><userTask id="work" tx:limit="P9D"/><boundaryEvent id="asked" attachedToRef="work" '
        'cancelActivity="false"><messageEventDefinition messageRef="m"/></boundaryEvent><userTask id="more" '
        'tx:pauses="work"/><endEvent id="e1"/><endEvent id="e2"/><sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
        '<sequenceFlow id="f2" sourceRef="work" targetRef="e1"/><sequenceFlow id="f4" sourceRef="more" '
        'targetRef="e2"/><sequenceFlow id="f3" sourceRef="asked" targetRef="more"/>'
    )
    assert warnings(diagram(body)) == []
