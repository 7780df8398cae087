"""What the publish check says of names nobody sets, of what is read too early, and of comparisons that never hold."""

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.oracle.dialects import Feel
from tests.oracle.draw import diagrams
from tests.oracle.match import plant
from tests.oracle.ours import Ours
from tests.oracle.parts import Wait
from tests.procedures.packages import flow, orders, package
from tongxin import config, engine, forms
from tongxin.cli.findings import print_findings
from tongxin.engine import Finding
from tongxin.engine.script import FeelEngine
from tongxin.procedures import dataflow
from tongxin.procedures import package as packages
from tongxin.procedures.dataflow.dominance import postdominators
from tongxin.procedures.dataflow.level import Level
from tongxin.procedures.definition import Refused, compile_package
from tongxin.procedures.package import Package, ProcedureFile, Start

CLERK = "community_clerk"
SCRIPT = '<scriptTask id="{0}"><script>{1}</script></scriptTask>'
VARIABLES = sorted(json.loads(orders()["data.json"])["properties"])


def found(package: Package, severity: str = "") -> list[Finding]:
    try:
        findings = compile_package(package).warnings
    except Refused as refused:
        findings = refused.findings
    return [one for one in findings if severity in one.severity and "没有哪里用到" not in one.message]


def about(package: Package) -> list[tuple[str, str]]:
    """Severity and element of what is found."""
    return [(one.severity, one.element) for one in found(package)]


def drawn(body: str, *, forms: dict[str, list[str]] | None = None, humans: tuple[str, ...] = ("work",)) -> Package:
    return package(body, {CLERK: list(humans)}, forms=forms)


def line(*parts: str) -> str:
    """Elements, joined in a line between a start and an end."""
    parts = ('<startEvent id="begin"/>', *parts, '<endEvent id="done"/>')
    ids = [re.findall(r' id="(\w+)"', part)[0] for part in parts]
    return "".join(parts) + "".join(flow(one, other) for one, other in pairwise(ids))


def test_the_procedures_we_ship_have_nothing_wrong() -> None:
    folders = [path.parent for path in (config.PROJECT / "processes").glob("*/procedure.toml")]
    assert folders
    for folder in folders:
        assert compile_package(packages.read_folder(folder)).warnings == ()


def _misspelt(file: str, pattern: str) -> Iterator[tuple[str, int, str]]:
    """Every place in a file of the orders where an expression in what the pattern finds reads a variable."""
    for part in re.finditer(pattern, orders()[file]):
        source = re.sub(r'\\?"[^"]*?\\?"', lambda text: "_" * len(text[0]), part[1])  # texts are not names
        for word in re.finditer(r"(?<![\w.])[a-z_]+\b(?!\s*\()", source):
            if word[0] in VARIABLES:
                yield file, part.start(1) + word.start(), word[0]


_DRAWN = r'(?:tx:limit=|tx:assignee=|value=|tx:key=)"([^"]*)"'
_PLACES = [
    *_misspelt("process.bpmn", _DRAWN),
    *_misspelt("process.bpmn", r"<bpmn:(?:conditionExpression|timeDate|timeDuration|timeCycle)[^>]*>([^<]*)<"),
    *_misspelt("process.bpmn", r"(?m)^(?:.*<bpmn:script>)?\w+ =(.*?)(?:</bpmn:script>)?$"),
    *_misspelt(
        "procedure.toml", r"""(?m)^(?:title|value|urgent|colour|answer|share_when) = (?:'|"(?=[^"]*"$))([^\n]*)['"]$"""
    ),
    *(
        one
        for path in sorted(orders())
        if path.startswith("forms/")
        for one in _misspelt(path, r'"x-(?:visible|value)": "((?:[^"\\]|\\.)*)"')
    ),
    *_misspelt("texts/result.txt", r"\{\{(.*?)\}\}"),
    *_misspelt("texts/board.txt", r"\{\{(.*?)\}\}"),
]


def test_every_kind_of_place_is_among_those_that_are_misspelt() -> None:
    assert len(_PLACES) > 90
    assert {file for file, _at, _name in _PLACES} >= {"process.bpmn", "procedure.toml", "forms/check.json"}


