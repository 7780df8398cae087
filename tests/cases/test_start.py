"""Opening is offered to those who can; the others are told who can."""

from tests.callers import signed_in
from tests.fixtures import World
from tests.statements import watched
from tongxin.procedures import catalogue

LINK = 'class="top-link" href="/cases/start"'


def test_the_menu_offers_it_to_those_who_can(world: World) -> None:
    for login, offered in (("zhanglan", True), ("lichs", False), ("admin", False)):
        page = signed_in(world, login).get("/tasks").text
        assert (LINK in page) is offered, login


def test_the_others_are_told_who_can(world: World) -> None:
    page = signed_in(world, "lichs").get("/cases/start").text
    assert "您的岗位还不能发起事项" in page
    assert "居民、社区工作人员" in page
    assert "谁可以发起" not in signed_in(world, "zhanglan").get("/cases/start").text


def test_it_asks_the_database_nothing(world: World) -> None:
    """A process that has not looked yet offers it to everybody."""
    member = signed_in(world, "lichs")
    catalogue._startable.clear()
    counts = []
    for _first in (True, False):
        with watched(world) as seen:
            page = member.get("/notices").text
        counts.append((len(seen), LINK in page))
        member.get("/tasks")
    assert counts == [(counts[0][0], True), (counts[0][0], False)]
