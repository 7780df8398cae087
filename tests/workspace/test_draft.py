"""A draft: begins with the first change, is one for all owners, and loses nothing when two change it at once."""

from tests.fixtures import World
from tests.workspace.owners import (
    PLACE,
    as_it_stands,
    owner,
    read,
    renamed,
    save_diagram,
    save_file,
    second_owner,
    seen,
)


def test_it_begins_with_the_first_change(world: World) -> None:
    me, opened = owner(world), seen(world)
    first = save_diagram(me, renamed(world, "接不接"), opened).json()
    assert first["revision"] > 0
    second = save_diagram(me, renamed(world, "接"), {"revision": str(first["revision"]), "base": str(first["base"])})
    work = as_it_stands(world)
    assert (second.status_code, work.draft is not None, work.current.version) == (200, True, 1)
    assert 'name="接"' in me.get(f"{PLACE}/process.bpmn").text
    assert "有草稿" in me.get("/workspace").text


def test_two_at_once_are_told_and_nothing_is_lost(world: World) -> None:
    me, other, opened = owner(world), second_owner(world), seen(world)
    mine, theirs = renamed(world, "我的"), renamed(world, "她的")
    assert save_diagram(other, theirs, opened).status_code == 200
    refused = save_diagram(me, mine, opened)
    assert (refused.status_code, refused.json()["who"]) == (409, "罗琳")
    assert 'name="她的"' in as_it_stands(world).package["process.bpmn"]
    latest = {name: str(refused.json()[name]) for name in ("revision", "base")}
    assert save_diagram(me, mine, opened, anyway="yes").status_code == 200  # mine; hers is put aside
    assert 'name="我的"' in as_it_stands(world).package["process.bpmn"]
    assert "罗琳改的" in me.get(f"{PLACE}/versions").text
    assert 'name="她的"' in me.get(f"{PLACE}/copies/1/process.bpmn").text
    assert save_diagram(other, theirs, latest).status_code == 409
    files = [("diagram", ("process.bpmn", theirs.encode(), "application/xml"))]
    assert other.post(f"{PLACE}/copies", seen(world), files).status_code == 201  # see mine, keep hers aside
    assert 'name="她的"' in me.get(f"{PLACE}/copies/2/process.bpmn").text


def test_different_files_do_not_collide(world: World) -> None:
    me, other, opened = owner(world), second_owner(world), seen(world)
    assert save_file(other, world, "texts/board.txt", "新的说明").status_code == 303
    assert save_diagram(me, renamed(world, "接"), opened).status_code == 200
    package = as_it_stands(world).package
    assert (package["texts/board.txt"], 'name="接"' in package["process.bpmn"]) == ("新的说明", True)


def test_a_page_of_a_draft_that_is_gone_is_outdated(world: World) -> None:
    me = owner(world)
    save_diagram(me, renamed(world, "一"), seen(world))
    old = seen(world)
    assert me.post(f"{PLACE}/draft/removal").status_code == 303
    assert as_it_stands(world).draft is None
    assert save_diagram(me, renamed(world, "二"), old).status_code == 409
    save_diagram(me, renamed(world, "三"), seen(world))
    assert save_diagram(me, renamed(world, "四"), old).status_code == 409
    assert 'name="一"' in me.get(f"{PLACE}/copies/1/process.bpmn").text  # thrown away, not lost
    assert me.post(f"{PLACE}/copies/1/restoration").status_code == 303
    assert 'name="一"' in as_it_stands(world).package["process.bpmn"]
    assert 'name="三"' in me.get(f"{PLACE}/copies/2/process.bpmn").text


def test_throwing_away_twice_is_once(world: World) -> None:
    me = owner(world)
    save_diagram(me, renamed(world, "一"), seen(world))
    for _time in range(2):
        assert me.post(f"{PLACE}/draft/removal").status_code == 303
    assert me.get(f"{PLACE}/copies/2").status_code == 404


def test_what_cannot_be_kept(world: World) -> None:
    me, opened = owner(world), seen(world)
    assert me.post(f"{PLACE}/draft", opened).status_code == 422
    files = [("diagram", ("process.bpmn", b"\xff\xfe", "application/xml"))]
    assert me.post(f"{PLACE}/draft", opened, files).status_code == 422
    assert save_diagram(me, "x" * 2_000_001, opened).status_code == 422
    assert save_diagram(me, "\0", opened).status_code == 422
    for made_up in ("", "x", "-1", "²", "9" * 30):
        assert save_diagram(me, "x", {"revision": made_up, "base": made_up}).status_code == 409
    moved = as_it_stands(world).package["procedure.toml"].replace('key = "orders"', 'key = "mine"')
    answer = save_file(me, world, "procedure.toml", moved)
    assert (answer.status_code, "请改回“orders”" in answer.text) == (422, True)
    assert as_it_stands(world).draft is None


def test_a_file_somebody_else_changed_keeps_what_is_typed(world: World) -> None:
    me, other, opened = owner(world), second_owner(world), seen(world)
    save_file(other, world, "texts/board.txt", "她的")
    answer = me.post(f"{PLACE}/files/texts/board.txt", {**opened, "text": "我的\n话"})
    assert (answer.status_code, "我的\n话</textarea>" in answer.text) == (409, True)
    assert me.post(f"{PLACE}/files/texts/board.txt", {**opened, "text": "我的", "anyway": "yes"}).status_code == 303
    assert as_it_stands(world).package["texts/board.txt"] == "我的"


def test_a_broken_file_is_kept_and_named(world: World) -> None:
    me = owner(world)
    assert save_file(me, world, "data.json", "{").status_code == 303
    assert "不是有效的 JSON" in me.get(f"{PLACE}/files/data.json").text
    assert (me.get(PLACE).status_code, me.get(f"{PLACE}/forms/accept").status_code) == (200, 200)
    assert save_file(me, world, "data.json", '{"properties": []}').status_code == 303
    for page in ("", "/forms/accept", "/publication", "/findings", "/parameters"):
        assert me.get(PLACE + page).status_code == 200
    assert read(world, "data.json") == {"properties": []}
