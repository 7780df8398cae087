"""Decision tables on a page without JavaScript: written, tried, renamed; what the page does not show stays."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.callers import Browser
from tests.fixtures import World
from tests.workspace.owners import PLACE, as_it_stands, owner, read, save_file, second_owner, seen
from tongxin import feel
from tongxin.decisions import Input
from tongxin.workspace import checking, deciding, table_sent, table_writing, tables
from tongxin.workspace.tables import Column, Rule, Table

FILE, HERE = "急不急.dmn", f"{PLACE}/decisions/{quote('急不急')}"
WRITTEN = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept -->
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:other="urn:other" id="d" name="d" namespace="n"
    xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/">
  <inputData id="in_score" name="score"><variable name="score" typeRef="number"/></inputData>
  <decision id="fee" name="收费" other:mark="kept">
    <variable name="收费" typeRef="number"/>
    <informationRequirement id="need"><requiredInput href="#in_score"/></informationRequirement>
    <decisionTable id="t" hitPolicy="FIRST" preferredOrientation="Rule-as-Row">
      <input id="i" label="分数"><inputExpression typeRef="number"><text>score</text></inputExpression></input>
      <output id="o" name="fee" typeRef="number"/>
      <annotation name="为什么"/>
      <rule id="r1"><inputEntry id="c1" expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"><text>&gt; 3</text></inputEntry>
        <outputEntry id="v1"><text>10</text></outputEntry><annotationEntry><text>高</text></annotationEntry></rule>
      <rule id="r2"><inputEntry id="c2"><text></text></inputEntry><outputEntry id="v2"><text>0</text></outputEntry>
        <annotationEntry><text>低</text></annotationEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="in_score"/></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""  # noqa: E501 (as another tool writes it)


def start(world: World) -> Browser:
    """A new table 急不急, its page open."""
    me = owner(world)
    answer = me.post(f"{PLACE}/decisions", {**seen(world), "title": "急不急", "result": "how_urgent", "type": "string"})
    assert answer.headers["location"] == HERE
    return me


def fields(world: World, table: Table | None = None, **more: Any) -> dict[str, Any]:
    """The page as a browser sends it, unchanged but for `more`."""
    table = table or tables.read(as_it_stands(world).package[FILE])
    columns = [("input", one) for one in table.inputs] + [("output", one) for one in table.outputs]
    sent: dict[str, Any] = {**seen(world), "decision": table.identity, "name": table.decision, "policy": table.policy}
    for part, one in columns:
        values = {"id": one.identity, "label": one.label, "source": one.source, "type": one.type, "values": one.values}
        for name, value in {**values, **({"default": one.default} if part == "output" else {})}.items():
            sent.setdefault(f"{part}_{name}", []).append(value)
    sent["rule"] = [one.identity for one in table.rules]
    sent["cell"] = [cell for one in table.rules for cell in (*one.cells, *one.results)]
    sent["note"] = [one.note for one in table.rules]
    return {**sent, **more}


def do(world: World, me: Browser, deed: str, **more: Any) -> Any:
    answer = me.post(HERE, fields(world, **more, do=deed))
    assert answer.status_code == 303, answer.text[:3000]
    return answer


def filled(world: World) -> Browser:
    """Two rows about the kind of the order and whether it is urgent."""
    me = start(world)
    do(world, me, "add_input", add="kind")
    do(world, me, "add_input", add="urgent")
    do(world, me, "add_rule")
    do(world, me, "add_rule", cell=["燃气，下水", "", "马上"])
    do(world, me, "save", cell=['"燃气", "下水"', "", '"马上"', "", "true", "“今天”"], note=["出人命的", ""])
    return me


def test_a_table_made_row_by_row(world: World) -> None:
    me = filled(world)
    package = as_it_stands(world).package
    table = tables.read(package[FILE])
    assert [one.cells + one.results for one in table.rules] == [
        ('"燃气", "下水"', "", '"马上"'),
        ("", "true", '"今天"'),
    ]
    assert [(one.source, one.type) for one in table.inputs] == [("kind", "string"), ("urgent", "boolean")]
    assert (table.rules[0].note, "燃气" in table.inputs[0].values) == ("出人命的", True)
    model, findings = deciding.model(package, FILE)
    assert model is not None
    assert {one.name for one in model.inputs("急不急")} == {"kind", "urgent"}
    assert {one.severity for one in findings} == {"warning"}  # gaps and an overlap
    page = me.get(HERE).text
    assert ("规则重叠" in page, "没有规则管这种情况" in page) == (True, True)
    assert read(world, "data.json")["properties"]["how_urgent"] == {
        "type": "string",
        "maxLength": 200,
        "title": "急不急",
    }
    assert all(one.severity == "warning" for one in checking.findings(package))


def test_trying_says_the_answer_and_the_rows(world: World) -> None:
    me = filled(world)
    page = me.post(HERE, fields(world, policy="FIRST", do="try", **{"try.kind": "燃气", "try.urgent": "true"}))
    assert page.status_code == 200
    assert ("<b>马上</b>" in page.text, "命中第 1 行" in page.text, "出人命的" in page.text) == (True, True, True)
    assert tables.read(as_it_stands(world).package[FILE]).policy == "FIRST"  # tried is saved
    page = me.post(HERE, fields(world, do="try", **{"try.kind": "", "try.urgent": "false"}))
    assert ("（空）" in page.text, "没有哪一行命中" in page.text) == (True, True)
    before = seen(world)
    me.post(HERE, fields(world, do="try"))
    assert seen(world) == before  # nothing changed, nothing written


def test_rows_and_columns_move_and_go(world: World) -> None:
    me = filled(world)
    moved = do(world, me, "down 0")
    assert moved.headers["location"] == f"{HERE}?decision=decision#rule-1"
    do(world, me, "copy_rule 0")
    results = [one.results[0] for one in tables.read(as_it_stands(world).package[FILE]).rules]
    assert results == ['"今天"', '"今天"', '"马上"']
    do(world, me, "remove_rule 1")
    do(world, me, "add_output")
    do(world, me, "remove_input 0")
    table = tables.read(as_it_stands(world).package[FILE])
    assert [one.cells + one.results for one in table.rules] == [("true", '"今天"', ""), ("", '"马上"', "")]
    model, _findings = deciding.model(as_it_stands(world).package, FILE)
    assert model is not None and [one.name for one in model.inputs("急不急")] == ["urgent"]
    do(world, me, "remove_output 1")
    do(world, me, "remove_output 0")  # the last one stays
    assert len(tables.read(as_it_stands(world).package[FILE]).outputs) == 1
    for nonsense in ("up 99", "down x", "remove_rule -1", "nothing"):
        do(world, me, nonsense)


def test_what_the_page_does_not_show_stays() -> None:
    table = tables.read(WRITTEN)
    assert table_writing.apply(WRITTEN, table, {"score": "number"}) == WRITTEN
    rules = (*table.rules[::-1], Rule("", ("< 0",), ("-1",), "新"))
    changed = table_writing.apply(
        WRITTEN, Table("收费", "fee", "COLLECT SUM", table.inputs, table.outputs, rules), {"score": "number"}
    )
    for kept in ("<!-- kept -->", 'other:mark="kept"', "preferredOrientation", "expressionLanguage", 'name="为什么"'):
        assert kept in changed
    assert changed.count('href="#in_score"') == 1
    again = tables.read(changed)
    assert [(one.identity, one.note) for one in again.rules[:2]] == [("r2", "低"), ("r1", "高")]
    assert (again.policy, again.rules[2].cells) == ("COLLECT SUM", ("< 0",))


def test_an_input_nobody_reads_any_more_goes_with_its_drawing() -> None:
    table = tables.read(WRITTEN)
    other = Column("i", "面积", "area", "number")
    changed = table_writing.apply(
        WRITTEN,
        Table("收费", "fee", "FIRST", (other,), table.outputs, table.rules),
        {"score": "number", "area": "number"},
    )
    assert ("in_score" in changed, 'name="area"' in changed, "DMNShape" in changed) == (False, True, False)
    model, findings = deciding.model({"x.dmn": changed}, "x.dmn")
    assert model is not None and [one.name for one in model.inputs("收费")] == ["area"]
    assert [one for one in findings if one.severity == "error"] == []


def test_a_new_name_reaches_the_steps_that_ask(world: World) -> None:
    me = filled(world)
    diagram = as_it_stands(world).package["process.bpmn"]
    step = '<bpmn:businessRuleTask id="rule" tx:decision="急不急" tx:result="x" /></bpmn:process>'
    save_file(me, world, "process.bpmn", diagram.replace("</bpmn:process>", step))
    refused = me.post(f"{HERE}/removal", seen(world))
    assert (refused.status_code, "不能删：rule" in refused.text) == (409, True)
    do(world, me, "save", name="多急")
    package = as_it_stands(world).package
    assert 'tx:decision="多急"' in package["process.bpmn"]
    assert tables.read(package[FILE]).decision == "多急"
    assert "多急" in me.get(f"{PLACE}/decisions").text
    save_file(me, world, "process.bpmn", diagram)
    assert me.post(f"{HERE}/removal", seen(world)).status_code == 303
    assert me.get(HERE).status_code == 404


def test_what_makes_no_table_is_said_and_stays_on_the_page(world: World) -> None:
    me = filled(world)
    answer = me.post(HERE, fields(world, name=" ", note=["长长的说明", ""], do="save"))
    assert (answer.status_code, "请给决策起一个名称" in answer.text) == (422, True)
    assert 'value="长长的说明"' in answer.text
    assert me.post(HERE, fields(world, cell=["x"], do="save")).status_code == 422
    assert me.post(HERE, fields(world, do="add_input")).status_code == 422
    assert me.post(HERE, fields(world, do="add_input", add="nothing")).status_code == 422
    for title, result in (("", ""), ("急不急", ""), ("甲", "not a name")):
        assert me.post(f"{PLACE}/decisions", {**seen(world), "title": title, "result": result}).status_code == 422
    do(world, me, "save", cell=["> (", "", '"马上"', "", "true", '"今天"'])  # unfinished is allowed in a draft
    assert "错误" in me.get(HERE).text
    assert me.post(HERE, fields(world, do="try")).status_code == 422
    assert me.get(f"{PLACE}/findings").json()["problems"][0]["link"] == HERE


def test_what_stands_on_several_lines_stays_so(world: World) -> None:
    me = filled(world)
    written = 'if urgent\nthen "马上" else "今天"'
    save_file(me, world, FILE, as_it_stands(world).package[FILE].replace("&quot;", '"').replace('"马上"', written))
    assert f"\n{written}</textarea>".replace('"', "&#34;") in me.get(HERE).text
    before = as_it_stands(world).package[FILE]
    sent = [cell.replace("\n", "\r\n") for cell in fields(world)["cell"]]  # as browsers do
    do(world, me, "save", cell=sent)
    assert as_it_stands(world).package[FILE] == before


def test_characters_no_document_can_hold(world: World) -> None:
    me = filled(world)
    assert me.post(HERE, fields(world, note=["\x01", ""], do="save")).status_code == 422
    assert me.post(f"{PLACE}/decisions", {**seen(world), "title": "\x01"}).status_code == 422
    assert me.post(f"{PLACE}/diagrams", {**seen(world), "title": "\x01"}).status_code == 422
    for number in ("NaN", "1e999999999", "Infinity"):
        with pytest.raises(deciding.Unreadable):
            deciding.value_of(Input("x", "number"), number)


def test_somebody_else_was_quicker(world: World) -> None:
    me = filled(world)
    opened = fields(world, do="save", policy="ANY", note=["我的", ""])
    second_owner(world).post(HERE, fields(world, do="save", policy="FIRST"))
    answer = me.post(HERE, opened)
    assert (answer.status_code, 'value="我的"' in answer.text) == (409, True)
    assert me.post(HERE, {**opened, "anyway": "yes"}).status_code == 303
    assert tables.read(as_it_stands(world).package[FILE]).policy == "ANY"


def test_a_document_that_is_no_table(world: World) -> None:
    me = filled(world)
    literal = (
        WRITTEN[: WRITTEN.index("<decisionTable")] + "<literalExpression><text>score * 2</text></literalExpression>"
    )
    save_file(me, world, FILE, literal + "</decision></definitions>")
    page = me.get(HERE).text
    assert "这个决策不是决策表" in page
    answer = me.post(HERE, {**seen(world), "decision": "fee", "do": "try", "try.score": "21"})
    assert "<b>42</b>" in answer.text
    assert "要填数字" in me.post(HERE, {**seen(world), "decision": "fee", "do": "try", "try.score": "多"}).text
    save_file(me, world, FILE, "<broken")
    assert (me.get(HERE).status_code, "读不出来" in me.get(f"{PLACE}/decisions").text) == (200, True)
    assert me.get(PLACE).status_code == 200


@pytest.mark.parametrize(
    ("cell", "kind", "kept"),
    [
        ("水", "string", '"水"'),
        ("水，电", "string", '"水", "电"'),
        ("kind", "string", "kind"),
        ('"水"', "string", '"水"'),
        ("“水”", "string", '"水"'),
        ('not("水")', "string", 'not("水")'),
        ("-", "string", "-"),
        ("", "string", ""),
        ("null", "string", "null"),
        ("> 3", "number", "> 3"),
        ("水", "", "水"),
        ("是", "boolean", "true"),
        ("true", "boolean", "true"),
    ],
)
def test_quotation_marks_left_out(cell: str, kind: str, kept: str) -> None:
    assert table_sent.quoted(cell, kind, frozenset({"kind"})) == kept


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "1.50", feel.compile("1.5").evaluate({})),
        ("boolean", "false", False),
        ("date", "2026-03-05", feel.compile('date("2026-03-05")').evaluate({})),
        ("days and time duration", "P2D", feel.duration("P2D")),
        ("string", "1", "1"),
        ("", "1", 1),
        ("", "水", "水"),
        ("", "[1, 2]", [1, 2]),
        ("number", "", None),
    ],
)
def test_what_is_typed_to_try(kind: str, text: str, value: Any) -> None:
    assert deciding.value_of(Input("x", kind), text) == value
    with pytest.raises(deciding.Unreadable):
        deciding.value_of(Input("x", "date"), "昨天")


def test_the_parameters_are_not_asked_for(world: World) -> None:
    me, rules = owner(world), f"{PLACE}/decisions/rules"
    page = me.get(f"{rules}?decision=dispatching").text
    assert ('name="try.attempts"' in page, 'name="try.parameters"' in page) == (True, False)
    table = tables.read(as_it_stands(world).package["rules.dmn"], "dispatching")
    for attempts, answer in (("3", "subdistrict"), ("2", "branch")):
        sent = fields(world, table, do="try", **{"try.attempts": attempts, "try.kind": "电梯"})
        assert answer in me.post(rules, sent).text.split('class="try-answer"')[1]