@pytest.mark.parametrize(("file", "at", "name"), _PLACES)
def test_a_misspelt_variable_is_found_and_the_right_one_suggested(file: str, at: int, name: str) -> None:
    package = orders()
    text = package[file]
    package[file] = f"{text[:at]}{name}x{text[at + len(name) :]}"
    (one,) = found(package, "error")
    assert f"“{name}x”" in one.message
    assert f"“{name}”" in one.advice
    assert one.element


@pytest.mark.parametrize(
    ("written", "wrong", "right"),
    [
        ("parameters.dispatch,", "parameters.dispach,", "“dispatch”"),
        ("case.by_staff", "case.by_stuff", "“by_staff”"),
        ("urgency.urgent", "urgency.urgnt", "“urgent”"),
    ],
)
def test_a_misspelt_field_is_found(written: str, wrong: str, right: str) -> None:
    package = orders()
    file = next(one for one in ("process.bpmn", "procedure.toml", "forms/start.json") if written in package[one])
    package[file] = package[file].replace(written, wrong, 1)
    assert any(right in one.advice for one in found(package))


def test_a_decision_that_asks_for_what_nobody_has() -> None:
    package = orders()
    package["rules.dmn"] = (
        package["rules.dmn"].replace('name="danger"', 'name="dangers"').replace(">danger<", ">dangers<")
    )
    assert ("error", "triage") in about(package)


def test_a_variable_that_nothing_sets_any_more() -> None:
    package = orders()
    package["forms/contact.json"] = '{"title": "联系", "type": "object", "properties": {}}'
    warned = found(package)
    assert {one.severity for one in warned} == {"warning"}
    assert any("“helper”没有哪一步填写" in one.message for one in warned)


def test_what_was_published_is_not_looked_at_again() -> None:
    package = orders()
    package["procedure.toml"] = package["procedure.toml"].replace('value = "helper"', 'value = "helpr"')
    assert compile_package(package, definition_id=1, version=1).version == 1
    with pytest.raises(Refused, match="helpr"):
        compile_package(package)


# the order of steps


def test_read_before_it_is_set() -> None:
    early = line(SCRIPT.format("look", "several = string length(note)"), '<userTask id="work" tx:form="work"/>')
    (one,) = found(drawn(early, forms={"work": ["note"]}))
    assert (one.severity, one.element) == ("warning", "look")
    assert "“note”" in one.message


def test_read_after_it_is_set() -> None:
    late = line('<userTask id="work" tx:form="work"/>', SCRIPT.format("look", "several = string length(note)"))
    assert found(drawn(late, forms={"work": ["note"]})) == []


def test_a_parallel_branch_may_have_been_quicker() -> None:
    body = (
        '<startEvent id="begin"/><parallelGateway id="fork"/><userTask id="work" tx:form="work"/><userTask id="wait"/>'
        + SCRIPT.format("look", "several = string length(note)")
        + '<parallelGateway id="join"/><endEvent id="done"/>'
        + flow("begin", "fork")
        + flow("fork", "work")
        + flow("fork", "wait")
        + flow("wait", "look")
        + flow("work", "join")
        + flow("look", "join")
        + flow("join", "done")
    )
    assert found(drawn(body, forms={"work": ["note"]}, humans=("work", "wait"))) == []


def test_an_event_beside_a_step_may_have_set_it() -> None:
    beside = (
        '<startEvent id="begin"/><userTask id="work"/><boundaryEvent id="edge" attachedToRef="work"'
        ' cancelActivity="false"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
        '</boundaryEvent><userTask id="note" tx:form="work"/><endEvent id="noted"/><endEvent id="done"/>'
        + SCRIPT.format("look", "several = string length(note)")
        + "".join(flow(*ends) for ends in [("begin", "work"), ("work", "look"), ("look", "done")])
        + flow("edge", "note")
        + flow("note", "noted")
    )
    assert found(drawn(beside, forms={"work": ["note"]}, humans=("work", "note"))) == []
    interrupting = beside.replace(' cancelActivity="false"', "")
    assert about(drawn(interrupting, forms={"work": ["note"]}, humans=("work", "note"))) == [("warning", "look")]


