"""The verbs: what they refuse, what they leave alone, and that definitions are shared."""

import gc
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from tongxin import engine

CONFORMANCE = Path(__file__).parents[2] / "bpmn" / "conformance"
NOW = datetime(2026, 3, 5, tzinfo=UTC)
Play = Callable[..., Any]
Diagram = Callable[..., bytes]


def load(model: str) -> engine.Process:
    return engine.compile((CONFORMANCE / f"{model}.bpmn").read_bytes())


def test_completing_twice_is_refused(play: Play) -> None:
    case = play("parallel")
    key = min(case.tasks)
    step = engine.complete(case.process, case.state, {}, key, {}, NOW, {})
    with pytest.raises(engine.NotReady):
        engine.complete(case.process, step.state, {}, key, {}, NOW, {})


def test_every_verb_takes_only_its_own_keys(play: Play) -> None:
    case = play("withdrawal")
    task, wait = min(case.tasks), min(case.waits)
    before = (case.process, case.state, {})
    for key in (wait, 0, -1, 99):
        with pytest.raises(engine.NotReady):
            engine.complete(*before, key, {}, NOW, {})
    for key in (task, 99):
        with pytest.raises(engine.NotReady):
            engine.deliver(*before, key, None, NOW, {})
    for key in (task, wait, 99):
        with pytest.raises(engine.NotReady):
            engine.fire(*before, key, NOW, {})
        with pytest.raises(engine.NotReady):
            engine.resolve(*before, key, None, NOW, {})


def test_timer_takes_no_message(play: Play) -> None:
    case = play("event_gateway", reminders=0)
    with pytest.raises(engine.NotReady):
        engine.deliver(case.process, case.state, {}, min(case.timers), None, NOW, {})


def test_the_key_of_an_instances_parent_is_no_task(play: Play) -> None:
    case = play("ballot", members=[{"id": "a"}])
    with pytest.raises(engine.NotReady):
        engine.complete(case.process, case.state, {}, min(case.tasks) - 2, {}, NOW, {})


def test_inputs_are_not_changed(play: Play) -> None:
    variables: dict[str, Any] = {"rounds": 0, "list": [1]}
    process = load("rework")
    first = engine.start(process, variables, NOW, {})
    values = {"rating": 1}
    second = engine.complete(process, first.state, first.variables, first.opened[0].key, values, NOW, {})
    engine.complete(process, second.state, second.variables, second.opened[0].key, values, NOW, {})
    assert variables == {"rounds": 0, "list": [1]}
    assert first.variables == variables
    assert values == {"rating": 1}


def test_case_variables_hide_the_environment(player: Play, diagram: Diagram) -> None:
    source = diagram(through='<scriptTask id="x"><script>seen = [case, parameters.a]</script></scriptTask>')
    case = player(source, {"case": "mine"}, {"case": "theirs", "parameters": {"a": 1}})
    assert case.start().variables["seen"] == ["mine", 1]
    assert "parameters" not in case.variables


def test_what_a_user_task_carries(diagram: Diagram) -> None:
    process = engine.compile(
        diagram(through='<userTask id="x" name="核实" tx:publicName="正在核实" tx:form="check" tx:assignee="who"/>')
    )
    node = process.nodes["x"]
    assert (node.public_name, node.form, node.lane.role, node.name) == ("正在核实", "check", "clerk", "核实")
    assert process.forms == {"check"}
    assert node.assignee is not None
    assert node.assignee.source == "who"


def test_what_a_process_needs(play: Play) -> None:
    assert load("service").actions == {"stock.ask", "stock.book"}
    assert load("withdrawal").messages == {"withdrawn", "given_back", "note"}
    assert load("withdrawal").nodes["contact"].scope == ("handling", "dispatching", "doing")
    assert load("withdrawal").nodes["overdue"].attached_to == "contact"
    assert not load("withdrawal").nodes["noted"].interrupting
    assert [(lane.id, lane.role, lane.level) for lane in load("sequence").lanes] == [
        ("street", "officer", "subdistrict"),
        ("community", "clerk", "subdistrict"),
    ]


def test_lane_of_a_subprocess_holds_for_what_is_in_it() -> None:
    nodes = load("withdrawal").nodes
    lane = nodes["contact"].lane
    assert (lane.role, lane.level) == ("clerk", "community")


