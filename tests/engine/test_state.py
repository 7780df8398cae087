"""The state: small, versioned, and saving and loading change nothing."""

import random
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin import engine
from tongxin.engine import state as states
from tongxin.engine.specs.activities import Human, Service
from tongxin.engine.specs.catching import Catch, brought
from tongxin.engine.workflow import Case
from tongxin.feel import YearsMonths

CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"
NOW = datetime(2026, 3, 5, tzinfo=UTC)
VARIABLES = {
    "members": [{"id": "a"}, {"id": "b"}],
    "departments": [1, 2],
    "people": ["a", "b", "c"],
    "days": [1, 2],
    "appointment": NOW,
    "rounds": 0,
}
ENV = {"parameters": {"wait": "PT1H"}}
Play = Callable[..., Any]


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFORMANCE.glob("*.bpmn")))
def test_a_case_that_is_never_saved_goes_the_same_way(name: str, model: Callable[[str], engine.Process]) -> None:
    """Thirty random walks: one case saved and loaded at every step, its twin kept in memory."""
    process = model(name)
    for seed in range(30):
        choose = random.Random(seed)
        at = choose.choice([*process.starts])
        twin, begun = Case(process, VARIABLES, NOW, ENV), process.top.starts[at]
        step = _both(
            lambda at=at: engine.start(process, VARIABLES, NOW, ENV, at=at),
            lambda twin=twin, begun=begun: _begin(twin, begun),
        )
        for _ in range(14):
            if step is None:
                break
            assert states.save(twin) == step.state
            assert twin.variables == step.variables
            if step.ended is None:
                assert engine.migrate(process, process, step.state, step.variables, NOW, ENV).step.state == step.state
            waiting = [one for one in twin.tokens.values() if _verb(one) is not None]
            if not waiting:
                break
            token = choose.choice(waiting)
            step = _again(process, step, twin, token, choose)


def _begin(case: Case, start: Any) -> None:
    if start.node.message is not None:
        case.assign(brought(start.node, None))
    case.stand_by({})
    start.arrive(case, None, {})
    case.do_engine_steps()


def _verb(token: Any) -> str | None:
    """What a token waits for."""
    spec, node = token.task_spec, token.task_spec.node
    if isinstance(spec, Human):
        return "complete"
    if isinstance(spec, Service):
        return "resolve"
    if not isinstance(spec, Catch) or token.triggered:
        return None
    return "fire" if node.timer is not None else "deliver" if node.message is not None else None


def _again(
    process: engine.Process, step: engine.Step, twin: Case, token: Any, choose: random.Random
) -> engine.Step | None:
    values = {"rating": choose.randrange(6), "rounds": choose.randrange(3), "yes": choose.random() < 0.5}
    error = choose.choice([None, None, *_codes(process)])
    before, key, spec = (process, step.state, step.variables), token.id, token.task_spec
    match _verb(token):
        case "complete":
            return _both(
                lambda: engine.complete(*before, key, values, NOW, ENV), lambda: _run(twin, spec.answer, token, values)
            )
        case "resolve":
            return _both(
                lambda: engine.resolve(*before, key, values, NOW, ENV, error),
                lambda: _run(twin, spec.answer, token, values, error),
            )
        case "fire":
            return _both(lambda: engine.fire(*before, key, NOW, ENV), lambda: _run(twin, spec.trigger, token))
    return _both(
        lambda: engine.deliver(*before, key, values, NOW, ENV), lambda: _run(twin, spec.receive, token, values)
    )


def _codes(process: engine.Process) -> list[str]:
    return sorted({node.code for node in process.nodes.values() if node.event == "error" and node.code})


def _run(case: Case, act: Callable[..., None], *given: Any) -> None:
    act(*given)
    case.do_engine_steps()


def _both(saved: Callable[[], engine.Step], kept: Callable[[], None]) -> engine.Step | None:
    """The same in both worlds; None when it fails in both."""
    try:
        step = saved()
    except engine.Failed as failure:
        with pytest.raises(engine.Failed, match=re.escape(failure.message)):
            kept()
        return None
    kept()
    return step


def test_a_loop_costs_the_same_the_three_hundredth_time(play: Play) -> None:
    case = play("rework", rounds=0)
    sizes = set()
    for _ in range(300):
        case.complete("work")
        case.complete("rate", rating=1)
        sizes.add(len(case.state))
    assert case.variables["rounds"] == 300
    assert max(sizes) <= 24


def test_an_unfilled_join_keeps_nothing_but_counts(play: Play) -> None:
    case = play("parallel_20")
    start = len(case.state)
    for number in range(1, 20):
        case.complete(f"part_{number:02}")
    assert len(case.state) < start + 100
    case.complete("part_20")
    assert case.ended is not None
    assert len(case.state) <= 6


def test_variables_are_not_in_the_state(play: Play) -> None:
    case = play("parallel", secret="十" * 1000)
    assert len(case.state) < 60


def test_keys_only_grow_and_are_never_used_again(play: Play) -> None:
    case = play("rework", rounds=0)
    seen: list[int] = []
    for _ in range(20):
        seen += [task.key for task in case.complete("work").opened]
        seen += [task.key for task in case.complete("rate", rating=1).opened]
    assert seen == sorted(set(seen))


