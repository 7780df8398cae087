"""The residents' pages run alone: a resident's whole story over the wire, and nothing of staff's."""

import io
import re
from datetime import timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest
from fastapi.routing import APIRoute
from PIL import Image
from sqlalchemy import text
from sqlmodel import Session, select

from tests.browser.test_every_page import _flat
from tests.callers import signed_in
from tests.commands import Command
from tests.fixtures import World
from tests.orders import Order, advance
from tests.web.servers import portal
from tongxin import app, config, db
from tongxin.cases.models import Attachment, Case, Incident, Task
from tongxin.events import Event
from tongxin.people.models import Allowance
from tongxin.portal import allowances


def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 30)).save(made, "JPEG")
    return made.getvalue()


def report(site: httpx2.Client, **fields: str) -> httpx2.Response:
    once = re.findall(r'name="once" value="([^"]+)"', site.get("/report?place=YY102").text)[0]
    given = {"procedure": "orders", "place": "YY102", "what": "楼道灯坏了", "once": once, **fields}
    return site.post("/report", data=given, files=[("photos", ("灯.jpg", photo(), "image/jpeg"))])


def order_of(world: World, site: httpx2.Client) -> Order:
    """Reported through the residents' pages; as staff find it."""
    done = report(site)
    assert done.status_code == 303, done.text
    link = done.headers["location"].split("/")[2]
    with Session(world.engine) as session:
        task = session.exec(select(Task).where(Task.case_id == int(link.partition(".")[0], 16))).one()
        case = session.get_one(Case, task.case_id)
        return Order(str(case.id), case.code, link, str(task.id), task.name)


def test_the_whole_story(world: World, tmp_path: Path) -> None:
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        assert "工作人员登录" not in site.get("/").text
        order = order_of(world, site)
        done = site.get(f"/r/{order.link}/done").text
        assert order.code in done
        assert f"{address}/r/{order.link}" in done
        assert site.get(f"/r/{order.link}/link.svg").status_code == 200
        assert "已收到" in site.post("/follow", data={"code": order.code}, follow_redirects=True).text
        with Session(world.engine) as session:
            (file,) = session.exec(select(Attachment)).all()
            assert file.case_id == int(order.id)
        assert site.get(f"/r/{order.link}/attachments/{file.id}").headers["content-type"] == "image/jpeg"
        assert "待核实" in site.get("/board/YY").text
        advance(world, order, "评单")
        page = site.get(f"/r/{order.link}").text
        assert "已疏通" in page
        rated = site.post(f"/r/{order.link}/tasks/{order.task}/completion", data={"rating": "5"})
        assert rated.status_code == 303, rated.text
        assert site.post(f"/r/{order.link}/tasks/{order.task}/completion", data={"rating": "5"}).status_code == 409
        clerk = signed_in(world, "zhanglan")
        assert clerk.post(f"/cases/{order.id}/publication", {"text": "灯已换好。"}).status_code == 303
        board = site.get("/board/YY").text
        assert "灯已换好。" in board
        assert "楼道灯坏了" not in board
        thank = re.findall(r'action="(/board/YY/results/\d+/thanks)"', board)[0]
        assert site.post(thank).status_code == 303
        assert "您点过赞了" in site.get("/board/YY").text
        assert site.post(f"{thank}/removal").status_code == 303
        assert "您点过赞了" not in site.get("/board/YY").text
    with Session(world.engine) as session:
        kinds = [(one.kind, one.actor_kind) for one in session.exec(select(Event).order_by(Event.id)).all()]  # type: ignore[arg-type]
    assert kinds[0] == ("opened", "reporter")
    assert ("closed", "reporter") in kinds


def test_what_gets_stuck_twice_is_one_incident(world: World, tmp_path: Path) -> None:
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        order = order_of(world, site)
        advance(world, order, "评单")
        with db.transaction(world.engine) as session:
            session.execute(text("UPDATE post SET valid_to = '2020-01-02' WHERE role = 'subdistrict_officer'"))
            session.execute(text("UPDATE cases SET variables = variables || '{\"reworks\": 2}'"))
        for _number in range(2):
            answer = site.post(f"/r/{order.link}/tasks/{order.task}/completion", data={"rating": "1", "comment": "堵"})
            assert (answer.status_code, "没有办成" in answer.text) == (422, True)
    with Session(world.engine) as session:
        (incident,) = session.exec(select(Incident)).all()
        assert (incident.times, incident.by_kind) == (2, "reporter")


def test_withdrawn_and_handed_over_links(world: World, tmp_path: Path) -> None:
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        order, other = order_of(world, site), order_of(world, site)
        # staff hand over a link of the house's own; it opens the case out there too
        page = signed_in(world, "zhanglan").get(f"/cases/{order.id}").text
        handed = re.findall(r"/r/([0-9a-f]+\.[a-z2-7]+)", page)[0]
        assert handed != order.link
        for link in (handed, order.link):
            assert "楼道灯坏了" in site.get(f"/r/{link}").text
        action = re.findall(rf'action="(/r/{re.escape(order.link)}/messages/[^"]+)"', site.get(f"/r/{order.link}").text)
        assert site.post(action[0], data={"withdrawal_reason": "已经好了"}).status_code == 303
        assert site.post(action[0], data={"withdrawal_reason": "已经好了"}).status_code == 409
        assert site.get(f"/r/{other.id}.{order.link.partition('.')[2]}").status_code == 404
        crossed = site.post(f"/r/{other.link}/tasks/{order.task}/completion", data={})
        assert crossed.status_code == 404