class Limit(datetime):
    derivation: dict[str, Any]


def test_limit_of_the_calendar_brings_its_own_derivation(diagram: Diagram) -> None:
    def service_hours(start: datetime) -> Limit:
        limit = Limit(2026, 3, 6, 9, 0, tzinfo=UTC)
        limit.derivation = {"rule": "service hours", "from": start.isoformat()}
        return limit

    source = diagram(
        through='<userTask id="x" tx:limit="limit(now())"/><boundaryEvent id="b" attachedToRef="x">'
        "<timerEventDefinition><timeDate> = due </timeDate></timerEventDefinition></boundaryEvent>"
        '<endEvent id="y"/><sequenceFlow id="g" sourceRef="b" targetRef="y"/>'
    )
    process = engine.compile(source, functions={"limit": service_hours})
    step = engine.start(process, {}, NOW, {})
    due = step.opened[0].due
    assert due is not None
    assert due.derivation["rule"] == "service hours"
    assert type(due.at) is datetime
    assert step.timers_set[0].due == due


@pytest.mark.parametrize("text", ["PT2H", 'duration("PT2H")', '"PT2H"', "parameters.two"])
def test_duration_in_every_notation(player: Play, diagram: Diagram, text: str) -> None:
    source = diagram(through=f'<userTask id="x" tx:limit={quoteattr(text)}/>')
    due = player(source, env={"parameters": {"two": "PT2H"}}).start().opened[0].due
    assert due.at.isoformat() == "2026-03-05T10:30:00+08:00"
    assert due.derivation["add"] == "PT2H"
    assert due.derivation["rule"] == "elapsed"


def test_months_are_counted_on_the_calendar(player: Play, diagram: Diagram) -> None:
    step = player(diagram(through='<userTask id="x" tx:limit="P1M"/>')).start()
    assert step.opened[0].due.at.date().isoformat() == "2026-04-05"


def test_limit_that_gives_nothing_is_no_limit_and_has_no_timeout(play: Play) -> None:
    case = play("timers", {"parameters": {"wait": "PT1H"}}, appointment=NOW, deadline=None)
    for node in ("literal", "expression", "date", "moment"):
        case.fire(node)
    assert [task.due for task in case.tasks.values()] == [None]
    assert case.timers == {}
    assert case.complete("task").ended


@pytest.mark.parametrize(
    ("through", "message"),
    [
        ('<userTask id="x" tx:limit="true"/>', "没有给出时间"),
        ('<userTask id="x" tx:limit="&quot;soon&quot;"/>', "没有给出时间"),
        ('<scriptTask id="x"><script>a = for i in 1..10000000 return i</script></scriptTask>', "没有算出来"),
        (
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDate>nothing</timeDate></timerEventDefinition>'
            "</intermediateCatchEvent>",
            "没有给出时间",
        ),
        (
            '<userTask id="x"><multiInstanceLoopCharacteristics tx:collection="1"/></userTask>',
            "不是列表",
        ),
    ],
)
def test_failing_expression_names_its_element(player: Play, diagram: Diagram, through: str, message: str) -> None:
    with pytest.raises(engine.Failed) as failed:
        player(diagram(through=through)).start()
    assert failed.value.element == "x"
    assert message in failed.value.message


def test_gateway_without_a_way_out_fails_and_can_be_tried_again(player: Play, diagram: Diagram) -> None:
    condition = "<conditionExpression>ok</conditionExpression>"
    body = (
        '<startEvent id="s"/><userTask id="a"/><exclusiveGateway id="x"/><endEvent id="e"/><endEvent id="f"/>'
        '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="x"/>'
        f'<sequenceFlow id="f3" sourceRef="x" targetRef="e">{condition}</sequenceFlow>'
        f'<sequenceFlow id="f4" sourceRef="x" targetRef="f">{condition}</sequenceFlow>'
    )
    case = player(diagram(body))
    case.start()
    with pytest.raises(engine.Failed, match="没有一个条件成立"):
        case.complete("a")
    assert case.complete("a", ok=True).ended


