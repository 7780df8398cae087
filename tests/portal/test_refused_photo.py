"""A resident's photo in a form that is not right yet: seen by their own link, and by nobody else's."""

import json
import re

from sqlmodel import Session, select

from tests.callers import Api, Browser
from tests.cases.history import open_tasks
from tests.cases.test_attachments import photo
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import flow, package, publish
from tongxin.cases.models import Attachment, Case

SAYS = package(
    '<startEvent id="begin"/><userTask id="say" name="补充" tx:form="say"/><endEvent id="done"/>'
    + flow("begin", "say")
    + flow("say", "done"),
    {"community_clerk": ["begin", "done"], "reporter": ["say"]},
    forms={"say": ["note", "photos"]},
)


def opened(world: World) -> Order:
    case = Api(world, world.token("zhanglan")).post("/cases", procedure="trial", unit="YY102", values={"what": "灯"})
    return Order(case["id"], case["code"], case["link"], case["tasks"][0]["id"], "补充")


def refused(world: World, order: Order, fields: dict[str, str] | None = None) -> tuple[str, str]:
    """Hand in the form without its note: the page that comes back, and the photo's id."""
    files = [] if fields else [("photos", ("a.jpg", photo(), "image/jpeg"))]
    answer = Browser(world).post(f"/r/{order.link}/tasks/{order.task}/completion", fields, files=files)
    assert answer.status_code == 422
    return answer.text, re.findall(r'name="photos" value="(\d+)"', answer.text)[0]


def test_it_is_shown_and_kept(world: World) -> None:
    publish(world, SAYS)
    order = opened(world)
    page, number = refused(world, order)
    (shown,) = re.findall(r'<img src="([^"]+)"', page)
    assert shown == f"/r/{order.link}/attachments/{number}?small=1"
    assert Browser(world).get(shown).headers["content-type"] == "image/jpeg"
    again, same = refused(world, order, {"photos": number})  # still without a note
    assert (same, shown in again) == (number, True)
    fields = {"note": "补一张照片", "photos": number}
    assert Browser(world).post(f"/r/{order.link}/tasks/{order.task}/completion", fields).status_code == 303
    assert open_tasks(world, order) == []
    assert Browser(world).get(shown).status_code == 200
    with Session(world.engine) as session:
        assert session.get_one(Case, int(order.id)).variables["photos"] == [number]


def test_another_link_neither_shows_nor_takes_it(world: World) -> None:
    publish(world, SAYS)
    order, other = opened(world), opened(world)
    _page, number = refused(world, order)
    assert Browser(world).get(f"/r/{other.link}/attachments/{number}").status_code == 404
    fields = {"note": "别人的照片", "photos": number}
    answer = Browser(world).post(f"/r/{other.link}/tasks/{other.task}/completion", fields)
    assert (answer.status_code, "没传成的照片" in answer.text) == (422, True)
    assert Browser(world).get(f"/r/{other.link}/attachments/{number}").status_code == 404
    with Session(world.engine) as session:
        row = session.exec(select(Attachment)).one()
    assert (row.case_id, row.offered_to) == (None, int(order.id))


def test_the_button_says_what_the_form_says(world: World) -> None:
    """x-submit of the form that reports."""
    start = json.loads(SAYS["forms/start.json"])
    publish(world, {**SAYS, "forms/start.json": json.dumps({**start, "x-submit": "告诉社区"})})
    page = Browser(world).get("/report?procedure=trial").text
    assert re.findall(r'<button class="button button-primary[^>]*>([^<]+)', page) == ["告诉社区"]
    assert ">报给社区</button>" in Browser(world).get("/report?procedure=orders").text
    refused_page = Browser(world).post("/report", {"procedure": "trial", "place": "YY102"}).text
    assert ">告诉社区</button>" in refused_page