def test_the_same_form_twice_and_a_mistake_lose_nothing(world: World, tmp_path: Path) -> None:
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        fields = {"once": "a" * 16}
        first, second = report(site, **fields), report(site, **fields)
        assert first.headers["location"] == second.headers["location"]
        missing = report(site, what="", door="3 单元 502")
        assert missing.status_code == 422
        assert "3 单元 502" in missing.text
        (kept,) = re.findall(r'name="photos" value="(\d+)"', missing.text)
        once = re.findall(r'name="once" value="([^"]+)"', missing.text)[0]
        given = {"procedure": "orders", "place": "YY102", "what": "灯", "once": once, "photos": kept}
        assert site.post("/report", data=given).status_code == 303
    with Session(world.engine) as session:
        file = session.get_one(Attachment, int(kept))
        assert file.case_id is not None


def test_nothing_of_staff_is_there(world: World, tmp_path: Path) -> None:
    whole = app.make_app(config.settings(), world.database.app_url)
    alone = app.make_portal(config.settings(), world.database.portal_url)
    open_ones = {one.path for one in _flat(alone.routes) if isinstance(one, APIRoute)}
    assert not [path for path in open_ones if path.startswith(("/tasks", "/cases", "/api", "/live", "/me", "/sign"))]
    rest = {
        (method, one.path)
        for one in _flat(whole.routes)
        if isinstance(one, APIRoute) and one.path not in open_ones
        for method in one.methods
    }
    assert len(rest) > 30
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        for method, path in (*rest, ("GET", "/openapi.json"), ("GET", "/live")):
            answer = site.request(method, re.sub(r"\{[^}]+\}", "1", path))
            assert answer.status_code == 404, (method, path, answer.status_code)
        assert site.get("/healthz").json() == {"status": "ok"}
        assert site.get(re.findall(r'href="(/static/[^"]+)"', site.get("/").text)[0]).status_code == 200
    for made in (whole, alone):
        made.state.engine.dispose()


def test_it_refuses_a_role_that_reaches_more(world: World, tongxin: Command) -> None:
    for url in (world.database.app_url, world.database.owner_url):
        status, said = tongxin(url, "serve", "--portal")
        assert (status, "没有启动" in said) == (1, True), said


def test_a_role_without_rights_is_told_to_migrate(world: World, tongxin: Command) -> None:
    with psycopg.connect(world.database.owner_url) as owner:
        owner.execute("REVOKE ALL ON cases FROM tongxin_portal")
    status, said = tongxin(world.database.portal_url, "serve", "--portal")
    assert (status, "tongxin migrate" in said) == (1, True), said


@pytest.mark.parametrize(
    ("trusted", "forwarded", "counted"),
    [
        ("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what the client made up stands left
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", "<script>", "<script>"),
        ("192.0.2.1", "203.0.113.9", "127.0.0.1"),  # not our proxy: not believed
    ],
)
def test_whose_word_is_taken_for_an_address(
    world: World, tmp_path: Path, trusted: str, forwarded: str, counted: str
) -> None:
    with portal(world, tmp_path, FORWARDED_ALLOW_IPS=trusted) as address:
        answer = httpx2.post(f"{address}/follow", data={"code": "DD"}, headers={"X-Forwarded-For": forwarded})
        assert answer.status_code == 422
    with Session(world.engine) as session:
        assert [one.key for one in session.exec(select(Allowance)).all()] == [f"code:{counted}"]


def test_links_begin_with_the_public_address(world: World, tmp_path: Path) -> None:
    public = "https://tongxin.example.gov.cn"
    with portal(world, tmp_path, PUBLIC_URL=f"{public}/") as address, httpx2.Client(base_url=address) as site:
        order = order_of(world, site)
        done = site.get(f"/r/{order.link}/done").text
        assert f"{public}/r/{order.link}" in done
        assert address not in done


def test_too_many_reports_wait_and_keep_what_was_typed(world: World, tmp_path: Path) -> None:
    room, _pace = allowances.REPORTS.of_a_device or (0, timedelta())
    with portal(world, tmp_path) as address, httpx2.Client(base_url=address, timeout=30) as site:
        for _number in range(room):
            assert report(site).status_code == 303
        refused = report(site, what="水管爆了，快来")
        assert refused.status_code == 429
        for said in ("秒后再交", "社区电话", "水管爆了，快来"):
            assert said in refused.text
        with httpx2.Client(base_url=address, timeout=30) as neighbour:  # behind the same address
            assert report(neighbour).status_code == 303