def test_format_one_of_a_real_case_loads_for_ever() -> None:
    """Written by the first release: never change this fixture."""
    process = engine.compile((CONFORMANCE / "ballot.bpmn").read_bytes())
    state = bytes.fromhex(FORMAT_1)
    step = engine.complete(process, state, {"members": [], "votes": [None, None]}, 5, {"yes": True}, NOW, {})
    assert step.variables["votes"] == [None, {"member": {"id": "b", "born": date(2000, 1, 2)}, "yes": True}]


FORMAT_1 = (
    "0192059496020000a4766f74652082a5636f756e7402a4646f6e650095030002a5636c6f73650897040002a6766f74655b5d"
    "1081a5696e6465780082a66d656d62657281a26964a161ab6c6f6f70436f756e7465720197050002a6766f74655b5d1081a5"
    "696e6465780182a66d656d62657282a26964a162a4626f726ec70a03323030302d30312d3032ab6c6f6f70436f756e746572"
    "02"
)


def test_format_two_of_a_real_case_loads_for_ever() -> None:
    """Written by the first release that undoes: never change this fixture."""
    process = engine.compile((CONFORMANCE / "data_in_instances.bpmn").read_bytes())
    state, variables = bytes.fromhex(FORMAT_2), {"note": "outside"}
    assert engine.assign(process, state, variables, {}, NOW, {}).state == state
    step = engine.complete(process, state, variables, 13, {}, NOW, {})
    assert [visit.id for visit in step.trail] == ["check_back", "back", "undo", "undo", "back_after", "after"]
    assert step.variables == {"note": "outside"}
    assert step.state[0] == 1  # nothing is left to be undone


FORMAT_2 = (
    "02930d91950d0000a5636865636b109294a776697369745b5d82a3646179c70a03323032362d30332d3036ab6c6f6f70436f"
    "756e746572019192a4776f726b82a3646179c70a03323032362d30332d3036ab6c6f6f70436f756e7465720182a46e6f7465"
    "c70a03323032362d30332d3036a46b657074c094a776697369745b5d82a3646179c70a03323032362d30332d3037ab6c6f6f"
    "70436f756e746572029192a4776f726b82a3646179c70a03323032362d30332d3037ab6c6f6f70436f756e7465720282a46e"
    "6f7465c70a03323032362d30332d3037a46b657074c0"
)


@pytest.mark.parametrize("state", [b"", b"\x00", b"\x03\x92\x01\x90"])
def test_unknown_format_is_an_error(state: bytes) -> None:
    process = engine.compile((CONFORMANCE / "parallel.bpmn").read_bytes())
    with pytest.raises(ValueError, match="format"):
        engine.complete(process, state, {}, 1, {}, NOW, {})


def test_a_zone_keeps_its_name(play: Play) -> None:
    """A time of day has no offset but by its zone, and the hour that comes twice stays the one it was."""
    berlin = ZoneInfo("Europe/Berlin")
    items = [time(8, 30, tzinfo=berlin), *(datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1))]
    case = play("rounds", departments=[None, *items])
    for item in items:
        case.complete("sign")
        (task,) = case.tasks.values()
        kept = task.local["department"]
        assert (kept, kept.tzinfo, kept.fold, kept.utcoffset()) == (item, berlin, item.fold, item.utcoffset())


def test_named_zones_of_a_real_case_load_for_ever() -> None:
    """Written by the first release that keeps them: never change this fixture."""
    process = engine.compile((CONFORMANCE / "rounds.bpmn").read_bytes())
    step = engine.complete(process, bytes.fromhex(ZONED), {}, 3, {}, NOW, {})
    shanghai = ZoneInfo("Asia/Shanghai")
    assert step.opened[0].local["department"] == [
        time(8, 30, tzinfo=shanghai),
        datetime(2026, 3, 5, 8, 30, tzinfo=shanghai),
    ]
    assert engine.assign(process, step.state, {}, {}, NOW, {}).state == step.state


ZONED = (
    "0192039296020000a47369676e2083a5636f756e7402a4646f6e6500a56974656d7392c092c7180930383a33303a30302030"
    "20417369612f5368616e67686169c72308323032362d30332d30355430383a33303a3030203020417369612f5368616e6768"
    "616997030002a67369676e5b5d1081a5696e6465780082aa6465706172746d656e74c0ab6c6f6f70436f756e74657201"
)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.integers(-5000, 5000).map(YearsMonths),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(VALUES)
def test_multi_instance_values_survive(value: Any) -> None:
    process = engine.compile((CONFORMANCE / "rounds.bpmn").read_bytes())
    first = engine.start(process, {"departments": [None, value]}, NOW, {})
    second = engine.complete(process, first.state, {}, first.opened[0].key, {}, NOW, {})
    kept = second.opened[0].local["department"]
    assert kept == value
    assert type(kept) is type(value)
    third = engine.start(process, {"departments": [value]}, NOW, {})
    assert engine.complete(process, third.state, {}, third.opened[0].key, {}, NOW, {}).ended


def test_types_stay_distinct(play: Play) -> None:
    items = [1, True, Decimal("1.0"), "1", date(2026, 3, 5), time(8, 30), NOW, timedelta(hours=1), YearsMonths(14)]
    case = play("rounds", departments=items)
    kept = []
    while not case.ended:
        kept.append(next(iter(case.tasks.values())).local["department"])
        case.complete("sign")
    assert [(type(one), one) for one in kept] == [(type(one), one) for one in items]


def test_something_that_is_no_value_is_not_kept(play: Play) -> None:
    with pytest.raises(engine.Failed, match="不能保存"):
        play("rounds", departments=[object()])
