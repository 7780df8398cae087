"""The state: small, versioned, and saving and loading change nothing."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin import engine
from tongxin.engine import state as states
from tongxin.engine.workflow import Case
from tongxin.feel import YearsMonths

CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"
NOW = datetime(2026, 3, 5, tzinfo=UTC)
VARIABLES = {"members": [{"id": "a"}, {"id": "b"}], "departments": [1, 2], "appointment": NOW, "rounds": 0}
ENV = {"parameters": {"wait": "PT1H"}}
Play = Callable[..., Any]


@pytest.mark.parametrize("model", sorted(path.stem for path in CONFORMANCE.glob("*.bpmn")))
def test_a_case_that_is_never_saved_goes_the_same_way(model: str) -> None:
    """Thirty random walks: one case saved and loaded at every step, its twin kept in memory."""
    process = engine.compile((CONFORMANCE / f"{model}.bpmn").read_bytes())
    for seed in range(30):
        choose = random.Random(seed)
        step = engine.start(process, VARIABLES, NOW, ENV)
        twin = Case(process, VARIABLES, NOW, ENV)
        process.top.start.arrive(twin, None, {})
        twin.do_engine_steps()
        for _ in range(12):
            assert states.save(twin) == step.state
            assert twin.variables == step.variables
            token = choose.choice([*_triggers(twin), None])
            if token is None:
                break
            values = {"rating": choose.randrange(6), "rounds": choose.randrange(3), "yes": choose.random() < 0.5}
            step = _do(process, step, token.id, values)
            _do_in_memory(twin, token, values)


def _triggers(case: Case) -> list[Any]:
    return [t for t in case.tokens.values() if t.task_spec.manual or getattr(t.task_spec, "listen", None) or _works(t)]


def _works(token: Any) -> bool:
    return bool(token.task_spec.node.action)


def _do(process: engine.Process, step: engine.Step, key: int, values: dict[str, Any]) -> engine.Step:
    for verb in (engine.complete, engine.fire):
        try:
            if verb is engine.complete:
                return engine.complete(process, step.state, step.variables, key, values, NOW, ENV)
            return engine.fire(process, step.state, step.variables, key, NOW, ENV)
        except engine.NotReady:
            continue
    try:
        return engine.deliver(process, step.state, step.variables, key, None, NOW, ENV)
    except engine.NotReady:
        return engine.resolve(process, step.state, step.variables, key, {"left": 1}, NOW, ENV)


def _do_in_memory(case: Case, token: Any, values: dict[str, Any]) -> None:
    if token.task_spec.manual:
        token.task_spec.answer(token, values)
    elif _works(token):
        token.task_spec.answer(token, {"left": 1}, None)
    else:
        message = token.task_spec.node.message
        if message is not None and message.payload:
            case.variables[message.payload] = None
        token.task_spec.trigger(token)
    case.do_engine_steps()


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


@pytest.mark.parametrize("state", [b"", b"\x00", b"\x02\x92\x01\x90"])
def test_unknown_format_is_an_error(state: bytes) -> None:
    process = engine.compile((CONFORMANCE / "parallel.bpmn").read_bytes())
    with pytest.raises(ValueError, match="format"):
        engine.complete(process, state, {}, 1, {}, NOW, {})


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
