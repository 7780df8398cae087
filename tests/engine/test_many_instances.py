"""Thousands of instances in one step: what is asked of each grows with their number, not with its square."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.test_moving import chain, flow
from tongxin.engine.scope import Scope
from tongxin.engine.specs.catching import Catch
from tongxin.engine.specs.gateways import Inclusive

Diagram = Callable[..., bytes]
Make = Callable[..., Any]

MANY = 300
EACH = (
    '<startEvent id="s"/><subProcess id="sub"><multiInstanceLoopCharacteristics tx:element="i"><loopCardinality>n'
    '</loopCardinality></multiInstanceLoopCharacteristics><startEvent id="t"/>{inside}</subProcess><endEvent id="e"/>'
) + chain("s", "sub", "e")


def when(source: str, target: str, condition: str) -> str:
    asked = f"<conditionExpression>{condition}</conditionExpression></sequenceFlow>"
    return flow(source, target).replace("/>", f">{asked}")


WAITING = '<userTask id="a"/><endEvent id="u"/>' + chain("a", "u")
HALF_WAITS = (
    '<exclusiveGateway id="x" default="x_v"/><endEvent id="v"/>'
    + WAITING
    + chain("t", "x", "v")
    + when("x", "a", "i &lt;= n / 2")
)
HALF_JOINS = (
    '<inclusiveGateway id="x"/><scriptTask id="b"><script>c = i</script></scriptTask><inclusiveGateway id="j"/>'
    '<endEvent id="u"/><userTask id="a"/>'
    + chain("t", "x")
    + when("x", "b", "true")
    + when("x", "a", "i &lt;= n / 2")
    + chain("a", "j", "u")
    + chain("b", "j")
)
HALF_HOLDS = (
    '<intermediateCatchEvent id="x"><conditionalEventDefinition><condition>i &gt; n / 2</condition>'
    '</conditionalEventDefinition></intermediateCatchEvent><endEvent id="v"/>' + chain("t", "x", "v")
)


@pytest.mark.parametrize(
    ("inside", "kind", "asked"),
    [(HALF_WAITS, Scope, "is_over"), (HALF_JOINS, Inclusive, "release"), (HALF_HOLDS, Catch, "came_true")],
)
def test_ending_half_of_them_does_not_look_at_all_others_each_time(
    diagram: Diagram, player: Make, monkeypatch: pytest.MonkeyPatch, inside: str, kind: Any, asked: str
) -> None:
    count = _counted(monkeypatch, kind, asked)
    case = player(diagram(EACH.format(inside=inside)), {"n": MANY})
    step = case.start()
    assert len([one for one in step.trail if one.id in ("u", "v")]) == MANY / 2
    assert MANY / 2 <= count() < 10 * MANY


def _counted(monkeypatch: pytest.MonkeyPatch, kind: Any, name: str) -> Callable[[], int]:
    """How often a method or property is asked from now on."""
    calls, asked = [], getattr(kind, name)
    ask = asked.fget if isinstance(asked, property) else asked

    def note(*given: Any) -> Any:
        calls.append(1)
        return ask(*given)

    monkeypatch.setattr(kind, name, property(note) if isinstance(asked, property) else note)
    return lambda: len(calls)