def test_loop_that_never_waits_is_stopped(player: Play, diagram: Diagram) -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="x" default="f2"/><scriptTask id="a"><script>n = 1</script>'
        '</scriptTask><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="x"/>'
        '<sequenceFlow id="f2" sourceRef="x" targetRef="a"/><sequenceFlow id="f4" sourceRef="a" targetRef="x"/>'
        '<sequenceFlow id="f3" sourceRef="x" targetRef="e"><conditionExpression>n = 2</conditionExpression>'
        "</sequenceFlow>"
    )
    with pytest.raises(engine.Failed, match="绕圈"):
        player(diagram(body)).start()


def test_error_nobody_catches_fails(play: Play, player: Play, diagram: Diagram) -> None:
    case = player(diagram(through='<serviceTask id="x" tx:do="a"/>'))
    case.start()
    with pytest.raises(engine.Failed, match="没有边界事件接住"):
        case.resolve("x", error="E1")


def test_error_end_of_the_process_ends_it(player: Play, diagram: Diagram) -> None:
    source = diagram(through='<userTask id="x"/>').replace(
        b'<endEvent id="e"/>', b'<endEvent id="e" name="bad"><errorEventDefinition errorRef="err"/></endEvent>'
    )
    case = player(source)
    case.start()
    assert case.complete("x").ended == engine.Ended("e", "bad")


def test_message_that_brings_no_variables_needs_a_payload_name(play: Play) -> None:
    case = play("event_gateway", reminders=0)
    with pytest.raises(engine.Failed, match="不是一组变量"):
        case.deliver("paid", "text")


def test_timer_of_a_withdrawn_subprocess_cannot_fire_any_more(play: Play) -> None:
    case = play("withdrawal", notes=0)
    case.complete("check")
    case.complete("dispatch")
    timers = set(case.timers)
    step = case.deliver("withdrawn")
    assert set(step.timers_cleared) == timers
    for key in timers:
        with pytest.raises(engine.NotReady):
            engine.fire(case.process, case.state, case.variables, key, NOW, {})


def test_two_steps_of_one_transaction_are_one(play: Play) -> None:
    process = load("withdrawal")
    first = engine.start(process, {"notes": 0}, NOW, {})
    second = engine.complete(process, first.state, first.variables, first.opened[0].key, {"ok": True}, NOW, {})
    both = engine.then(first, second)
    assert (both.state, both.variables) == (second.state, second.variables)
    assert [task.node for task in both.opened] == ["dispatch"]
    assert both.closed == ()
    assert [wait.node for wait in both.waits_set] == ["withdrawn"]
    assert [visit.id for visit in both.trail][:2] == ["start", "start_handling"]
    third = engine.deliver(process, both.state, both.variables, both.waits_set[0].key, None, NOW, {})
    all_three = engine.then(both, third)
    assert (all_three.opened, all_three.closed, all_three.timers_set, all_three.waits_set) == ((), (), (), ())
    assert (all_three.timers_cleared, all_three.waits_cleared) == ((), ())
    assert all_three.ended == third.ended != None  # noqa: E711 - both the same, and there


def test_effect_answered_in_the_same_transaction_is_gone(play: Play) -> None:
    process = load("service")
    first = engine.start(process, {"item": "a", "wanted": 1}, NOW, {})
    second = engine.resolve(process, first.state, first.variables, first.effects[0].key, {"left": 2}, NOW, {})
    assert [effect.node for effect in engine.then(first, second).effects] == ["book"]


def test_one_process_serves_many_threads() -> None:
    process = load("withdrawal")
    states: set[bytes] = set()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            for _ in range(60):
                step = engine.start(process, {"notes": 0}, NOW, {})
                for _ in range(2):
                    step = engine.complete(process, step.state, step.variables, step.opened[0].key, {}, NOW, {})
                states.add(step.state)
        except BaseException as error:  # pytest does not see a thread's exceptions
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(states) == 1


def test_running_changes_nothing_in_the_definition(play: Play) -> None:
    process = load("withdrawal")

    def picture() -> dict[str, Any]:
        return {name: dict(vars(spec)) for name, spec in process.specs.items()}

    before = picture()
    step = engine.start(process, {"notes": 0}, NOW, {})
    step = engine.complete(process, step.state, step.variables, step.opened[0].key, {}, NOW, {})
    engine.deliver(process, step.state, step.variables, 3, None, NOW, {})
    assert picture() == before


def test_a_finished_step_leaves_nothing_behind(play: Play) -> None:
    """No global registry of the library or ours keeps cases alive."""
    case = play("rework", rounds=0)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(50):
        case.complete("work")
        case.complete("rate", rating=1)
    gc.collect()
    assert len(gc.get_objects()) < before + 500