def test_a_round_may_have_set_it() -> None:
    body = (
        '<startEvent id="begin"/><exclusiveGateway id="again"/><userTask id="work" tx:form="work"/>'
        '<exclusiveGateway id="enough" default="enough_done"/><endEvent id="done"/>'
        + SCRIPT.format("look", "several = string length(note)")
        + "".join(flow(*ends) for ends in [("begin", "again"), ("again", "look"), ("look", "work"), ("work", "enough")])
        + flow("enough", "done")
        + flow("enough", "again", "several = 1")
    )
    assert found(drawn(body, forms={"work": ["note"]})) == []


def test_after_the_join_nothing_goes_on_beside() -> None:
    """What is set beyond a join of all branches was not set in one of them."""
    ends = [("begin", "fork"), ("fork", "a"), ("fork", "look"), ("a", "join"), ("look", "join"), ("join", "work")]
    body = (
        '<startEvent id="begin"/><parallelGateway id="fork"/><userTask id="a"/><parallelGateway id="join"/>'
        '<userTask id="work" tx:form="work"/><endEvent id="done"/>'
        + SCRIPT.format("look", "several = string length(note)")
        + "".join(flow(*one) for one in [*ends, ("work", "done")])
    )
    assert about(drawn(body, forms={"work": ["note"]}, humans=("a", "work"))) == [("warning", "look")]


def test_a_called_process_sees_only_what_it_is_given() -> None:
    call = '<callActivity id="visit" calledElement="visit"><extensionElements>{}</extensionElements></callActivity>'
    given = '<tx:input name="address" value="what"/>'
    inner = line(SCRIPT.format("look", "there = address + what"), '<userTask id="inner"/>')
    called = drawn(inner, humans=("inner",))["process.bpmn"].replace('id="p"', 'id="visit"')
    package = drawn(line(call.format(given)), humans=("visit",))
    (one,) = found({**package, "visit.bpmn": called})
    assert (one.severity, one.element) == ("warning", "visit/look")
    assert "“what”" in one.message
    given += '<tx:input name="what" value="what"/>'
    assert found({**drawn(line(call.format(given)), humans=("visit",)), "visit.bpmn": called}) == []


def test_the_item_of_a_multi_instance_and_the_due_time_have_names() -> None:
    each = (
        '<multiInstanceLoopCharacteristics tx:collection="split(what, &quot;,&quot;)" tx:element="one">{}'
        "</multiInstanceLoopCharacteristics>"
    )
    until = "<completionCondition>numberOfCompletedInstances &gt; 1</completionCondition>"
    task = '<userTask id="work" tx:assignee="one" tx:limit="duration(&quot;PT1H&quot;) * loopCounter">{}</userTask>'
    timer = (
        '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition><timeDate>due</timeDate>'
        '</timerEventDefinition></boundaryEvent><endEvent id="over"/>' + flow("late", "over")
    )
    body = line(task.format(each.format(until)))
    assert found(drawn(body + timer)) == []
    assert about(drawn(body.replace('assignee="one"', 'assignee="ones"') + timer)) == [("error", "work")]


def test_a_data_object_begins_empty() -> None:
    inner = line(SCRIPT.format("look", "several = count(basket)"), '<userTask id="work"/>').replace("begin", "begun")
    data = '<dataObject id="thing" name="basket"/>'
    box = f'<subProcess id="box">{data}{inner.replace("done", "emptied")}</subProcess>'
    (one,) = found(drawn(line(box)))
    assert (one.severity, one.element) == ("warning", "look")
    assert "“basket”" in one.message
    filled = box.replace("several =", "basket = [what]\nseveral =")
    assert found(drawn(line(filled))) == []


# filters, kinds


