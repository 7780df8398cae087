"""The owner's story in a real browser: limit changed, a step with a form added, published; and what can go wrong."""

import re
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page, expect
from sqlmodel import Session

from tests.browser.conftest import Site, Visitor
from tests.browser.test_every_page import violations
from tests.callers import Api
from tests.procedures.packages import orders
from tests.workspace.owners import add_second_owner
from tongxin import db
from tongxin.procedures.definition import compile_package
from tongxin.workspace import drafts

SELECT = "id => tongxinModeler.get('selection').select(tongxinModeler.get('elementRegistry').get(id))"
RENAME = """name => {
  const task = tongxinModeler.get('elementRegistry').get('accept');
  tongxinModeler.get('modeling').updateLabel(task, name);
}"""
REMOVE = "id => tongxinModeler.get('modeling').removeElements([tongxinModeler.get('elementRegistry').get(id)])"
INSERT = """() => { // what dropping a step onto a line does
  const get = (name) => tongxinModeler.get(name);
  const flow = get('elementRegistry').get('dispatch_to_accept');
  const task = get('elementFactory').createShape({ type: 'bpmn:UserTask' });
  const [from, to] = [flow.waypoints[0], flow.waypoints[flow.waypoints.length - 1]];
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const drawn = get('modeling').createShape(task, middle, get('elementRegistry').get('dispatch').parent);
  get('modeling').removeConnection(flow);
  get('modeling').connect(get('elementRegistry').get('dispatch'), drawn);
  get('modeling').connect(drawn, get('elementRegistry').get('accept'));
  get('selection').select(drawn);
  return drawn.id;
}"""


def desk(visitor: Visitor, login: str = "heping", **looks: Any) -> Page:
    """The workspace of the orders, opened."""
    page = visitor.page(login, **looks)
    page.goto("/workspace/orders")
    page.wait_for_selector(".work-canvas .diagram-tools")
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^已保存 \d\d:\d\d$"))


def package(site: Site) -> Any:
    with Session(site.world.engine) as session:
        return drafts.work(session, "orders").package


@pytest.fixture
def clean(site: Site) -> Site:
    """No draft, and the folder's own version current."""
    with db.transaction(site.world.engine) as session:
        drafts.throw_away(session, "orders")
    return site


