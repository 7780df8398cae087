"""An owner draws what the engine executes: a decision table, a called diagram, events and loops of every kind."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import violations
from tests.browser.test_workspace import SELECT, desk, dispatched_until, meaning, package, saved
from tests.workspace.owners import add_table_and_diagram
from tongxin import db
from tongxin.cases.models import Case
from tongxin.procedures.definition import compile_package
from tongxin.workspace import drafts

INSERT = """([type, from, to]) => { // what dropping a step onto a line does
  const get = (name) => tongxinModeler.get(name), drawn = (id) => get('elementRegistry').get(id);
  const flow = drawn(from).outgoing.find((one) => one.target === drawn(to));
  const [one, two] = [flow.waypoints[0], flow.waypoints[flow.waypoints.length - 1]];
  const middle = { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 };
  const step = get('modeling').createShape(get('elementFactory').createShape({ type }), middle, drawn(from).parent);
  get('modeling').removeConnection(flow);
  get('modeling').connect(drawn(from), step);
  get('modeling').connect(step, drawn(to));
  get('selection').select(step);
  return step.id;
}"""
DRAW = """([type, options]) => { // beside the rest
  const get = (name) => tongxinModeler.get(name);
  const pool = get('elementRegistry').find((one) => one.type === 'bpmn:Participant');
  const shape = get('elementFactory').createShape({ type, ...options });
  const step = get('modeling').createShape(shape, { x: pool.x + 200, y: pool.y + 60 }, pool);
  get('selection').select(step);
  return step.id;
}"""
XML = "async () => (await tongxinModeler.saveXML({ format: true })).xml"
EVERYTHING = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tx="urn:tongxin:bpmn:1"
    xmlns:other="urn:other" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    id="d" targetNamespace="t" other:mark="kept">
  <bpmn:message id="m" name="来电" tx:key="code" tx:payload="call" />
  <bpmn:signal id="s" name="警报" tx:payload="alarm" />
  <bpmn:error id="e" name="错" errorCode="E1" />
  <bpmn:escalation id="x" name="升" escalationCode="X1" />
  <bpmn:dataStore id="store" name="shared" />
  <bpmn:process id="p" isExecutable="true">
    <bpmn:startEvent id="a" />
    <bpmn:businessRuleTask id="b" tx:decision="急不急" tx:result="r" other:mark="kept" />
    <bpmn:callActivity id="c" calledElement="called">
      <bpmn:extensionElements>
        <tx:input name="what" value="what" /><other:thing kept="yes" /><tx:output name="got" value="got" />
      </bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics isSequential="true" tx:collection="list" tx:element="one" tx:output="all">
        <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">true</bpmn:completionCondition>
      </bpmn:multiInstanceLoopCharacteristics>
    </bpmn:callActivity>
    <bpmn:sendTask id="f" messageRef="m">
      <bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="3">
        <bpmn:loopCondition xsi:type="bpmn:tFormalExpression">again</bpmn:loopCondition>
      </bpmn:standardLoopCharacteristics>
    </bpmn:sendTask>
    <bpmn:transaction id="g">
      <bpmn:endEvent id="h"><bpmn:cancelEventDefinition id="h1" /></bpmn:endEvent>
    </bpmn:transaction>
    <bpmn:adHocSubProcess id="i">
      <bpmn:manualTask id="i1" />
      <bpmn:completionCondition xsi:type="bpmn:tFormalExpression">done</bpmn:completionCondition>
    </bpmn:adHocSubProcess>
    <bpmn:subProcess id="j" triggeredByEvent="true">
      <bpmn:startEvent id="k" isInterrupting="false">
        <bpmn:timerEventDefinition id="k1">
          <bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R3/PT1H</bpmn:timeCycle>
        </bpmn:timerEventDefinition>
      </bpmn:startEvent>
    </bpmn:subProcess>
    <bpmn:intermediateThrowEvent id="l">
      <bpmn:extensionElements><tx:input name="n" value="1" /></bpmn:extensionElements>
      <bpmn:signalEventDefinition id="l1" signalRef="s" />
    </bpmn:intermediateThrowEvent>
    <bpmn:intermediateCatchEvent id="n">
      <bpmn:conditionalEventDefinition id="n1">
        <bpmn:condition xsi:type="bpmn:tFormalExpression">ready</bpmn:condition>
      </bpmn:conditionalEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:endEvent id="o"><bpmn:escalationEventDefinition id="o1" escalationRef="x" /></bpmn:endEvent>
    <bpmn:intermediateThrowEvent id="q"><bpmn:linkEventDefinition id="q1" name="往下" /></bpmn:intermediateThrowEvent>
    <bpmn:endEvent id="u"><bpmn:errorEventDefinition id="u1" errorRef="e" /></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


@pytest.fixture
def clean(site: Site) -> Site:
    """No draft."""
    with db.transaction(site.world.engine) as session:
        drafts.throw_away(session, "orders")
    return site


def panel(page: Page) -> Any:
    return page.locator(".work-panel")


def fill(page: Page, label: str, text: str) -> None:
    """A field of the panel, as somebody types and goes on."""
    field = panel(page).get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def name_step(page: Page, name: str) -> None:
    field = panel(page).locator(".work-group", has=page.get_by_role("heading", name="名称")).locator("textarea").first
    field.fill(name)
    field.press("Tab")


def test_everything_comes_back_as_it_was(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    # drawn by nobody: what has no picture is kept all the same
    page.evaluate("async (xml) => { await tongxinModeler.importXML(xml).catch(() => null); }", EVERYTHING)
    xml = page.evaluate(XML)
    assert meaning(xml) == meaning(EVERYTHING)
    visitor.complaints.clear()


@pytest.mark.parametrize(
    ("kind", "definition", "button", "field", "typed", "wanted"),
    [
        ("IntermediateCatchEvent", "Message", "新建一条消息", "带来的内容放进哪个变量", "call", 'tx:payload="call"'),
        ("IntermediateThrowEvent", "Signal", "新建一个信号", "信号的名称", "警报", '<bpmn:signal [^>]*name="警报"'),
        ("EndEvent", "Error", "新建一个错误", "代码", "E7", 'errorCode="E7"'),
        ("IntermediateThrowEvent", "Escalation", "新建一个升级", "代码", "X7", 'escalationCode="X7"'),
        (
            "IntermediateCatchEvent",
            "Conditional",
            "",
            "条件（FEEL）",
            "urgent = true",
            "urgent = true</bpmn:condition>",
        ),
        ("IntermediateThrowEvent", "Link", "", "链接的名称", "往下", 'name="往下"'),
    ],
)
def test_events(
    visitor: Visitor, clean: Site, kind: str, definition: str, button: str, field: str, typed: str, wanted: str
) -> None:
    page = desk(visitor)
    before = page.evaluate(XML)
    page.evaluate(DRAW, [f"bpmn:{kind}", {"eventDefinitionType": f"bpmn:{definition}EventDefinition"}])
    if button:
        panel(page).get_by_role("button", name=button).click()
    fill(page, field, typed)
    assert re.search(wanted, page.evaluate(XML))
    for _step in range(3 if button else 2):  # drawn, declared, filled in: a step each
        page.get_by_role("button", name="撤销").click()
    assert meaning(page.evaluate(XML)) == meaning(before)
    assert visitor.complaints == []


def test_timers_that_come_again(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(SELECT, "accept_timeout")
    expect(panel(page).get_by_label("什么时候", exact=True).locator("option", has_text="每隔一段时间")).to_have_count(0)
    page.evaluate(DRAW, ["bpmn:StartEvent", {"eventDefinitionType": "bpmn:TimerEventDefinition"}])
    panel(page).get_by_label("什么时候", exact=True).select_option("every")
    panel(page).get_by_label("多少").fill("2")
    panel(page).get_by_label("多少").press("Tab")
    assert "R3/PT2H</bpmn:timeCycle>" in page.evaluate(XML)
    panel(page).get_by_label("什么时候", exact=True).select_option("calendar")
    fill(page, "什么时候来", "0 8 1 * *")
    assert "0 8 1 * *</bpmn:timeCycle>" in page.evaluate(XML)


def test_loops_and_values(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(SELECT, "accept")
    panel(page).get_by_label("办几次").select_option("each")
    fill(page, "对哪个列表（变量或算式）", "[1, 2]")
    fill(page, "各人的回答收进哪个变量", "answers")
    panel(page).get_by_label("先后").select_option("yes")
    assert re.search(r'isSequential="true" tx:collection="\[1, 2\]" tx:output="answers"', page.evaluate(XML))
    panel(page).get_by_label("办几次").select_option("again")
    fill(page, "什么时候再来一次（FEEL）", 'answer = "no"')
    fill(page, "最多几次", "3")
    xml = page.evaluate(XML)
    assert ('loopMaximum="3"' in xml, "multiInstance" in xml) == (True, False)
    panel(page).get_by_label("办几次").select_option("once")
    assert "LoopCharacteristics" not in page.evaluate(XML)
    page.evaluate(DRAW, ["bpmn:ServiceTask", {}])
    fill(page, "动作", "demo")
    panel(page).get_by_role("button", name="加一个取回的值").click()
    row = panel(page).get_by_role("group", name="取回的值 1")
    row.get_by_label("放进哪个变量").fill("score")
    row.get_by_label("放进哪个变量").press("Tab")
    row.get_by_label("算式（FEEL）").fill("result.score")
    row.get_by_label("算式（FEEL）").press("Tab")
    assert '<tx:output name="score" value="result.score" />' in page.evaluate(XML)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    assert visitor.complaints == []


def test_what_undoes_a_step_is_a_step_for_people(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    kinds = page.evaluate("""() => {
      const get = (name) => tongxinModeler.get(name), host = get('elementRegistry').get('accept');
      const definition = { eventDefinitionType: 'bpmn:CompensateEventDefinition' };
      const event = get('elementFactory').createShape({ type: 'bpmn:BoundaryEvent', ...definition });
      const place = { x: host.x + host.width, y: host.y + host.height / 2 };
      const drawn = get('modeling').createShape(event, place, host, { attach: true });
      get('contextPad').getEntries(drawn)['append.compensation-activity'].action.click();
      return get('elementRegistry').filter((one) => one.businessObject.isForCompensation).map((one) => one.type);
    }""")
    assert kinds.count("bpmn:UserTask") > 0
    assert set(kinds) <= {"bpmn:UserTask", "label"}
    assert visitor.complaints == []


def test_findings_lead_to_the_called_diagram(visitor: Visitor, clean: Site) -> None:
    add_table_and_diagram(clean.world)
    page = desk(visitor)
    page.evaluate(INSERT, ["bpmn:CallActivity", "dispatch", "accept"])
    panel(page).get_by_label("流程", exact=True).select_option("called")
    saved(page)
    page.locator(".work-drawings").get_by_role("link", name="上门核实").click()
    page.wait_for_selector(".work-canvas .diagram-tools")
    assert page.evaluate("'create.participant-expanded' in tongxinModeler.get('palette').getEntries()")  # none yet
    page.evaluate(INSERT, ["bpmn:ScriptTask", "begin", "end"])
    name_step(page, "空的一步")
    saved(page)
    page.goto("/workspace/orders")
    page.wait_for_selector(".work-canvas .diagram-tools")
    page.get_by_role("button", name="检查").click()
    page.locator("[data-problems] li", has_text="脚本是空的").get_by_role("link").click()
    page.wait_for_url("**/diagrams/**")
    expect(panel(page).locator("h2")).to_contain_text("空的一步")


def test_a_table_on_a_phone(visitor: Visitor, clean: Site) -> None:
    add_table_and_diagram(clean.world)
    page = visitor.page("heping", width=375, height=667)
    page.goto("/workspace/orders/decisions/急不急")
    page.locator("#try").get_by_label("哪一类").select_option("下水")
    page.locator("#try").get_by_label("紧急").select_option("false")
    page.get_by_role("button", name="保存并试一试").click()
    expect(page.locator(".try-answer")).to_contain_text("结果：今天")
    expect(page.locator(".table-fired")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    compile_package(package(clean))
    assert visitor.complaints == []


def test_a_table_and_a_called_diagram(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(INSERT, ["bpmn:BusinessRuleTask", "dispatch", "accept"])
    name_step(page, "急不急")
    panel(page).get_by_role("button", name="新建一张决策表").click()
    make_table(page)
    page.get_by_role("link", name="回流程图").click()
    page.wait_for_selector(".work-canvas .diagram-tools")
    rule = page.evaluate("tongxinModeler.get('elementRegistry').find((one) => one.businessObject.name === '急不急').id")
    page.evaluate(SELECT, rule)
    expect(panel(page).get_by_label("哪个决策")).to_have_value("急不急")
    expect(panel(page).get_by_text("它要读：")).to_contain_text("紧急")
    page.evaluate(INSERT, ["bpmn:CallActivity", rule, "accept"])
    name_step(page, "上门核实")
    panel(page).get_by_role("button", name="新建被调用的流程").click()
    draw_called(page)
    give_and_take(page)
    page.get_by_role("button", name="检查").click()
    expect(page.locator("[data-problems]")).to_contain_text("没有问题，可以发布。")
    page.get_by_role("link", name="发布…").click()
    page.get_by_label("为什么改、改了什么").fill("派单后先看急不急，再上门核实")
    page.get_by_role("button", name="发布第 2 版").click()
    expect(page.locator(".version-list").first).to_contain_text("先看急不急")
    clerk, dispatcher = (clean.api(clean.world.token(one)) for one in ("zhanglan", "zhaoqm"))
    given = {"urgent": True, "member": clean.world.account_id("lichs")}
    task = dispatcher.post(f"/tasks/{dispatched_until(clerk)}/completion", values=given)["tasks"][0]
    assert task["name"] == "接单"
    with Session(clean.world.engine) as session:
        case = session.exec(select(Case).order_by(col(Case.id).desc()).limit(1)).one()
    taken = {name: case.variables.get(name) for name in ("急不急", "dispatch_note")}
    assert taken == {"急不急": "马上", "dispatch_note": "去过"}
    assert visitor.complaints == []


def make_table(page: Page) -> None:
    """Urgent: at once; else today. Tried before it is used."""
    page.wait_for_url("**/decisions/*")
    page.get_by_label("加一列条件：看哪个变量").select_option("urgent")
    page.get_by_role("button", name="加一列条件").click()
    for _time in range(2):
        page.get_by_role("button", name="加一行规则").click()
    cells = page.locator(".decision-table tbody input.code")
    for at, text in enumerate(("true", "马上", "false", "今天")):
        cells.nth(at).fill(text)
    page.get_by_role("button", name="保存决策表").last.click()
    expect(page.get_by_text("没有遗漏和重叠")).to_be_visible()
    expect(cells.nth(1)).to_have_value('"马上"')
    page.locator("#try").get_by_label("紧急").select_option("true")
    page.get_by_role("button", name="保存并试一试").click()
    expect(page.locator(".try-answer")).to_contain_text("结果：马上")
    expect(page.locator(".try-answer")).to_contain_text("命中第 1 行")
    assert violations(page) == []


def draw_called(page: Page) -> None:
    """A computation between beginning and end."""
    page.wait_for_url("**/diagrams/*")
    page.wait_for_selector(".work-canvas .diagram-tools")
    page.evaluate(INSERT, ["bpmn:ScriptTask", "begin", "end"])
    fill(page, "每行一个：名称 = 算式", 'answer = if place = null then "没去" else "去过"')
    saved(page)
    page.locator(".work-drawings").get_by_role("link", name="主流程").click()
    page.wait_for_selector(".work-canvas .diagram-tools")


def give_and_take(page: Page) -> None:
    """What the called procedure is told, and what is taken back."""
    call = page.evaluate("tongxinModeler.get('elementRegistry').find((one) => one.type === 'bpmn:CallActivity').id")
    page.evaluate(SELECT, call)
    expect(panel(page).get_by_label("流程", exact=True)).to_have_value("called")
    panel(page).get_by_role("button", name="加一个送去的值").click()
    row = panel(page).get_by_role("group", name="送去的值 1")
    row.get_by_label("在那边叫什么").fill("place")
    row.get_by_label("在那边叫什么").press("Tab")
    row.get_by_label("算式（FEEL）").fill("case.place_name")
    row.get_by_label("算式（FEEL）").press("Tab")
    panel(page).get_by_role("button", name="加一个取回的值").click()
    row = panel(page).get_by_role("group", name="取回的值 1")
    row.get_by_label("放进哪个变量").fill("dispatch_note")
    row.get_by_label("放进哪个变量").press("Tab")
    row.get_by_label("算式（FEEL）").fill("answer")
    row.get_by_label("算式（FEEL）").press("Tab")
    saved(page)


def test_who_does_it_by_a_condition_and_what_a_step_is_called(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(SELECT, "lane_clerk")
    panel(page).get_by_label("角色", exact=True).select_option("=")
    fill(page, "角色的算式", 'if urgnt then "dispatcher" else "community_clerk"')
    xml = page.evaluate(XML)
    assert 'tx:role="= if urgnt then &#34;dispatcher&#34; else &#34;community_clerk&#34;"' in xml.replace(
        "&quot;", "&#34;"
    )
    page.evaluate(SELECT, "check")
    expect(panel(page)).to_contain_text("由谁办按条件定")
    fill(page, "办的人看到的标题（算式）", '"核实：" + what')
    assert "核实：" in page.evaluate(XML).partition('tx:title="')[2][:20]
    saved(page)
    page.get_by_role("button", name="检查").click()
    problems = page.locator("[data-problems]")
    expect(problems).to_contain_text("是不是“urgent”？")
    problems.get_by_text("社区居委会", exact=True).click()
    expect(panel(page).get_by_label("角色的算式", exact=True)).to_have_value(re.compile("urgnt"))
    fill(page, "角色的算式", 'if urgent then "dispatcher" else "community_clerk"')
    panel(page).get_by_label("角色", exact=True).select_option("")
    assert 'tx:role="= if' not in page.evaluate(XML)
