"""Random processes go as the oracle says, saved and loaded at every step."""

import random
from typing import Any

import pytest

from tests.oracle.dialects import Feel
from tests.oracle.draw import diagrams
from tests.oracle.match import meet
from tests.oracle.tree import Grower
from tongxin import engine
from tongxin.engine.specs import throwing
from tongxin.engine.specs.activities import Activity
from tongxin.engine.specs.catching import Catch
from tongxin.engine.specs.elements import Element
from tongxin.engine.specs.gateways import Inclusive, Parallel
from tongxin.engine.specs.loops import MultiInstance, StandardLoop
from tongxin.engine.specs.scopes import Call, EventSubprocess

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
        (StandardLoop, "_goes_on", lambda *_: False),
        (Call, "layers", lambda self, token: token.workflow.layers),  # the variables of its caller
        (MultiInstance, "collect", lambda *_: False),  # into the list
        (Catch, "came_true", lambda self, token: self.evaluate(token, self.node.condition) is True),
        (EventSubprocess, "occur", lambda self, scope, data: self.arrive(scope, None, data)),
        (throwing, "broadcast", lambda *_: None),
        (throwing, "escalate", lambda *_: False),
    ],
)
def test_an_engine_that_is_wrong_is_found_out(
    kind: Any, name: str, broken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, name, broken)
    assert any(meet(seed).wrong for seed in range(100))


@pytest.mark.parametrize("seed", range(100))
def test_what_runs_to_its_end_is_found_sound(seed: int) -> None:
    """The publish check alarms nobody, but for error events around something that raises no error."""
    try:
        source, called = diagrams(Grower(random.Random(seed)).tree(), Feel())
        engine.compile(source, called=called)
    except engine.Refused as refused:
        blamed = {one.element for one in refused.findings if one.severity == "error"}
        assert all(one.endswith("missed") for one in blamed)
