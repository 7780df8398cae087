"""Random processes go as the oracle says, saved and loaded at every step."""

import pytest

from tests.oracle.match import meet
from tongxin.engine.activities import Activity, MultiInstance
from tongxin.engine.elements import Element
from tongxin.engine.gateways import Inclusive, Parallel

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