def typed(condition: str) -> list[Finding]:
    more = {
        "size": {"type": "integer", "title": "大小"},
        "day": {"type": "string", "title": "哪天", "format": "date"},
        "done": {"type": "boolean", "title": "办好"},
        "how": {"type": "string", "title": "怎么办", "enum": ["转办", "自办"]},
        "people": {
            "type": "array",
            "title": "人",
            "items": {"type": "object", "properties": {"age": {"type": "integer"}, "name": {"type": "string"}}},
        },
        "tags": {"type": "array", "title": "标签", "items": {"type": "string"}},
        "loose": {"type": "array", "title": "随便"},
    }
    sets = "".join(f"{name} = if what = null then null else 1\n" for name in more)
    body = line(SCRIPT.format("sets", sets), SCRIPT.format("look", f"several = {condition}"), '<userTask id="work"/>')
    made = drawn(body)
    data = json.loads(made["data.json"])
    data["properties"] |= more
    return found({**made, "data.json": json.dumps(data)})


@pytest.mark.parametrize(
    ("condition", "severity", "word"),
    [
        ('how = "转半"', "warning", "是不是“转办”"),
        ('how in ("转办", "自版")', "warning", "是不是“自办”"),
        ('"别的" != how', "warning", "可用：转办、自办"),
        ('size = "3"', "warning", "数字不加引号"),
        ("what = 3", "warning", "文字要加引号"),
        ('day = "2026-03-05"', "warning", "date("),
        ('done = "是"', "warning", "= true"),
        ("people[aeg > 3]", "error", "没有“aeg”"),
        ("tags[item = nothere]", "error", "没有“nothere”"),
        ("some one in people satisfies one.age > siz", "error", "是不是“size”"),
        ("for one in people return sizes", "error", "是不是“size”"),
    ],
)
def test_what_cannot_be_meant(condition: str, severity: str, word: str) -> None:
    (one,) = typed(condition.replace(">", "&gt;"))
    assert (one.severity, one.element) == (severity, "look")
    assert word in one.message + one.advice


@pytest.mark.parametrize(
    "condition",
    [
        'how = "转办"',
        "size = 3 and size in (1, 2) and size between 1 and 4",
        'day = date("2026-03-05") and done = true and what = "3"',
        'people[age > size and name = "甲"].name',
        "loose[whatever = 1]",
        "for one in people, other in one.friends return {a: one.age, b: a + other}",
        'some how in ["x"] satisfies how = "x"',
        "count(tags[item = what]) > 0",
        "(function(sizes) sizes + 1)(size)",
        "parameters.way = case.code",
        "how = null",
    ],
)
def test_nothing_is_said_of_what_may_be_meant(condition: str) -> None:
    assert typed(condition.replace("<", "&lt;").replace(">", "&gt;")) == []


def test_a_declared_variable_that_is_used_nowhere() -> None:
    package = orders()
    package["data.json"] = package["data.json"].replace('"what": {', '"forgotten": {"type": "string"}, "what": {', 1)
    (one,) = compile_package(package).warnings
    assert (one.severity, one.element, one.name) == ("warning", "data.json", "forgotten")


def test_a_field_that_is_never_shown() -> None:
    package = orders()
    package["forms/rate.json"] = package["forms/rate.json"].replace('"x-help": "可以不写。"', '"x-visible": "false"')
    (one,) = found(package)
    assert (one.severity, one.element, one.name) == ("warning", "forms/rate.json", "想说的话")


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings(typed('how = "转半"'))
    assert "look" in capsys.readouterr().err


# against what really happens


def judged(source: bytes, called: dict[str, bytes]) -> set[tuple[str, str, str]]:
    """Element, source and name of what is said to be read before anything set it."""
    process = engine.compile(source, called=called, published=True)
    names = {"v0": {"type": "integer", "title": "v0"}}
    contents = dataflow.Contents(
        file=ProcedureFile(format=1, key="t", title="t", code="T", start=Start(by=[], title="null")),
        process=process,
        dictionary=forms.Dictionary({"type": "object", "properties": names}),
        forms={},
        expressions={},
        texts={},
        asked={},
    )
    read = re.compile(r"表达式“(.*?)”：到这里时，“(\w+)”还没有")
    told = dataflow.check(contents)
    return {(one.element, *hit.groups()) for one in told if (hit := read.match(one.message))}


