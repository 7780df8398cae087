"""People and cases picked from a list that the diagram made: on the page, refused when strange, shown by name."""

import json

from tests.callers import Api, signed_in
from tests.fixtures import World
from tests.worker.test_between_cases import END, START, WORK, case_of, open_case, publish
from tests.worker.test_family import relative, service
from tests.worker.test_surroundings import tasks
from tongxin.procedures.package import Package

PEOPLE = service("ask", "people", "people", role='"party_member"')
WAITING = service("list", "waiting_cases", "waiting", message='"taken_up"', procedure='"topics"')
LEDGER = '[[ledger]]\nname = "到会"\nvalue = "present"\n[[ledger]]\nname = "议题"\nvalue = "agenda"\n'
SECOND = WORK.replace('id="work"', 'id="call"').replace('tx:form="work"', 'tx:form="again"')


def meeting() -> Package:
    made = dict(relative("meeting", START, PEOPLE, WAITING, WORK, SECOND, END))
    data = json.loads(made["data.json"])
    listed = {"type": "array", "items": {"type": "object"}}
    data["properties"] |= {
        "people": {**listed, "title": "成员"},
        "present": {"type": "array", "title": "到会", "items": {"type": "string", "format": "person"}},
        "agenda": {"type": "array", "title": "议题", "items": {"type": "string", "format": "case"}},
    }
    fields = {"present": {"x-options": "people"}, "agenda": {"x-options": "waiting"}}
    refs = {name: {"$ref": f"../data.json#/properties/{name}"} for name in fields}
    form = {"title": "点名", "type": "object", "properties": {name: refs[name] | fields[name] for name in fields}}
    shown = {"title": "看", "type": "object", "properties": {name: refs[name] | {"readOnly": True} for name in fields}}
    forms = {"forms/work.json": json.dumps(form), "forms/again.json": json.dumps(shown)}
    toml = f"{made['procedure.toml']}\n{LEDGER}"
    return {**made, **forms, "data.json": json.dumps(data), "procedure.toml": toml}


def test_people_and_cases_are_picked_and_shown_by_name(world: World) -> None:
    publish(world, relative("topics", START, '<receiveTask id="taken" messageRef="take"/>', END), meeting())
    topic = open_case(world, "topics", "停车难")
    case_id = open_case(world, "meeting")
    (task,) = tasks(world, case_id)
    clerk = signed_in(world, "zhanglan")
    clerk.post(f"/tasks/{task.id}/claim")
    page = clerk.get(f"/tasks/{task.id}").text
    assert "李春生" in page
    assert "停车难" in page
    strange = clerk.post(f"/tasks/{task.id}/completion", {"present": world.account_id("qianwei"), "agenda": str(topic)})
    assert strange.status_code == 422
    assert "请从列表里选择到会" in strange.text
    given = {"present": [world.account_id("lichs"), world.account_id("zhouyu")], "agenda": [str(topic)]}
    assert clerk.post(f"/tasks/{task.id}/completion", given).status_code == 303
    assert case_of(world, case_id).variables["present"] == given["present"]
    (following,) = [one for one in tasks(world, case_id) if one.status == "open"]
    for path in (f"/tasks/{following.id}", f"/cases/{case_id}"):
        page = clerk.get(path).text
        assert "李春生、周雨" in page
        assert "停车难" in page
    told = Api(world, world.token("zhanglan")).get(f"/cases/{case_id}")["ledger"]
    assert told["到会"] == "李春生、周雨"
    assert "停车难" in told["议题"]
