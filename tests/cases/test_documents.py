"""Documents in a form: kept with their names when it comes back, linked on the case, only ever downloaded."""

import json
import re
from typing import Any

from sqlmodel import Session, select

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of
from tests.cases.test_attachments import upload
from tests.cases.test_choices import opened
from tests.fixtures import World
from tests.orders import Order
from tests.procedures.packages import flow, package, publish
from tests.test_documents import DOCX, archive
from tests.test_files import picture
from tongxin.cases.models import Attachment

_DRAWN = package(
    '<startEvent id="begin"/><userTask id="work" name="办理" tx:form="work"/><endEvent id="done"/>'
    + flow("begin", "work")
    + flow("work", "done"),
    {"community_clerk": ["begin", "work", "done"]},
    forms={"work": ["papers", "note"]},
)


def procedure(**declared: Any) -> dict[str, str]:
    data = json.loads(_DRAWN["data.json"])
    own = {"type": "array", "title": "材料", "format": "file", "maxItems": 2, "items": {"type": "string"}}
    data["properties"]["papers"] = {**own, **declared}
    ledger = '\n[[ledger]]\nname = "材料"\nvalue = "papers"\n'
    return {**_DRAWN, "data.json": json.dumps(data), "procedure.toml": _DRAWN["procedure.toml"] + ledger}


def sent(*documents: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("papers", (name, data, "application/octet-stream")) for name, data in documents]


def taken(world: World, **declared: Any) -> tuple[Order, Browser]:
    publish(world, procedure(**declared))
    order, clerk = opened(world), signed_in(world, "zhanglan")
    clerk.post(f"{order.page}/claim")
    return order, clerk


def test_handed_in_shown_and_downloaded(world: World) -> None:
    order, clerk = taken(world)
    assert 'accept=".pdf,.ofd,.docx,.doc,.wps' in clerk.get(order.page).text
    assert "最多 2 个，每个 20 MB 以内" in clerk.get(order.page).text
    done = clerk.post(f"{order.page}/completion", files=sent(("申请书.docx", DOCX)))
    assert done.status_code == 303
    (kept,) = case_of(world, order).variables["papers"]
    page = clerk.get(f"/cases/{order.id}").text
    assert f'<a href="/attachments/{kept}" download>申请书.docx</a>' in page
    assert "材料：申请书.docx" in page
    assert "<dd>申请书.docx</dd>" in page
    assert f'src="/attachments/{kept}' not in page  # no picture to show
    answer = clerk.get(f"/attachments/{kept}")
    assert answer.content == DOCX
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert Api(world, world.token("zhanglan")).get(f"/cases/{order.id}")["ledger"] == {"材料": "申请书.docx"}


def test_a_refused_form_keeps_them_by_name(world: World) -> None:
    order, clerk = taken(world)
    documents = sent(("申请书.docx", DOCX), ("包.zip", archive("a.txt")))
    again = clerk.post(f"{order.page}/completion", {"note": "看过了"}, files=documents)
    assert again.status_code == 422
    assert "“包.zip”这种文件不能上传。可以上传：PDF、" in again.text
    assert "看过了" in again.text
    (kept,) = re.findall(r'name="papers" value="(\d+)" checked', again.text)
    assert "保留：申请书.docx" in again.text
    assert clerk.get(f"/attachments/{kept}").content == DOCX
    assert clerk.post(f"{order.page}/completion", {"papers": kept}).status_code == 303
    assert case_of(world, order).variables["papers"] == [kept]


def test_only_kinds_and_files_that_may_be_handed_in(world: World) -> None:
    order, clerk = taken(world, **{"x-accept": ["pdf"]})
    again = clerk.post(f"{order.page}/completion", files=sent(("申请书.docx", DOCX)))
    assert "可以上传：PDF。" in again.text
    api = Api(world, world.token("zhanglan"))
    other = upload(api, picture((4, 4)), "a.png", "image/png").json()["id"]
    strangers = upload(Api(world, world.token("zhaoqm")), b"%PDF-1.7\n", "b.pdf", "application/pdf").json()["id"]
    own = upload(api, b"%PDF-1.7\n", "c.pdf", "application/pdf").json()["id"]
    for wrong in (other, strangers, "1"):
        answer = api.send("POST", f"/tasks/{order.task}/completion", {"values": {"papers": [wrong]}})
        assert (answer.status_code, "材料没有传成，请重新上传" in answer.text) == (422, True)
    assert api.send("POST", f"/tasks/{order.task}/completion", {"values": {"papers": [own]}}).status_code == 200


def test_sensitive_ones_are_for_those_who_read_them(world: World) -> None:
    order, clerk = taken(world, **{"x-sensitive": "hidden"})
    clerk.post(f"{order.page}/completion", files=sent(("低保证.pdf", b"%PDF-1.7\n")))
    with Session(world.engine) as session:
        row = session.exec(select(Attachment)).one()
    for login, reads in (("zhaoqm", False), ("admin", False), ("zhanglan", True)):
        person = signed_in(world, login)
        page = person.get(f"/cases/{order.id}")
        if page.status_code == 404:
            continue
        assert ("低保证" in page.text) is reads, login
        assert (person.get(f"/attachments/{row.id}").status_code == 200) is reads, login
        events = Api(world, world.token(login)).get(f"/cases/{order.id}/events")
        assert (str(row.id) in str(events)) is reads, login
