"""Publishing: a version only for a change, never over what was made in the browser, running cases keep theirs."""

import json
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from tests.callers import Api
from tests.cases.history import open_tasks
from tests.commands import Command
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import FRAGILE, flow, orders, package
from tongxin import db
from tongxin.cli import procedures as commands
from tongxin.procedures import catalogue
from tongxin.procedures.models import DefinitionRow
from tongxin.procedures.package import Package


def write(folder: Path, content: Package) -> Path:
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def versions(world: World, key: str = "trial") -> list[tuple[int, str]]:
    with Session(world.engine) as session:
        rows = session.exec(select(DefinitionRow).where(col(DefinitionRow.key) == key).order_by(DefinitionRow.version))
        return [(row.version, row.source) for row in rows]


def changed(content: Package, title: str = "改过的试办") -> dict[str, str]:
    return {**content, "procedure.toml": content["procedure.toml"].replace("试办", title)}


def publish_in_the_browser(world: World, content: Package) -> None:
    with db.transaction(world.engine) as session:
        catalogue.publish(session, content, by=int(world.account_id("admin")), note="调整")


def test_twice_is_one_version_and_a_change_makes_the_next(world: World, tongxin: Command, tmp_path: Path) -> None:
    folder, url = write(tmp_path / "trial", FRAGILE), world.database.app_url
    assert tongxin(url, "publish", str(folder)) == (0, "trial：已发布第 1 版。\n")
    assert tongxin(url, "publish", str(folder)) == (0, "trial：没有改动。\n")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "story.yaml").write_text("title: no part of the definition")
    assert tongxin(url, "publish", str(tmp_path)) == (0, "trial：没有改动。\n")
    write(folder, changed(FRAGILE))
    assert tongxin(url, "publish", str(folder)) == (0, "trial：已发布第 2 版。\n")
    assert versions(world) == [(1, "folder"), (2, "folder")]


def test_what_was_made_in_the_browser_is_only_replaced_on_demand(
    world: World, tongxin: Command, tmp_path: Path
) -> None:
    folder, url = write(tmp_path / "trial", FRAGILE), world.database.app_url
    tongxin(url, "publish", str(folder))
    publish_in_the_browser(world, {**changed(FRAGILE), "texts/new.txt": "新"})
    assert tongxin(url, "publish", str(folder)) == (0, "trial：没有改动。\n")
    write(folder, {**FRAGILE, "data.json": FRAGILE["data.json"] + "\n"})
    status, said = tongxin(url, "publish", str(folder))
    assert status == 1
    for words in ("第 2 版", "--replace", "~ procedure.toml", "~ data.json", "- texts/new.txt"):
        assert words in said
    assert "forms/work.json" not in said
    assert versions(world) == [(1, "folder"), (2, "workspace")]
    assert tongxin(url, "publish", str(folder), "--replace") == (0, "trial：已发布第 3 版。\n")
    assert tongxin(url, "publish", str(folder), "--replace") == (0, "trial：没有改动。\n")


def test_replacing_works_also_with_the_folder_as_it_was(world: World, tongxin: Command, tmp_path: Path) -> None:
    folder, url = write(tmp_path / "trial", FRAGILE), world.database.app_url
    tongxin(url, "publish", str(folder))
    publish_in_the_browser(world, changed(FRAGILE))
    assert tongxin(url, "publish", str(folder), "--replace") == (0, "trial：已发布第 3 版。\n")
    assert versions(world) == [(1, "folder"), (2, "workspace"), (3, "folder")]


