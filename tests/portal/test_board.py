"""The public board: what stands on it, what never does, and who finds what."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.browser.orders import make_orders
from tests.callers import Api, Browser, signed_in
from tests.fixtures import Clock, World
from tests.orders import Order, advance, open_order
from tests.procedures.packages import orders, publish
from tongxin import db
from tongxin.cases.models import Attachment, Case
from tongxin.people import directory
from tongxin.procedures import catalogue

RELEASED = "主管道已疏通，楼道冲洗干净。"


def board(world: World, query: str = "", code: str = "YY") -> str:
    """The board as anybody sees it."""
    page = Browser(world).get(f"/board/{code}{query}")
    assert page.status_code == 200
    return page.text


def entries(page: str) -> list[str]:
    """Each entry in plain text."""
    shown = re.findall(r'<li class="card".*?</li>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", one)).strip() for one in shown]


def numbers(page: str) -> str:
    """The numbers of the last 30 days in plain text."""
    found = re.findall(r'<dl class="numbers".*?</dl>', page, re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


def release(world: World, order: Order, text: str = RELEASED) -> None:
    assert signed_in(world, "zhanglan").post(f"/cases/{order.id}/publication", {"text": text}).status_code == 303


def test_an_order_from_report_to_rating(world: World, still: Clock) -> None:
    order = open_order(world)
    assert entries(board(world))[0].startswith("居民点单 怡园小区2号楼 待核实 3月5日 08:30 报")
    advance(world, order, "接单")
    assert entries(board(world))[0].startswith("下水 怡园小区2号楼 办理中")
    still.move(timedelta(hours=1))
    advance(world, order, "评单")
    assert "已办好，等评价" in entries(board(world))[0]
    advance(world, order, "")
    assert "已疏通" not in board(world)
    release(world, order)
    (entry,) = entries(board(world))
    assert (
        entry == f"下水 怡园小区2号楼 已办结 3月5日 08:30 报 3月5日 09:30 办结 {RELEASED} 居民评价 5 星（很满意） 点赞"
    )


def test_nothing_sensitive_is_ever_on_it(world: World) -> None:
    """Every value of every case but what the procedure declares for the board, and the ids of all files."""
    made = make_orders(world)
    clerk = signed_in(world, "zhanglan")
    assert clerk.post(f"/cases/{made.case['closed']}/publication", {"text": RELEASED}).status_code == 303
    page = "".join(board(world, query) for query in ("", "?state=open", "?state=closed", "?kind=下水"))
    assert RELEASED in page
    with Session(world.engine) as session:
        cases = session.exec(select(Case)).all()
        said = {value for case in cases for value in secret_values(session, case)}
        said |= {str(one.id) for one in session.exec(select(Attachment))} | {case.code for case in cases}
        said |= {case.code.replace("-", "") for case in cases} | {"张岚", "李春生", "13900000003"}
    assert {"王女士", "13800138000", "2 单元 102"} <= said
    assert [one for one in said if one in page] == []


def secret_values(session: Session, case: Case) -> list[str]:
    allowed = catalogue.by_id(session, case.definition_id).board.form.by_name
    values: list[Any] = [value for name, value in case.variables.items() if name not in allowed]
    texts = [str(value) for value in (*values, *case.ledger.values(), case.title) if isinstance(value, str)]
    fine = set(case.variables.get(name) for name in allowed) | {
        "是",
        "否",
        "满意",
        "done",
    }  # the last is a class of our styles
    names = {"怡园小区", "松鹤里"}
    return [
        one for one in texts if len(one) > 1 and one not in fine and not any(one.startswith(name) for name in names)
    ]


def test_a_withdrawn_one_is_not_shown(world: World) -> None:
    order = open_order(world)
    assert len(entries(board(world))) == 1
    Api(world, order.link).post(f"/cases/{order.id}/withdrawal", values={"withdrawal_reason": "已经好了"})
    page = board(world)
    assert entries(page) == []
    assert "近 30 天报了 0 件" in numbers(page)


def merged(world: World) -> tuple[Order, Order]:
    """An order, and one that was found to be the same."""
    original, duplicate = open_order(world), open_order(world)
    values = {"decision": "duplicate", "kind": "下水", "merged_into": original.id}
    Api(world, world.token("zhanglan")).post(f"/tasks/{duplicate.task}/completion", values=values)
    return original, duplicate


def test_a_duplicate_is_not_shown_twice(world: World) -> None:
    original, duplicate = merged(world)
    assert len(entries(board(world))) == 1
    advance(world, original, "")
    assert len(entries(board(world))) == 1
    refused = signed_in(world, "zhanglan").get(f"/cases/{duplicate.id}").text
    assert "公示栏只显示那张单" in refused


def test_but_for_one_whose_original_was_withdrawn(world: World) -> None:
    original, duplicate = merged(world)
    Api(world, original.link).post(f"/cases/{original.id}/withdrawal", values={"withdrawal_reason": "报错了"})
    assert len(entries(board(world))) == 1
    with Session(world.engine) as session:
        assert session.get_one(Case, int(duplicate.id)).status == "open"


def test_only_the_communitys_own(world: World) -> None:
    open_order(world)
    assert entries(board(world, code="NY")) == []
    assert len(entries(board(world, code="YY102"))) == 1  # a building's code leads to its community


def test_filters(world: World) -> None:
    closed, _open = open_order(world, ""), open_order(world, "派单")
    release(world, closed)
    assert [len(entries(board(world, query))) for query in ("", "?state=closed", "?state=open")] == [2, 1, 1]
    assert [len(entries(board(world, query))) for query in ("?kind=下水", "?kind=燃气", "?kind=没有")] == [2, 0, 0]
    assert len(entries(board(world, "?kind=下水&state=open"))) == 1
    assert "没有这样的事" in board(world, "?kind=燃气")


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=-1", "?page=0", "?page=99999999", "?state=lost", "?kind=%00", "?page=²"]
)
def test_an_address_somebody_made_up(world: World, query: str) -> None:
    board(world, query)


def test_pages(world: World, still: Clock) -> None:
    first = open_order(world)
    for _number in range(24):
        still.move(timedelta(minutes=1))
        open_order(world)
    one, two = board(world), board(world, "?page=2")
    assert (len(entries(one)), len(entries(two))) == (20, 5)
    assert 'href="/board/YY?page=2"' in one
    assert 'href="/board/YY?"' in two
    assert "3月5日 08:30 报" in entries(two)[-1]
    assert first.code not in one + two


def test_the_numbers(world: World, still: Clock) -> None:
    """Who did not rate is in neither part; who was not satisfied in one."""
    open_order(world, "")
    bad = open_order(world, "评单")
    with db.transaction(world.engine) as session:
        case = session.get_one(Case, int(bad.id))
        case.variables = {**case.variables, "reworks": 2}
        session.add(case)
    rated = Api(world, bad.link).post(f"/tasks/{bad.task}/completion", values={"rating": 1})
    chief = Api(world, world.token("qianwei"))
    chief.post(f"/tasks/{rated['tasks'][0]['id']}/completion", values={"finding": "已当面说明。"})
    open_order(world)
    assert numbers(board(world)) == "近 30 天报了 3 件 办结 2 件 满意率 50% 2 件评价中 1 件满意"
    still.move(timedelta(days=31))
    assert numbers(board(world)) == "近 30 天报了 0 件 办结 0 件"


def test_choosing_a_community_and_being_remembered(world: World) -> None:
    resident = Browser(world)
    assert 'href="/board"' in resident.get("/").text
    chosen = resident.get("/board").text
    assert ("滨河街道" in chosen, 'href="/board/YY"' in chosen) == (True, True)
    kept = resident.get("/board/YY").headers["set-cookie"]
    assert "tongxin_community=YY" in kept
    assert resident.get("/board", {"Cookie": "tongxin_community=YY"}).headers["location"] == "/board/YY"
    assert resident.get("/board?choose=1", {"Cookie": "tongxin_community=YY"}).status_code == 200
    assert resident.get("/board", {"Cookie": "tongxin_community=gone"}).status_code == 200


def test_what_is_no_community(world: World) -> None:
    for code in ("BH", "nowhere", "x" * 300):
        assert Browser(world).get(f"/board/{code}").status_code == 404, code


def test_without_a_board_nothing_is_shown(world: World) -> None:
    quiet = orders()
    quiet["procedure.toml"] = quiet["procedure.toml"].replace('board = ["kind", "rating"]', "")
    publish(world, quiet)
    order = open_order(world)
    assert entries(board(world)) == []
    assert "公示栏" not in signed_in(world, "zhanglan").get(f"/cases/{order.id}").text


def test_a_building_right_below_its_community(world: World) -> None:
    with db.transaction(world.engine) as session:
        community = directory.unit_by_code(session, "NY")
        directory.add_unit(session, code="NYX", name="南苑小院", level="building", parent=community)
    clerk = Api(world, world.token("wudi"))
    clerk.post("/cases", procedure="orders", unit="NYX", values={"what": "灯"})
    assert "南苑小院" in entries(board(world, code="NYX"))[0]
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', Browser(world).get("/report").text, re.DOTALL)
    assert [name for name, inside in groups if "NYX" in inside] == ["南苑社区"]
