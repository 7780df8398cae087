"""Random processes go as the oracle says, saved and loaded at every step."""

import random

import pytest

from tests.oracle.draw import Feel, draw
from tests.oracle.match import meet
from tests.oracle.tree import Grower
from tongxin import engine
from tongxin.engine.specs.activities import Activity
from tongxin.engine.specs.elements import Element
from tongxin.engine.specs.gateways import Inclusive, Parallel
from tongxin.engine.specs.loops import MultiInstance

SEEDS = 500


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_process_goes_as_the_oracle_says(seed: int) -> None:
    assert meet(seed).wrong is None


@pytest.mark.parametrize(
    ("kind", "name", "broken"),
    [
        (Parallel, "arrive", Element.arrive),  # a join that lets every token pass
        (Inclusive, "release", lambda *_: False),
        (Activity, "triggered", lambda self, host, listener: listener.task_spec.occur(host.workflow, host.data)),
        (MultiInstance, "_is_enough", lambda *_: False),
    ],
)
def test_an_engine_that_is_wrong_is_found_out(
    kind: type, name: str, broken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, name, broken)
    assert any(meet(seed).wrong for seed in range(100))


@pytest.mark.parametrize("seed", range(100))
def test_what_runs_to_its_end_is_found_sound(seed: int) -> None:
    """The publish check alarms nobody, but for error events around something that raises no error."""
    try:
        engine.compile(draw(Grower(random.Random(seed)).tree(), Feel()))
    except engine.Refused as refused:
        blamed = {one.element for one in refused.findings if one.severity == "error"}
        assert all(one.endswith("missed") for one in blamed)