def test_a_restart_never_undoes_what_was_published_in_the_browser(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def restart() -> str:
        commands.publish_all(world.database.owner_url)  # what `tongxin up` does
        return capsys.readouterr().out

    assert restart() == ""
    publish_in_the_browser(world, {**orders(), "texts/new.txt": "新"})
    assert restart() == ""
    newer = write(tmp_path / "processes" / "orders", {**orders(), "texts/newer.txt": "更新"})
    monkeypatch.setattr(commands, "PROCEDURES", newer.parent)
    assert "--replace" in restart()
    assert versions(world, "orders") == [(1, "folder"), (2, "workspace")]
    with Session(world.engine) as session:
        assert "texts/new.txt" in catalogue.current(session, "orders").package


def test_running_cases_keep_their_version(world: World, tongxin: Command, tmp_path: Path) -> None:
    url, clerk = world.database.app_url, Api(world, world.token("zhanglan"))
    before = orders()
    longer = {**before, "process.bpmn": before["process.bpmn"].replace('name="派单"', 'name="派单（新）"')}
    old = clerk.post("/cases", procedure="orders", unit="YY102", values={"what": "旧"})
    assert tongxin(url, "publish", str(write(tmp_path / "orders", longer)))[0] == 0
    new = clerk.post("/cases", procedure="orders", unit="YY102", values={"what": "新"})
    for case, name in ((old, "派单"), (new, "派单（新）")):
        values = {"decision": "valid", "kind": "下水", "urgent": False}
        clerk.post(f"/tasks/{case['tasks'][0]['id']}/completion", values=values)
        order = Order(case["id"], case["code"], case["link"], "", "")
        assert [task.name for task in open_tasks(world, order)] == [name]


NO_WAY_OUT = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work" tx:limit="1 +"/>'
    '<userTask id="lost" name="没人来" tx:form="nothing"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "done", "note ="),
    {"community_clerk": ["begin", "work", "done"]},
    forms={"work": ["note"]},
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (NO_WAY_OUT, ["work", "lost", "没人来", "走不到"]),
        ({**FRAGILE, "process.bpmn": "<not closed"}, ["process.bpmn"]),
        ({**FRAGILE, "process.bpmn": ""}, ["process.bpmn"]),
        ({**FRAGILE, "data.json": "{"}, ["data.json"]),
        ({**FRAGILE, "data.json": "[]"}, ["data.json"]),
        ({**FRAGILE, "forms/work.json": "[]"}, ["forms/work.json"]),
        (
            {**FRAGILE, "forms/start.json": json.dumps({"properties": {"x": {"$ref": "../data.json#/properties/x"}}})},
            ["forms/start.json"],
        ),
        ({name: text for name, text in FRAGILE.items() if name != "forms/work.json"}, ["work", "forms/work.json"]),
        ({name: text for name, text in FRAGILE.items() if name != "forms/start.json"}, ["forms/start.json"]),
        ({**FRAGILE, "procedure.toml": "format = 2"}, ["procedure.toml"]),
        (
            {**FRAGILE, "procedure.toml": FRAGILE["procedure.toml"] + "\n[nonsense]"},
            ["procedure.toml", "nonsense"],
        ),
        ({**FRAGILE, "procedure.toml": FRAGILE["procedure.toml"].replace("'what'", "'1 +'")}, ["start.title"]),
    ],
    ids=range(12),
)
def test_what_is_broken_is_named_with_the_reason(
    world: World, tongxin: Command, tmp_path: Path, content: Package, said: list[str]
) -> None:
    for command in ("publish", "check"):
        status, printed = tongxin(world.database.app_url, command, str(write(tmp_path / "trial", content)))
        assert status == 1
        for words in said:
            assert words in printed, printed
        assert "Traceback" not in printed
    assert versions(world) == []


def test_a_folder_that_is_none(world: World, tongxin: Command, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        status, printed = tongxin(world.database.app_url, "publish", str(folder))
        assert (status, "procedure.toml" in printed) == (1, True)
    write(tmp_path / "trial", FRAGILE)
    (tmp_path / "trial" / "data.json").write_bytes(b"\xff\xfe")
    status, printed = tongxin(world.database.app_url, "publish", str(tmp_path))
    assert (status, "UTF-8" in printed) == (1, True)
