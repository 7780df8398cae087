"""The operator lets running cases go over to another version: tried first, each by itself, what cannot is told."""

from tests.callers import Api, signed_in
from tests.cases.by_hand import with_step_renamed
from tests.cases.history import case_of, kinds, open_tasks
from tests.commands import Command
from tests.fixtures import World
from tests.orders import open_order
from tests.procedures.packages import publish


def test_tried_then_done(world: World, tongxin: Command) -> None:
    order, further, closed = open_order(world), open_order(world, "接单"), open_order(world)
    Api(world, closed.link).post(f"/cases/{closed.id}/withdrawal")
    first = case_of(world, order).definition_id
    publish(world, with_step_renamed())
    url = world.database.app_url
    assert tongxin(url, "migrate-cases", "orders", "--to", "2", "--dry-run") == (0, "能换 2 件，换不了 0 件。\n")
    assert case_of(world, order).definition_id == first
    status, said = tongxin(url, "migrate-cases", "orders", "--to", "2", "--reason", "核实改叫核查")
    assert (status, said) == (0, "换好 2 件，换不了 0 件。\n")
    assert open_tasks(world, order)[0].name == "核查"
    assert case_of(world, closed).definition_id == first
    for one in (order, further):
        assert kinds(world, one)[-1] == "case_migrated"
    page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
    assert "从第 1 版换到第 2 版" in page
    assert "核实改叫核查" in page
    said = tongxin(url, "migrate-cases", "orders", "--to", "2", "--reason", "再来")[1]
    assert said == "换好 0 件，换不了 0 件。\n"


def test_what_cannot_go_over_stays_and_is_told(world: World, tongxin: Command) -> None:
    order, further = open_order(world), open_order(world, "接单")
    publish(world, with_step_renamed())
    words = ("migrate-cases", "orders", "--to", "2", "--map", "check=merge")
    url = world.database.app_url
    for more, done in ((("--dry-run",), "能换"), (("--reason", "x"), "换好")):
        status, said = tongxin(url, *words, *more)
        assert (status, said.splitlines()[-1]) == (0, f"{done} 1 件，换不了 1 件。")
        assert f"{order.code} 换不了：" in said
        assert "新版里这一步换了类型" in said
    assert kinds(world, order) == ["opened"]
    assert kinds(world, further)[-1] == "case_migrated"
    for strange in ("check=nowhere", "nowhere=verify"):
        status, said = tongxin(url, "migrate-cases", "orders", "--to", "2", "--map", strange, "--dry-run")
        assert (status, "没有“nowhere”这一步" in said) == (1, True), said


def test_what_is_asked_wrongly_is_said(world: World, tongxin: Command) -> None:
    url = world.database.app_url
    for words, told in (
        (("--to", "2", "--dry-run"), "没有第 2 版"),
        (("--to", "1"), "--reason"),
        (("--to", "1", "--dry-run", "--map", "check"), "check=verify"),
        (("--to", "1", "--dry-run", "--map", "check=nowhere"), "没有“nowhere”这一步"),
    ):
        status, said = tongxin(url, "migrate-cases", "orders", *words)
        assert (status, told in said) == (1, True), said
