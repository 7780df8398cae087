"""What residents can report: the form at once where there is one kind, else first what it is about."""

import re

from tests.callers import Browser
from tests.fixtures import World
from tongxin import config, db
from tongxin.procedures import catalogue, package


def publish(world: World, *names: str) -> None:
    with db.transaction(world.engine) as session:
        for name in names:
            catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / name))


def test_one_kind_is_asked_for_at_once(world: World) -> None:
    page = Browser(world).get("/report?place=YY102").text
    assert '<form method="post" action="/report"' in page
    assert "报别的事" not in page


def test_of_several_one_is_chosen(world: World) -> None:
    publish(world, "dispute", "supervision", "topic")
    resident = Browser(world)
    page = resident.get("/report?place=YY102").text
    links = re.findall(r'href="/report\?procedure=(\w+)&amp;place=YY102"><span><strong>([^<]+)', page)
    assert links == [("orders", "请人来办一件事"), ("topic", "提一个议题"), ("dispute", "报一件纠纷")]
    assert page.index("tel:119") < page.index("tel:110") < page.index("请人来办一件事</strong>")
    assert '<form method="post"' not in page
    form = resident.get("/report?procedure=topic&place=YY102").text
    assert "<h1>提一个议题</h1>" in form
    assert 'href="/report?place=YY102"' in form
    assert resident.get("/report?procedure=supervision").status_code == 404  # staff's
    for strange in ("%00", "'", "x" * 500):
        assert resident.get(f"/report?place={strange}").status_code == 200