def test_the_owners_story(visitor: Visitor, clean: Site) -> None:
    clerk, dispatcher, member = (clean.api(clean.world.token(one)) for one in ("zhanglan", "zhaoqm", "lichs"))
    running = dispatched_until(clerk)
    page = desk(visitor)
    page.evaluate(SELECT, "accept")
    limit = page.locator(".work-panel fieldset", has_text="接单时限：普通单")
    expect(limit.get_by_label("多少")).to_have_value("2")
    limit.get_by_label("多少").fill("3")
    limit.get_by_label("多少").press("Tab")
    saved(page)
    add_a_step(page)
    page.get_by_role("button", name="检查").click()
    expect(page.locator("[data-problems]")).to_contain_text("没有问题，可以发布。")
    page.get_by_role("link", name="发布…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("发布“居民点单”第 2 版")
    for line in ("步骤“回访居民”", "2 小时 → 3 小时", "表单“请回访居民”", "数据字典"):
        expect(page.locator(".differences")).to_contain_text(line)
    page.get_by_role("button", name="发布第 2 版").click()
    expect(page.get_by_text("请写一句改了什么")).to_be_visible()
    page.get_by_label("为什么改、改了什么").fill("接单改为 3 小时，派单后先回访居民")
    page.get_by_role("button", name="发布第 2 版").click()
    expect(page.locator(".version-list").first).to_contain_text("接单改为 3 小时，派单后先回访居民")
    follow(clean, running, clerk, dispatcher, member)
    assert visitor.complaints == []


def add_a_step(page: Page) -> None:
    """A human step between 派单 and 接单, for the member who was chosen, with a new form."""
    page.evaluate(INSERT)
    page.locator(".work-panel .work-group", has_text="居民看到的阶段").locator("textarea").first.fill("回访居民")
    page.locator(".work-panel").get_by_label("居民看到的阶段").select_option("正在派人")
    page.locator(".work-panel").get_by_label("给谁").select_option("member")
    page.locator(".work-panel").get_by_role("button", name="新建一张表单").click()
    page.wait_for_url("**/forms/*")
    page.get_by_label("或者新建：叫什么").fill("回访情况")
    page.get_by_label("新字段填什么").select_option("choice")
    page.get_by_text("选项、表的列、从哪个岗位里选人").click()
    page.get_by_label("选项或表的列，每行一个").fill("在家\n不在家")
    page.get_by_role("button", name="保存表单").click()
    row = page.locator(".form-fields li", has_text="回访情况")
    row.get_by_label("必填").check()
    page.get_by_role("button", name="保存表单").click()
    expect(page.locator(".form-fields li", has_text="回访情况").get_by_label("必填")).to_be_checked()
    page.get_by_role("link", name="回流程图").click()
    page.wait_for_selector(".work-canvas .diagram-tools")


def dispatched_until(clerk: Api) -> str:
    """An order checked, waiting to be dispatched: its open task."""
    case = clerk.post("/cases", procedure="orders", unit="YY102", values={"what": "下水道堵了"})
    values = {"decision": "valid", "kind": "下水", "urgent": False}
    return str(clerk.post(f"/tasks/{case['tasks'][0]['id']}/completion", values=values)["tasks"][0]["id"])


def follow(site: Site, running: str, clerk: Api, dispatcher: Api, member: Api) -> None:
    """The running order goes from 派单 to 接单 as before; the next one calls the resident first."""
    given = {"urgent": False, "member": site.world.account_id("lichs")}
    old = dispatcher.post(f"/tasks/{running}/completion", values=given)["tasks"][0]
    answer = dispatcher.post(f"/tasks/{dispatched_until(clerk)}/completion", values=given)
    new = answer["tasks"][0]
    assert (old["name"], new["name"]) == ("接单", "回访居民")
    refused = member.send("POST", f"/tasks/{new['id']}/completion", {"values": {}})
    assert refused.status_code == 422  # the new field is asked for
    after = member.post(f"/tasks/{new['id']}/completion", values={"回访情况": "在家"})["tasks"][0]
    assert after["name"] == "接单"


def test_opened_and_saved_it_says_the_same(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    xml = page.evaluate("async () => (await tongxinModeler.saveXML({ format: true })).xml")
    before = package(clean)["process.bpmn"]
    assert meaning(xml) == meaning(before)
    compile_package({**package(clean), "process.bpmn": xml})


def meaning(xml: str) -> list[Any]:
    """Every element with its attributes and text, in document order but for the order of a process's children."""
    root = etree.fromstring(xml.encode())
    found = []
    for element in root.iter("*"):
        above = element.getparent()
        place = (above.get("id") or above.get("bpmnElement") or above.tag) if above is not None else ""
        attributes = {name: value for name, value in element.attrib.items() if "XMLSchema-instance" not in name}
        found.append((str(place), str(element.tag), sorted(attributes.items()), (element.text or "").strip()))
    return sorted(found, key=str)


def test_changes_are_saved_by_themselves_and_undone(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(SELECT, "accept")
    name = page.locator(".work-panel .work-group", has_text="居民看到的阶段").locator("textarea").first
    name.fill("接或不接")
    name.press("Tab")
    saved(page)
    assert re.search('name="接或不接"[^>]* tx:form="accept"', package(clean)["process.bpmn"])
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="重做")).to_be_enabled()
    page.wait_for_timeout(1500)
    saved(page)
    page.get_by_role("button", name="重做").click()
    page.wait_for_timeout(1500)
    saved(page)
    page.reload()
    page.wait_for_selector(".work-canvas .diagram-tools")
    page.evaluate(SELECT, "accept")
    expect(page.locator(".work-panel h2")).to_contain_text("接或不接")
    assert visitor.complaints == []


def test_a_form_survives_copying_and_replacing(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    forms = page.evaluate("""() => {
      const get = (name) => tongxinModeler.get(name), task = () => get('elementRegistry').get('accept');
      const form = (element) => element.businessObject.get('tx:form');
      get('copyPaste').copy([get('elementRegistry').get('repair')]);
      const place = { element: get('elementRegistry').get('repair').parent, point: { x: 900, y: 900 } };
      const pasted = get('copyPaste').paste(place);
      get('bpmnReplace').replaceElement(task(), { type: 'bpmn:ManualTask' });
      const without = form(task());
      get('bpmnReplace').replaceElement(task(), { type: 'bpmn:UserTask' });
      return [form(pasted.find((one) => one.type === 'bpmn:UserTask')), without, form(task()), task().id];
    }""")
    assert forms == ["repair", None, "accept", "accept"]


def test_nothing_is_lost_without_a_network(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.context.set_offline(True)
    page.evaluate(RENAME, "断网时改的")
    expect(page.locator("[data-saved]")).to_contain_text("没有保存成")
    page.context.set_offline(False)
    saved(page)
    assert "断网时改的" in package(clean)["process.bpmn"]


def test_two_owners_at_once(visitor: Visitor, clean: Site) -> None:
    add_second_owner(clean.world)
    mine, hers = desk(visitor), desk(visitor, "second")
    hers.evaluate(RENAME, "她的")
    saved(hers)
    mine.evaluate(RENAME, "我的")
    expect(mine.locator("[data-conflict]")).to_contain_text("罗琳刚才也改了这张图")
    assert 'name="她的"' in package(clean)["process.bpmn"]
    assert violations(mine) == []
    mine.get_by_role("button", name="用我的，新的另存一份").click()
    saved(mine)
    assert 'name="我的"' in package(clean)["process.bpmn"]
    hers.evaluate(RENAME, "又是她的")
    with hers.expect_navigation():
        hers.get_by_role("button", name="看新的，我的另存一份").click()
    hers.wait_for_selector(".work-canvas .diagram-tools")
    hers.evaluate(SELECT, "accept")
    expect(hers.locator(".work-panel h2")).to_contain_text("我的")
    hers.goto("/workspace/orders/versions")
    expect(hers.locator("#copies li").filter(has_text="罗琳改的")).to_have_count(2)


def test_a_parameter_of_mine_hides_no_diagram_of_hers(visitor: Visitor, clean: Site) -> None:
    """What is known of the diagram does not become newer by writing something else."""
    first = desk(visitor)
    first.evaluate(RENAME, "先有一份草稿")
    saved(first)
    mine, hers = desk(visitor), desk(visitor)
    hers.evaluate(RENAME, "她的")
    saved(hers)
    mine.evaluate(SELECT, "accept")
    field = mine.locator(".work-panel fieldset", has_text="接单时限：普通单").get_by_label("多少")
    for hours in ("4", "5"):
        field.fill(hours)
        with mine.expect_response("**/parameters/accept") as answer:
            field.press("Tab")
        assert answer.value.ok
    mine.evaluate(RENAME, "我的")
    expect(mine.locator("[data-conflict]")).to_contain_text("刚才也改了这张图")
    assert 'name="她的"' in package(clean)["process.bpmn"]
    assert "PT5H" in package(clean)["procedure.toml"]


def test_what_is_refused_is_not_taken_for_saved(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    answer = {"status": 422, "content_type": "application/json", "body": '{"detail": "不行"}'}
    page.route("**/workspace/orders/draft", lambda route: route.fulfill(**answer))
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    page.evaluate(RENAME, "没存进去的")
    expect(page.locator("[data-saved]")).to_have_text("不行")
    page.unroute("**/workspace/orders/draft")
    page.evaluate(RENAME, "存进去的")
    saved(page)
    assert 'name="存进去的"' in package(clean)["process.bpmn"]


def test_the_check_marks_what_is_wrong(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(REMOVE, "accept_to_accepted")
    saved(page)
    page.get_by_role("button", name="检查").click()
    expect(page.locator(".work-mark-error").first).to_be_visible()
    page.locator("[data-problems] li", has_text="后面没有线").get_by_role("button", name="接单").click()
    expect(page.locator(".work-panel h2")).to_contain_text("接单")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    assert visitor.complaints == []


def test_a_diagram_that_cannot_be_drawn(visitor: Visitor, clean: Site) -> None:
    page = visitor.page("heping")
    page.goto("/workspace/orders/files/process.bpmn")
    page.get_by_label("process.bpmn").fill("<broken")
    page.get_by_role("button", name="保存文件").click()
    page.goto("/workspace/orders")
    expect(page.get_by_text("流程图画不出来")).to_be_visible()
    page.get_by_role("button", name="检查").click()
    expect(page.locator("[data-problems]")).to_contain_text("不是有效的 XML")
    page.get_by_role("link", name="打开流程图文件").click()
    page.get_by_label("process.bpmn").fill(orders()["process.bpmn"])
    page.get_by_role("button", name="保存文件").click()
    page.goto("/workspace/orders")
    page.wait_for_selector(".work-canvas .diagram-tools")


def test_only_what_is_executed_is_offered(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    entries = page.evaluate("Object.keys(tongxinModeler.get('palette').getEntries())")
    assert not [one for one in entries if re.search("participant|create.group", one)]
    kinds = {"自动办的一步", "发出一条消息", "等一条消息", "线下办的一步", "自动计算", "子流程"}
    assert offered(page, "accept") == kinds | {"按决策表判断", "调用另一个流程", "不分先后的几步"}
    edge = offered(page, "accept_timeout")  # of a step that people do: nothing there fails or escalates
    assert {"来了信号就离开这一步", "条件成立就离开这一步", "要退回时另办一步"} <= edge
    assert not [one for one in edge if "出错" in one or "升级" in one]


def offered(page: Page, element: str) -> set[str]:
    """What the menu can make of an element."""
    page.evaluate(
        """id => tongxinModeler.get('popupMenu')
          .open(tongxinModeler.get('elementRegistry').get(id), 'bpmn-replace', { x: 300, y: 300 })""",
        element,
    )
    expect(page.locator(".djs-popup .entry").first).to_be_visible()
    found = set(page.locator(".djs-popup .djs-popup-body .entry").all_inner_texts())
    page.keyboard.press("Escape")
    return found


def test_a_condition_in_rows(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor)
    page.evaluate(SELECT, "accepted_to_acceptance")
    row = page.locator(".work-row")
    expect(row.get_by_label("字段")).to_have_value("answer")
    row.get_by_label("值").select_option("refuse")
    saved(page)
    assert 'answer = "refuse"</bpmn:conditionExpression>' in package(clean)["process.bpmn"]
    page.get_by_role("button", name="加一个条件").click()
    expect(page.locator(".work-row")).to_have_count(2)


def test_on_a_phone_it_is_looked_at(visitor: Visitor, clean: Site) -> None:
    page = desk(visitor, width=375, height=667)
    expect(page.get_by_text("手机上只能看")).to_be_visible()
    assert page.locator(".djs-palette").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert visitor.complaints == []
