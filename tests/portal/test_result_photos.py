"""The resident sees the photos of the result, and none of the others staff took."""

import io
import re
from typing import Any

from PIL import Image

from tests.callers import Api, Browser
from tests.fixtures import World
from tests.orders import open_order


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "green").save(out, "JPEG")
    return out.getvalue()


def _uploaded(world: World, member: Api) -> str:
    answer: Any = member.client.post(
        "/api/v1/attachments", headers=member.headers, files={"file": ("a.jpg", _photo(), "image/jpeg")}
    )
    return str(answer.json()["id"])


def test_only_the_results_photos_are_shown(world: World) -> None:
    member = Api(world, world.token("lichs"))
    order = open_order(world, "到场")
    on_site, result = _uploaded(world, member), _uploaded(world, member)
    tasks = member.post(f"/tasks/{order.task}/completion", values={"site_photos": [on_site]})["tasks"]
    values = {"result": "已疏通", "result_photos": [result]}
    member.post(f"/tasks/{tasks[0]['id']}/completion", values=values)
    resident = Browser(world)
    page = resident.get(f"/r/{order.link}").text
    assert re.findall(r"/attachments/(\d+)\"", page) == [result]
    assert resident.get(f"/r/{order.link}/attachments/{result}").status_code == 200
    assert resident.get(f"/r/{order.link}/attachments/{on_site}").status_code == 404
    assert result not in resident.get(f"/follow/{order.code}").text


def test_another_cases_link_does_not_open_them(world: World) -> None:
    member = Api(world, world.token("lichs"))
    order, other = open_order(world, "处置"), open_order(world)
    result = _uploaded(world, member)
    member.post(f"/tasks/{order.task}/completion", values={"result": "好了", "result_photos": [result]})
    assert Browser(world).get(f"/r/{other.link}/attachments/{result}").status_code == 404
