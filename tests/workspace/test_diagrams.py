"""The other diagrams of a folder: added, opened, changed, retitled, and removed while nothing calls them."""

from tests.fixtures import World
from tests.procedures.packages import orders
from tests.workspace.owners import PLACE, add_table_and_diagram, as_it_stands, owner, save_file, second_owner, seen
from tongxin.procedures.definition import compile_package
from tongxin.workspace import checking, diagrams, differences

CALL = """<bpmn:callActivity id="house_call" name="上门" calledElement="called">
      <bpmn:incoming>dispatch_to_accept</bpmn:incoming><bpmn:outgoing>call_to_accept</bpmn:outgoing>
    </bpmn:callActivity>
    <bpmn:sequenceFlow id="call_to_accept" sourceRef="house_call" targetRef="accept" />"""


def calling() -> str:
    """The orders' diagram with a call between 派单 and 接单."""
    text = orders()["process.bpmn"]
    flow = 'id="dispatch_to_accept" sourceRef="dispatch" targetRef="accept"'
    assert flow in text
    text = text.replace(flow, flow.replace('targetRef="accept"', 'targetRef="house_call"'))
    at = text.index('<bpmn:sequenceFlow id="dispatch_to_accept"')
    return text[:at] + CALL + "\n    " + text[at:]


def add(world: World, title: str = "上门核实") -> str:
    answer = owner(world).post(f"{PLACE}/diagrams", {**seen(world), "title": title})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_a_new_diagram_is_called_and_publishable(world: World) -> None:
    place, me = add(world), owner(world)
    assert place == f"{PLACE}/diagrams/called"
    assert 'id="called" name="上门核实"' in me.get(f"{place}/process.bpmn").text
    assert "上门核实" in me.get(place).text
    assert "还没有步骤调用它" in me.get(f"{PLACE}/diagrams").text
    save_file(me, world, "process.bpmn", calling())
    package = as_it_stands(world).package
    assert [one.severity for one in checking.findings(package)] == []
    assert compile_package(package).process.nodes["house_call"].calls == "called"
    assert "#house_call" in me.get(f"{PLACE}/diagrams").text


def test_names_are_never_taken_twice(world: World) -> None:
    add(world), add(world), add(world, "orders"), add(world, "begin")
    files = {path for path in as_it_stands(world).package if path.endswith(".bpmn")}
    assert {"called.bpmn", "called2.bpmn", "orders2.bpmn", "begin2.bpmn"} <= files
    assert owner(world).post(f"{PLACE}/diagrams", {**seen(world), "title": " "}).status_code == 422


def test_another_title_changes_nothing_else(world: World) -> None:
    place, me = add(world), owner(world)
    before = as_it_stands(world).package["called.bpmn"]
    assert me.post(place, {**seen(world), "title": '核实 <现场> & "记"'}).status_code == 303
    after = as_it_stands(world).package["called.bpmn"]
    assert [one for one in diagrams.all_of(as_it_stands(world).package)][1].title == '核实 <现场> & "记"'
    assert diagrams.retitled(after, "上门核实") == before
    assert diagrams.retitled(before.replace(' name="上门核实"', ""), "甲").count('name="甲"') == 1


def test_it_is_not_removed_while_it_is_called(world: World) -> None:
    place, me = add(world), owner(world)
    save_file(me, world, "process.bpmn", calling())
    refused = me.post(f"{place}/removal", seen(world))
    assert (refused.status_code, "不能删：上门" in refused.text) == (409, True)
    save_file(me, world, "process.bpmn", orders()["process.bpmn"])
    assert me.post(f"{place}/removal", seen(world)).status_code == 303
    assert "called.bpmn" not in as_it_stands(world).package
    assert me.get(place).status_code == 404


def test_a_diagram_removed_meanwhile_is_told(world: World) -> None:
    place, me, other = add(world), owner(world), second_owner(world)
    opened, text = seen(world), as_it_stands(world).package["called.bpmn"]
    assert other.post(f"{place}/removal", opened).status_code == 303
    files = [("diagram", ("process.bpmn", text.encode(), "application/xml"))]
    mine = {**opened, "file": "called.bpmn"}
    assert me.post(f"{PLACE}/draft", mine, files).status_code == 409
    assert me.post(f"{PLACE}/draft", {**mine, "anyway": "yes"}, files).status_code == 200
    assert as_it_stands(world).package["called.bpmn"] == text
    for strange in ("data.json", "../x.bpmn", "none.bpmn"):
        assert me.post(f"{PLACE}/draft", {**seen(world), "file": strange}, files).status_code == 422


def test_findings_lead_into_the_called_diagram(world: World) -> None:
    add(world)
    me, text = owner(world), as_it_stands(world).package["called.bpmn"]
    save_file(me, world, "process.bpmn", calling())
    lost = '<bpmn:task id="lost" name="没接上" /></bpmn:process>'
    save_file(me, world, "called.bpmn", text.replace("</bpmn:process>", lost))
    found = me.get(f"{PLACE}/findings").json()["problems"]
    inside = [one for one in found if one["element"] == "lost"]
    assert {one["diagram"] for one in inside} == {"called.bpmn"}
    assert inside[0]["link"] == f"{PLACE}/diagrams/called#lost"
    assert f'href="{inside[0]["link"]}"' in me.get(f"{PLACE}/publication").text
    package = as_it_stands(world).package
    assert diagrams.place(package, "house_call/lost") == ("called.bpmn", "lost")
    assert diagrams.place(package, "accept") == ("process.bpmn", "accept")
    assert diagrams.place(package, "none/lost") == ("process.bpmn", "none")


def test_a_version_shows_its_diagrams(world: World) -> None:
    add(world)
    me = owner(world)
    me.post(f"{PLACE}/draft/removal")
    assert "上门核实" in me.get(f"{PLACE}/copies/1?diagram=called").text
    assert 'id="called"' in me.get(f"{PLACE}/copies/1/process.bpmn?diagram=called").text
    assert me.get(f"{PLACE}/copies/1?diagram=none").status_code == 404


def test_differences_name_diagram_and_table(world: World) -> None:
    old = as_it_stands(world).package
    add_table_and_diagram(world)
    new = as_it_stands(world).package
    told = {(one.change, one.what) for one in differences.between(old, new)}
    assert told == {("added", "流程图“上门核实”"), ("added", "决策表“急不急”")}
    changed = {**new, "called.bpmn": new["called.bpmn"].replace('id="end"', 'id="end" name="办完"')}
    assert [one.what for one in differences.between(new, changed)] == ["图“上门核实”：事件“办完”"]
