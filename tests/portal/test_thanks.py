"""Thanks on the board: once a device, taken back at will, and nothing kept that tells who gave them."""

import re

from sqlmodel import Session, select

from tests.callers import Browser
from tests.fixtures import Clock, World
from tests.orders import open_order
from tests.portal.test_board import release
from tongxin.cases.models import Thanks
from tongxin.people.models import Allowance
from tongxin.portal import allowances, thanks


class Device(Browser):
    """A resident's browser that keeps the board's cookies."""

    def look(self, query: str = "") -> str:
        answer = self.get(f"/board/YY{query}")
        kept = re.findall(rf"{thanks.COOKIE}=([^;]+)", str(answer.headers.get_list("set-cookie")))
        self.cookie = f"{thanks.COOKIE}={kept[0]}" if kept else self.cookie
        return answer.text

    def press(self, query: str = "") -> str:
        """Press the first button; where one is led."""
        action = re.findall(r'action="(/board/YY/results/[^"]+)"', self.look(query))[0]
        return str(self.post(action.replace("&amp;", "&")).headers.get("location", ""))


def count(page: str) -> int:
    return int(re.findall(r"点赞 (\d+)", page)[0]) if re.search(r"点赞 \d", page) else 0


def result(world: World) -> str:
    order = open_order(world, "")
    release(world, order)
    return re.findall(r"/results/(\d+)/thanks", Browser(world).get("/board/YY").text)[0]


def test_each_device_counts_once_and_may_take_it_back(world: World) -> None:
    number, one, other = result(world), Device(world), Device(world)
    assert one.press() == f"/board/YY#result-{number}"
    assert (count(one.look()), "您点过赞了" in one.look(), "您点过赞了" in other.look()) == (1, True, False)
    one.post(f"/board/YY/results/{number}/thanks")  # pressed twice
    assert count(one.look()) == 1
    other.press()
    assert count(one.look()) == 2
    one.press()  # takes it back
    assert (count(one.look()), "您点过赞了" in one.look()) == (1, False)


def test_the_place_on_the_page_is_kept(world: World) -> None:
    number, device = result(world), Device(world)
    assert device.press("?kind=下水&state=closed").endswith(f"state=closed#result-{number}")
    assert device.press("?page=1&state=lost") == f"/board/YY#result-{number}"


def test_only_a_keyed_hash_is_kept_another_for_each_result(world: World) -> None:
    first, device = result(world), Device(world)
    device.press()
    second = result(world)
    device.post(f"/board/YY/results/{second}/thanks")
    with Session(world.engine) as session:
        rows = session.exec(select(Thanks)).all()
    number = device.cookie.partition("=")[2].partition(".")[0]
    assert {str(row.publication_id) for row in rows} == {first, second}
    assert len({row.device for row in rows}) == 2
    assert not [row for row in rows if number.encode() in row.device]


def test_the_cookie_is_ours_and_out_of_reach(world: World) -> None:
    number, device = result(world), Device(world)
    (kept,) = [one for one in device.get("/board/YY").headers.get_list("set-cookie") if thanks.COOKIE in one]
    for said in ("HttpOnly", "SameSite=lax", "Path=/board", "Max-Age=34560000"):
        assert said in kept
    for made_up in ("", "x", "x.y", "é.é"):
        device.cookie = f"{thanks.COOKIE}={made_up}"
        answer = device.post(f"/board/YY/results/{number}/thanks", headers={"Cookie": device.cookie.encode()})
        assert (answer.status_code, "Cookie" in answer.text) == (409, True)
    with Session(world.engine) as session:
        assert session.exec(select(Thanks)).all() == []


def test_far_too_many_from_one_address_wait(world: World, still: Clock) -> None:
    number = result(world)
    with Session(world.engine) as session:
        room, pace = allowances.THANKS.of_an_address
        session.add(Allowance(key="thanks:testclient", empty_at=still.at + pace * (room - 1)))
        session.commit()
    first, second = Device(world), Device(world)
    for device, status in ((first, 303), (second, 429)):
        device.look()
        assert device.post(f"/board/YY/results/{number}/thanks").status_code == status
    assert count(second.look()) == 1


def test_what_is_not_released_gets_none(world: World) -> None:
    device = Device(world)
    device.look()
    for made_up in ("1", "x", "²", "9" * 30):
        assert device.post(f"/board/YY/results/{made_up}/thanks").status_code == 404
        assert device.post(f"/board/YY/results/{made_up}/thanks/removal").status_code == 404


def test_from_another_site_it_is_refused(world: World) -> None:
    number, device = result(world), Device(world)
    device.look()
    answer = device.post(f"/board/YY/results/{number}/thanks", headers={"Origin": "https://elsewhere.test"})
    assert answer.status_code == 403