def happened(seed: int, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str, str]]:
    """Element, source and name of what was read and had a value, in some runs of a random process."""
    _choose, tree, _variables = plant(seed)
    seen: set[tuple[str, str, str]] = set()
    evaluate: Callable[..., Any] = FeelEngine.evaluate

    def watched(self: FeelEngine, task: Any, expression: Any, given: Any = None, *, alone: bool = False) -> Any:
        if not alone:
            for name in expression.names:
                if name not in (given or {}) and self.names(task).get(name) is not None:
                    source = " ".join(expression.source.split())
                    node = task.task_spec.node.id
                    seen.update((one, source, name) for one in (node, *leaving.get(node, ())))
        return evaluate(self, task, expression, given, alone=alone)

    monkeypatch.setattr(FeelEngine, "evaluate", watched)
    case = Ours(tree, {})
    leaving: dict[str, list[str]] = {}
    for one in case.process.flows.values():
        leaving.setdefault(one.source, []).append(one.id)
    for run in range(6):
        case, choose = Ours(tree, {}), random.Random(run)
        case.start()
        for _step in range(40):
            if not case.waiting:
                break
            verb, node, counter = choose.choice(case.waiting)
            value = {} if verb == "complete" else choose.randrange(3) if verb == "resolve" else None
            if verb == "deliver" and (message := case.process.nodes[node].message) and message.payload:
                value = choose.randrange(3)
            try:
                case.happen(Wait(verb, node, lambda *_: None, counter or None), value)
            except engine.Failed:
                break
    monkeypatch.undo()
    return seen


@pytest.mark.parametrize("seed", range(150))
def test_what_was_read_is_never_said_to_be_unset(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = happened(seed, monkeypatch)
    _choose, tree, _variables = plant(seed)
    assert not judged(*diagrams(tree, Feel())) & seen


def test_a_check_that_forgets_what_goes_on_at_the_same_time_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = 0
    for seed in range(60):
        seen = happened(seed, monkeypatch)
        monkeypatch.setattr(Level, "_beside", lambda self: dict.fromkeys(self._nodes, 0))
        wrong += bool(judged(*diagrams(plant(seed)[1], Feel())) & seen)
        monkeypatch.undo()
    assert wrong


def test_where_ways_come_together() -> None:
    ways = {"a": ["b", "c"], "b": ["d"], "c": ["d", "e"], "d": ["e"], "e": ["f", "a"], "f": [], "g": ["g"]}
    assert postdominators(ways) == {"a": "e", "b": "d", "c": "e", "d": "e", "e": "f", "f": None}


@pytest.mark.parametrize("shape", ["blocks", "forks"])
def test_large_diagrams_are_checked_in_good_time(shape: str) -> None:
    """1,900 steps: parallel blocks one after the other, and forks that never join."""
    parts, flows, last = ['<startEvent id="s"/>'], [], "s"
    for at in range(317):
        names = [f"{kind}{at}" for kind in "abcdef"]
        a, b, c, d, e, f = names
        parts += [
            f'<parallelGateway id="{a}"/>',
            f'<scriptTask id="{b}"><script>v{at} = v{at // 2}</script></scriptTask>',
        ]
        parts += [f'<userTask id="{one}"/>' for one in (c, d, e)]
        flows += [flow(last, a), flow(a, b), flow(a, c), flow(b, d), flow(c, e)]
        if shape == "blocks":
            parts.append(f'<parallelGateway id="{f}"/>')
            flows += [flow(d, f), flow(e, f)]
            last = f
        else:
            parts.append(f'<endEvent id="{f}"/>')
            flows.append(flow(d, f))
            last = e
    body = "".join([*parts, '<endEvent id="done"/>', *flows, flow(last, "done")])
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        f'<process id="p" isExecutable="true">{body}</process></definitions>'
    )
    begun = time.monotonic()
    judged(source.encode(), {})
    compiled = time.monotonic()
    engine.compile(source.encode(), published=True)
    assert compiled - begun - (time.monotonic() - compiled) < 2
