"""Case codes and personal links: readable, checked, not to be guessed."""

from datetime import date, timedelta

import pytest

from tests.callers import Api, Browser
from tests.fixtures import Clock, World
from tests.orders import Order, open_order
from tongxin import db
from tongxin.cases import codes
from tongxin.cases.models import Case
from tongxin.portal import allowances

CODE = "DD-YY-260305-K7M2QXH"  # of one drawn by chance a part may be another code


def test_a_code_says_what_where_when() -> None:
    drawn = {codes.fresh("DD", "YY", date(2026, 3, 5)) for _ in range(200)}
    assert len(drawn) == 200
    for code in (CODE, *drawn):
        assert code.startswith("DD-YY-260305-")
        assert len(code.rpartition("-")[2]) == codes.RANDOM_LENGTH + 1
        assert codes.read(code) == codes.bare(code)


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), CODE.replace("-", " "), f" {CODE.replace('-', '')}\n"])
def test_it_is_read_however_it_was_typed(typed: str) -> None:
    assert codes.read(typed) == codes.bare(CODE)


@pytest.mark.parametrize("typed", ["", "DD", CODE[:-1], f"{CODE}A", "居民点单", "９" * 15, "A" * 41, "\0", "\ud800"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.read(typed) is None


def test_a_slip_of_one_character_or_two_swapped_is_noticed() -> None:
    bare = codes.bare(CODE)
    slips = [bare[:at] + other + bare[at + 1 :] for at in range(len(bare)) for other in "2X" if bare[at] != other]
    swaps = [bare[:at] + bare[at + 1] + bare[at] + bare[at + 2 :] for at in range(len(bare) - 1)]
    assert not any(codes.read(wrong) for wrong in (*slips, *swaps) if wrong != bare)


@pytest.mark.parametrize("token", ["", ".", "1", "1.", ".x", "zz.x", "-1.x", "0.x", "1" * 40 + ".x", "1.\ud800"])
def test_a_forged_token_speaks_of_nothing_or_does_not_fit(token: str) -> None:
    case_id = codes.case_of_token(token)
    assert case_id is None or not codes.token_fits(b"secret", token.replace("\ud800", ""), case_id, 1)


def test_by_code_one_looks_and_does_not_act(world: World) -> None:
    order, resident = open_order(world, "评单"), Browser(world)
    found = resident.post("/follow", {"code": order.code.lower().replace("-", " ")})
    page = resident.get(found.headers["location"]).text
    assert "请您评价" in page
    assert "completion" not in page
    assert "下水道堵塞" not in page  # what somebody wrote is theirs
    assert "怡园小区2号楼" not in page


def test_wrong_codes_make_wait_and_a_right_one_between_does_not_help(world: World, still: Clock) -> None:
    """Of a device; its neighbours behind the same address go on (tests/portal/test_allowances.py)."""
    order, resident = open_order(world), Browser(world)
    resident.cookie = f"{allowances.DEVICE}={'a' * allowances.NUMBER}"
    for wrong in range(4):
        answer = resident.post("/follow", {"code": f"DD-YY-260305-22222{wrong}"})
        assert (answer.status_code, "没有这个编号" in answer.text) == (422, True)
    assert resident.get(f"/follow/{codes.bare(order.code)}").status_code == 200
    assert resident.get("/follow/222222").status_code == 422
    waiting = resident.post("/follow", {"code": order.code})
    assert (waiting.status_code, ">60<" in waiting.text, order.code in waiting.text) == (429, True, True)
    assert Browser(world).post("/follow", {"code": order.code}).status_code == 303
    still.move(timedelta(seconds=60))
    assert resident.post("/follow", {"code": order.code}).status_code == 303
    resident.post("/follow", {"code": "222222"})
    assert resident.post("/follow", {"code": order.code}).status_code == 429


def test_raising_the_version_makes_every_earlier_link_void(world: World) -> None:
    order, resident = open_order(world), Browser(world)
    assert resident.get(f"/r/{order.link}").status_code == 200
    assert Api(world, order.link).get(f"/cases/{order.id}")["id"] == order.id
    with db.transaction(world.engine) as session:
        session.get_one(Case, int(order.id)).link_version = 2
    assert resident.get(f"/r/{order.link}").status_code == 404
    assert resident.post(f"/r/{order.link}/messages/withdrawn").status_code == 404
    assert Api(world, order.link).send("GET", f"/cases/{order.id}").status_code == 401


def test_a_link_opens_its_own_case_only(world: World) -> None:
    mine, other = open_order(world), open_order(world)
    assert Api(world, mine.link).send("GET", f"/cases/{other.id}").status_code == 404
    assert Api(world, mine.link).send("GET", f"/cases/{other.id}/events").status_code == 404
    assert Api(world, mine.link).send("GET", "/tasks").status_code == 404
    swapped = f"{int(other.id):x}.{mine.link.partition('.')[2]}"
    assert Browser(world).get(f"/r/{swapped}").status_code == 404
    assert Browser(world).get(f"/r/{swapped}/done").status_code == 404


def test_a_resident_reads_no_details_of_the_history(world: World) -> None:
    order: Order = open_order(world, "接单")
    items = Api(world, order.link).get(f"/cases/{order.id}/events")["items"]
    assert {item["details"] is None for item in items} == {True}