def test_a_thousand_nodes_in_a_row(player: Play, diagram: Diagram) -> None:
    count = 1000
    body = "".join(f'<scriptTask id="n{i}"><script>n = n + 1</script></scriptTask>' for i in range(count))
    body += "".join(f'<sequenceFlow id="g{i}" sourceRef="n{i}" targetRef="n{i + 1}"/>' for i in range(count - 1))
    body += (
        '<startEvent id="s"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="n0"/>'
        f'<sequenceFlow id="f2" sourceRef="n{count - 1}" targetRef="e"/>'
    )
    step = player(diagram(body), {"n": 0}).start()
    assert step.variables["n"] == count
    assert step.ended


def test_nine_parallel_blocks_in_a_row(player: Play, diagram: Diagram) -> None:
    """Prediction made 127,938 tasks of this."""
    body, before = '<startEvent id="s"/>', "s"
    for i in range(9):
        body += (
            f'<parallelGateway id="a{i}"/><userTask id="b{i}"/><userTask id="c{i}"/><parallelGateway id="d{i}"/>'
            f'<sequenceFlow id="f{i}" sourceRef="{before}" targetRef="a{i}"/>'
        )
        for middle in (f"b{i}", f"c{i}"):
            body += f'<sequenceFlow id="in{middle}" sourceRef="a{i}" targetRef="{middle}"/>'
            body += f'<sequenceFlow id="out{middle}" sourceRef="{middle}" targetRef="d{i}"/>'
        before = f"d{i}"
    case = player(diagram(body + f'<endEvent id="e"/><sequenceFlow id="f" sourceRef="{before}" targetRef="e"/>'))
    case.start()
    for i in range(9):
        case.complete(f"c{i}")
        assert case.state.count(b"\x95") <= 3
        case.complete(f"b{i}")
    assert case.ended


def test_an_inclusive_join_waits_for_the_step_beside_which_an_event_ran(diagram: Diagram, player: Play) -> None:
    """The event that does not interrupt has sent its token; the step's own comes later."""
    case = player(
        diagram(
            '<startEvent id="s"/><userTask id="a"/><boundaryEvent id="note" attachedToRef="a" cancelActivity="false">'
            '<messageEventDefinition messageRef="m"/></boundaryEvent><userTask id="c"/><inclusiveGateway id="j"/>'
            '<userTask id="w"/><endEvent id="e"/>'
            '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="j"/>'
            '<sequenceFlow id="f3" sourceRef="note" targetRef="c"/><sequenceFlow id="f4" sourceRef="c" targetRef="j"/>'
            '<sequenceFlow id="f5" sourceRef="j" targetRef="w"/><sequenceFlow id="f6" sourceRef="w" targetRef="e"/>'
        )
    )
    case.start()
    case.deliver("note")
    case.complete("c")
    assert case.open == ["a"]
    case.complete("a")
    assert case.open == ["w"]


def test_a_data_object_two_subprocesses_deep_is_the_one_outside(diagram: Diagram, player: Play) -> None:
    """The library's own parser never comes back from such a diagram."""

    def around(name: str, inner: str, first: str) -> str:
        return (
            f'<subProcess id="{name}"><startEvent id="{name}s"/>{inner}<endEvent id="{name}e"/>'
            f'<sequenceFlow id="{name}1" sourceRef="{name}s" targetRef="{first}"/>'
            f'<sequenceFlow id="{name}2" sourceRef="{first}" targetRef="{name}e"/>'
        )

    task = (
        '<userTask id="t"><property id="p1" name="__targetRef_placeholder"/><dataInputAssociation id="a">'
        "<sourceRef>paper_ref</sourceRef><targetRef>p1</targetRef></dataInputAssociation></userTask>"
    )
    inner = around("inner", task, "t") + "</subProcess>"
    own = '<dataObject id="paper"/><dataObjectReference id="paper_ref" name="paper" dataObjectRef="paper"/>'
    case = player(diagram(through=around("x", inner, "inner") + own + "</subProcess>"), {"paper": "outside"})
    case.start()
    case.complete("t", paper="inside")
    assert case.ended is not None
    assert case.variables["paper"] == "outside"
