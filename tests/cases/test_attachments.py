"""Attachments through the routes: photos stripped, kinds by content, never a page of ours, strangers see nothing."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from sqlmodel import Session, select

from tests.callers import Api, Browser, signed_in
from tests.cases.history import case_of
from tests.fixtures import World
from tests.orders import open_order
from tongxin import config
from tongxin.cases.models import Attachment

PDF = b"%PDF-1.4\n%\xe2\xe3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def photo(size: tuple[int, int] = (40, 20), colour: str = "red") -> bytes:
    """A JPEG that says where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Phone", {1: "N", 2: (39.0, 54.0, 15.0)}
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(api: Api, content: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> Any:
    return api.client.post("/api/v1/attachments", headers=api.headers, files={"file": (name, content, kind)})


def test_a_resident_sends_a_photo_and_sees_it_without_what_the_phone_wrote(world: World) -> None:
    resident = Browser(world)
    fields = {"procedure": "orders", "place": "YY102", "what": "下水道堵塞"}
    answer = resident.post("/report", fields, files=[("photos", ("IMG 1.jpg", photo(), "image/jpeg"))])
    link = answer.headers["location"].removesuffix("/done")
    with Session(world.engine) as session:
        row = session.exec(select(Attachment)).one()
    shown = resident.get(f"{link}/attachments/{row.id}")
    assert shown.headers["content-type"] == "image/jpeg"
    image = Image.open(io.BytesIO(shown.content))
    assert (image.size, dict(image.getexif())) == ((20, 40), {})
    assert b"Phone" not in shown.content
    assert resident.get(f"/attachments/{row.id}").status_code == 303
    other = open_order(world)
    assert resident.get(f"/r/{other.link}/attachments/{row.id}").status_code == 404


def test_a_refused_form_keeps_the_photo(world: World) -> None:
    order, member = open_order(world, "处置"), signed_in(world, "lichs")
    again = member.post(f"{order.page}/completion", {"cost": "x"}, files=[("result_photos", ("a.jpg", photo(), ""))])
    with Session(world.engine) as session:
        row = session.exec(select(Attachment)).one()
    assert (again.status_code, row.case_id) == (422, None)
    assert f'value="{row.id}"' in again.text
    done = member.post(f"{order.page}/completion", {"result": "好了", "result_photos": str(row.id)})
    assert done.status_code == 303
    assert case_of(world, order).variables["result_photos"] == [str(row.id)]
    assert member.get(f"/attachments/{row.id}").status_code == 200
    assert signed_in(world, "wudi").get(f"/attachments/{row.id}").status_code == 404
    assert signed_in(world, "zhanglan").get(f"/attachments/{row.id}").status_code == 200


def test_a_refused_report_names_the_photo_it_cannot_show(world: World) -> None:
    fields, sent = {"procedure": "orders", "place": "YY102"}, [("photos", ("楼道.jpg", photo(), "image/jpeg"))]
    resident, clerk = Browser(world), signed_in(world, "zhanglan")
    again = resident.post("/report", fields, files=sent)
    with Session(world.engine) as session:
        row = session.exec(select(Attachment)).one()
    assert (again.status_code, row.case_id) == (422, None)
    assert f'name="photos" value="{row.id}"' in again.text
    assert row.name in again.text
    assert "/attachments/" not in again.text
    done = resident.post("/report", {**fields, "what": "灯", "photos": str(row.id)})
    link = done.headers["location"].removesuffix("/done")
    assert resident.get(f"{link}/attachments/{row.id}").status_code == 200
    again = clerk.post("/cases/start/orders", fields, files=sent)
    (shown,) = re.findall(r'src="(/attachments/\d+)', again.text)
    assert clerk.get(shown).status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><script>alert(1)</script>", "不是照片"),
        (PDF, "不是照片"),
        (b"GIF89a" + bytes(100), "不是照片"),
        (photo()[:200], "打不开"),
        (photo() + bytes(10_000_001), "太大"),
        (b"", "不是照片"),
    ],
    ids=["html", "pdf", "gif", "cut", "large", "empty"],
)
def test_what_is_no_photo_is_refused_at_its_field(world: World, content: bytes, said: str) -> None:
    order, member = open_order(world, "处置"), signed_in(world, "lichs")
    sent = [("result_photos", ("a.jpg", content, "image/jpeg")), ("result_photos", ("b.jpg", photo(), "image/jpeg"))]
    answer = member.post(f"{order.page}/completion", {"result": "好了"}, files=sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert "好了" in answer.text
    assert case_of(world, order).variables.get("result") is None


def test_a_document_is_only_ever_downloaded(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    kept = upload(clerk, PDF, "<b>报告</b>.html", "text/html").json()
    assert (kept["name"], kept["media_type"]) == ("b>.pdf", "application/pdf")
    shown = clerk.send("GET", f"/attachments/{kept['id']}")
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.content == PDF
    assert Api(world, world.token("wudi")).send("GET", f"/attachments/{kept['id']}").status_code == 404


def test_other_kinds_are_not_taken(world: World) -> None:
    clerk = Api(world, world.token("zhanglan"))
    for content in (b"<html>", b"MZ\x90\x00", b"PK\x03\x04" + bytes(60), b"<svg xmlns=''/>", b""):
        answer = upload(clerk, content, "a.pdf", "application/pdf")
        assert (answer.status_code, answer.json()["title"]) == (422, "文件没有收下")


def test_only_what_one_uploaded_oneself_can_be_handed_in(world: World) -> None:
    order, member = open_order(world, "到场"), Api(world, world.token("lichs"))
    others = upload(Api(world, world.token("zhouyu")), photo()).json()["id"]
    mine = [upload(member, photo(colour=colour)).json()["id"] for colour in ("red", "green", "blue")]
    for ids in ([others], [*mine, "1"], ["١"], ["9" * 30], [""], [None], "1", [[mine[0]]]):
        answer = member.send("POST", f"{order.page}/completion", {"values": {"site_photos": ids}})
        assert answer.status_code == 422, ids
    member.post(f"{order.page}/completion", values={"site_photos": mine})
    assert case_of(world, order).variables["site_photos"] == mine


def test_an_upload_nobody_can_guess(world: World) -> None:
    """A resident has no account: what one sent and has not handed in must not be taken by the next."""
    order = open_order(world)
    first, second = (int(upload(Api(world, order.link), photo()).json()["id"]) for _ in range(2))
    assert abs(first - second) > 1_000_000


def test_content_that_is_gone_is_said(world: World, settings: config.Settings) -> None:
    clerk = Api(world, world.token("zhanglan"))
    kept = upload(clerk, PDF).json()
    for path in (settings.home / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    gone = clerk.send("GET", f"/attachments/{kept['id']}")
    assert (gone.status_code, "不在了" in gone.json()["detail"]) == (404, True)


def test_what_is_not_there(world: World) -> None:
    clerk, other = signed_in(world, "zhanglan"), Api(world, world.token("zhanglan"))
    for missing in ("0", "1", "-1", "abc", str(2**70)):
        assert clerk.get(f"/attachments/{missing}").status_code == 404
        assert other.send("GET", f"/attachments/{missing}").status_code == 404
