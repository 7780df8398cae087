"""The workspace is there for process owners only; for everybody else there is nothing."""

import pytest

from tests.callers import Browser, signed_in
from tests.fixtures import World
from tests.workspace.owners import PLACE, add_table_and_diagram, as_it_stands, owner, seen

PAGES = (
    *("", "/process.bpmn", "/findings", "/publication", "/versions", "/versions/1", "/versions/1/process.bpmn"),
    *("/forms", "/forms/accept", "/parameters", "/files", "/files/data.json", "/diagrams", "/decisions"),
    *("/diagrams/called", "/diagrams/called/process.bpmn", "/decisions/急不急"),
)
DEEDS = (
    *("/draft", "/copies", "/publication", "/draft/removal", "/draft/base", "/versions/1/restoration"),
    *("/forms", "/forms/accept", "/parameters/accept", "/files/data.json", "/diagrams", "/decisions"),
    *("/diagrams/called", "/diagrams/called/removal", "/decisions/急不急", "/decisions/急不急/removal"),
)


@pytest.mark.parametrize("login", ["zhanglan", "admin"])
def test_strangers_find_nothing_and_change_nothing(world: World, login: str) -> None:
    stranger = signed_in(world, login)
    assert 'href="/workspace"' not in stranger.get("/tasks").text
    assert stranger.get("/workspace").status_code == 404
    assert {page: stranger.get(PLACE + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 404)
    given = {**seen(world), "title": "改", "text": "{}", "note": "改", "number": "9", "unit": "H"}
    assert {deed: stranger.post(PLACE + deed, given).status_code for deed in DEEDS} == dict.fromkeys(DEEDS, 404)
    assert as_it_stands(world).draft is None
    add_table_and_diagram(world)
    assert {page: stranger.get(PLACE + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 404)
    assert {deed: stranger.post(PLACE + deed, given).status_code for deed in DEEDS} == dict.fromkeys(DEEDS, 404)


def test_who_is_not_signed_in_is_asked_to(world: World) -> None:
    assert Browser(world).get(PLACE).headers["location"].startswith("/sign-in?next=")


def test_an_owner_finds_all_of_it(world: World) -> None:
    me = owner(world)
    add_table_and_diagram(world)
    assert 'href="/workspace"' in me.get("/tasks").text
    assert "居民点单" in me.get("/workspace").text
    assert {page: me.get(PLACE + page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_what_is_not_there(world: World) -> None:
    me = owner(world)
    for page in ("/versions/2", "/versions/0", "/copies/1", "/nothing/1", "/forms/none", "/files/none", "/versions/x"):
        assert me.get(PLACE + page).status_code == 404, page
    assert me.get("/workspace/none").status_code == 404
    assert me.get(f"/workspace/orders/versions/{10**30}").status_code == 404
    assert me.post(f"{PLACE}/parameters/none", seen(world)).status_code == 404
    assert me.post(f"{PLACE}/files/new.txt", {**seen(world), "text": "x"}).status_code == 404
