"""Check and publish: errors are named and stop it, the next version is for new cases only, nobody is overrun."""

import pytest

from tests.callers import Api
from tests.fixtures import World
from tests.orders import advance, open_order
from tests.procedures.packages import orders
from tests.workspace.owners import PLACE, as_it_stands, owner, renamed, save_diagram, save_file, second_owner, seen
from tongxin import db
from tongxin.cli import procedures as commands
from tongxin.procedures import catalogue


def publish(world: World, note: str = "接单改叫“接”", revision: str = "") -> int:
    given = {**seen(world), "note": note}
    return owner(world).post(f"{PLACE}/publication", {**given, "revision": revision or given["revision"]}).status_code


def publish_elsewhere(world: World) -> None:
    with db.transaction(world.engine) as session:
        current = catalogue.current(session, "orders")
        package = {**current.package, "texts/new.txt": "新"}
        catalogue.publish(session, package, by=int(world.account_id("admin")), note="别人的")


def test_new_cases_follow_it_and_running_ones_do_not(world: World) -> None:
    me, running = owner(world), open_order(world, "派单")
    save_diagram(me, renamed(world, "接"), seen(world))
    page = me.get(f"{PLACE}/publication").text
    assert ("步骤“接”" in page, "没有问题" in page, "正在办的 1 件照旧" in page) == (True, True, True)
    assert publish(world) == 303
    work = as_it_stands(world)
    assert (work.draft, work.current.version, work.current.source) == (None, 2, "workspace")
    assert (work.current.note, str(work.current.published_by)) == ("接单改叫“接”", world.account_id("heping"))
    assert advance(world, running, "接单").task_name == "接单"
    fresh = open_order(world, "派单")
    values = {"urgent": True, "member": world.account_id("lichs")}
    opened = Api(world, world.token("zhaoqm")).post(f"/tasks/{fresh.task}/completion", values=values)["tasks"]
    assert [task["name"] for task in opened] == ["接"]
    versions = me.get(f"{PLACE}/versions").text
    assert ("接单改叫“接”" in versions, versions.count("1 件正在办"), "何平" in versions) == (True, 2, True)


def test_a_restart_does_not_undo_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    save_diagram(owner(world), renamed(world, "接"), seen(world))
    assert publish(world) == 303
    commands.publish_all(world.database.owner_url)  # what `tongxin up` does
    assert capsys.readouterr().out == ""
    work = as_it_stands(world)
    assert (work.current.version, 'name="接"' in work.package["process.bpmn"]) == (2, True)


def test_a_note_is_wanted_and_kept_while_something_is_wrong(world: World) -> None:
    me = owner(world)
    save_diagram(me, renamed(world, "接"), seen(world))
    assert publish(world, note=" ") == 422
    answer = me.post(f"{PLACE}/publication", {**seen(world), "note": "长" * 501})
    assert (answer.status_code, "长" * 501 in answer.text) == (422, True)
    assert as_it_stands(world).current.version == 1


def test_twice_is_refused(world: World) -> None:
    save_diagram(owner(world), renamed(world, "接"), seen(world))
    revision = seen(world)["revision"]
    assert [publish(world, revision=revision) for _time in range(2)] == [303, 409]
    assert as_it_stands(world).current.version == 2


def test_a_draft_that_changed_meanwhile_is_looked_at_again(world: World) -> None:
    save_diagram(owner(world), renamed(world, "接"), seen(world))
    revision = seen(world)["revision"]
    save_diagram(second_owner(world), renamed(world, "她的"), seen(world))
    assert publish(world, revision=revision) == 409
    assert as_it_stands(world).current.version == 1


def test_what_somebody_published_meanwhile_is_shown_first(world: World) -> None:
    me = owner(world)
    save_diagram(me, renamed(world, "接"), seen(world))
    publish_elsewhere(world)
    assert "又发布了第 2 版" in me.get(PLACE).text
    answer = me.post(f"{PLACE}/publication", {**seen(world), "note": "改"})
    assert (answer.status_code, "系统管理员发布了第 2 版" in answer.text) == (409, True)
    assert "texts/new.txt" in answer.text  # would be undone
    assert as_it_stands(world).current.version == 2
    assert me.post(f"{PLACE}/draft/base", {"version": "1"}).status_code == 409
    assert me.post(f"{PLACE}/draft/base", {"version": "2"}).status_code == 303
    assert publish(world) == 303
    assert as_it_stands(world).current.version == 3


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("process.bpmn", "<not closed", "不是有效的 XML"),
        ("process.bpmn", "", "不是有效的 XML"),
        ("process.bpmn", '<!DOCTYPE x [<!ENTITY a "b">]><x/>', "DOCTYPE"),
        ("process.bpmn", orders()["process.bpmn"].replace('tx:form="accept"', 'tx:form="none"'), "找不到表单"),
        ("process.bpmn", orders()["process.bpmn"].replace("userTask", "task"), "未定类型的任务"),
        ("data.json", "[]", "data.json"),
        ("forms/accept.json", '{"properties": {"x": {}}}', "accept"),
        ("procedure.toml", "format = 2", "procedure.toml"),
    ],
    ids=range(8),
)
def test_what_is_broken_is_named_and_not_published(world: World, path: str, text: str, said: str) -> None:
    me = owner(world)
    assert save_file(me, world, path, text).status_code == 303
    found = me.get(f"{PLACE}/findings").json()["problems"]
    assert found[0]["severity"] == "error"
    assert any(said in one["message"] + one["where"] for one in found), found
    assert (publish(world), as_it_stands(world).current.version) == (409, 1)
    assert "还不能发布" in me.get(f"{PLACE}/publication").text
    assert me.get(PLACE).status_code == 200


def test_findings_lead_to_where_they_are_mended(world: World) -> None:
    me = owner(world)
    save_file(me, world, "forms/accept.json", '{"properties": {"x": {}}}')
    assert me.get(f"{PLACE}/findings").json()["problems"][0]["link"] == f"{PLACE}/forms/accept"
    save_diagram(me, orders()["process.bpmn"].replace('tx:form="accept"', 'tx:form="none"'), seen(world))
    found = me.get(f"{PLACE}/findings").json()["problems"]
    assert ("accept", "接单") in {(one["element"], one["where"]) for one in found}


def test_an_older_version_becomes_the_draft_again(world: World) -> None:
    me = owner(world)
    save_diagram(me, renamed(world, "接"), seen(world))
    publish(world)
    assert 'name="接单"' in me.get(f"{PLACE}/versions/1/process.bpmn").text
    assert me.post(f"{PLACE}/versions/1/restoration").status_code == 303
    assert publish(world, note="回到原来的") == 303
    work = as_it_stands(world)
    assert (work.current.version, 'name="接单"' in work.package["process.bpmn"]) == (3, True)
