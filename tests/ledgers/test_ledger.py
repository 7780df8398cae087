"""A ledger on its page and as a spreadsheet: whose cases, narrowed, sorted, added up, masked; who took it out."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlmodel import Session

from tests.callers import signed_in
from tests.fixtures import Clock, World
from tests.statements import watched
from tests.worker.test_between_cases import END, START, WORK, complete, open_case, publish
from tests.worker.test_family import relative
from tongxin import db
from tongxin.cases.models import Case
from tongxin.procedures.package import Package

LEDGER = """
[[ledger]]
name = "什么事"
value = "what"
[[ledger]]
name = "金额"
value = 'if got = null then null else number(got)'
total = true
[[ledger]]
name = "大小"
value = 'if got = null then "没有" else if number(got) > 10 then "大" else "小"'
"""


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


def things(more: str = "") -> Package:
    made = relative("things", START, WORK, END)
    return {**made, "procedure.toml": f"{more}{made['procedure.toml']}\n{LEDGER}"}


def fill(world: World, clock: Clock) -> list[int]:
    """Five cases, a day apart; three of them closed with a number."""
    publish(world, things())
    ids = []
    for what, got in (("灯", "3.5"), ("水", "20"), ("=1+1", None), ("路", None), ("灯泡", "8")):
        ids.append(open_case(world, "things", what))
        if got:
            complete(world, ids[-1], {"got": got})
        clock.move(timedelta(days=1))
    return ids


def shown(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/cases/\d+">([^<]+)</a>', page)


def look(world: World, query: str = "", login: str = "zhanglan") -> str:
    answer = signed_in(world, login).get(f"/ledgers/things?{query}")
    assert answer.status_code == 200
    return answer.text


def test_newest_first_with_sums_of_all(world: World, _still: Clock) -> None:
    fill(world, _still)
    page = look(world)
    assert shown(page) == ["灯泡", "路", "=1+1", "水", "灯"]
    for said in ("共 5 件", "办理中 2 件", "已办结 3 件", "办结率 60.0%", "金额合计 31.5"):
        assert said in page


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("status=open", ["路", "=1+1"]),
        ("status=closed", ["灯泡", "水", "灯"]),
        ("since=2026-03-07", ["灯泡", "路", "=1+1"]),
        ("until=2026-03-06", ["水", "灯"]),
        ("since=2026-03-06&until=2026-03-06", ["水"]),
        ("narrow=大小=大", ["水"]),
        ("column=大小&value=小", ["灯泡", "灯"]),
        ("q=灯", ["灯泡", "灯"]),
        ("q=%25", []),
        ("sort=金额", ["灯", "灯泡", "水", "路", "=1+1"]),
        ("sort=-金额", ["水", "灯泡", "灯", "路", "=1+1"]),
        ("sort=opened_at", ["灯", "水", "=1+1", "路", "灯泡"]),
        ("unit=YY", ["灯泡", "路", "=1+1", "水", "灯"]),
        ("unit=NY", []),
        ("unit=nowhere", []),
        ("mine=1", ["灯泡", "路", "=1+1", "水", "灯"]),
        ("page=2", []),
        ("since=yesterday&page=x&sort=%00&status=gone&column=不存在&value=1", ["灯泡", "路", "=1+1", "水", "灯"]),
    ],
)
def test_narrowed_and_sorted(world: World, _still: Clock, query: str, titles: list[str]) -> None:
    fill(world, _still)
    assert shown(look(world, query)) == titles


def test_who_has_it(world: World, _still: Clock) -> None:
    fill(world, _still)
    assert shown(look(world, login="wudi")) == []  # another community's clerk
    assert len(shown(look(world, login="admin"))) == 5
    for stranger in ("lichs", "qianwei"):
        assert signed_in(world, stranger).get("/ledgers/things").status_code == 404
        assert "things" not in signed_in(world, stranger).get("/ledgers").text
    assert signed_in(world, "zhanglan").get("/ledgers/nothing").status_code == 404
    page = signed_in(world, "zhanglan").get("/ledgers").text
    assert "/ledgers/things" in page
    assert "<b>2</b> 办理中" in page


def test_many_cases_cost_a_page_no_more(world: World, _still: Clock) -> None:
    ids = fill(world, _still)
    clerk = signed_in(world, "zhanglan")
    clerk.get("/ledgers/things")
    with watched(world) as few:
        clerk.get("/ledgers/things")
    with db.transaction(world.engine) as session:
        one = session.get_one(Case, ids[0]).model_dump()
        for number in range(300):
            row = {**one, "id": 10_000 + number, "code": f"X{number}", "once": None, "link_hash": None}
            session.add(Case(**row))
    with watched(world) as many:
        page = clerk.get("/ledgers/things").text
    assert len(many) == len(few)
    assert len(shown(page)) == 50
    assert "共 305 件" in page
    assert "第 51–100 件" in look(world, "page=2")


def sheet(content: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_taken_out_as_a_spreadsheet(world: World, _still: Clock) -> None:
    fill(world, _still)
    clerk = signed_in(world, "zhanglan")
    answer = clerk.get("/ledgers/things/export?sort=opened_at")
    assert answer.status_code == 200
    rows = sheet(answer.content)
    assert rows[0][0] == "things台账"
    assert "共 5 件" in str(rows[1][0])
    assert "张岚（怡园社区）" in str(rows[1][0])
    assert rows[2] == ["编号", "单位", "登记时间", "办结时间", "什么事", "金额", "大小"]
    assert [row[4] for row in rows[3:8]] == ["灯", "水", "=1+1", "路", "灯泡"]  # what begins with = is text
    assert [row[5] for row in rows[3:8]] == [3.5, 20, "", "", 8]
    assert rows[3][2].isoformat() == "2026-03-05T08:30:00"  # type: ignore[attr-defined]
    assert (rows[8][0], rows[8][5]) == ("合计", 31.5)
    assert len(sheet(clerk.get("/ledgers/things/export?status=open").content)) == 3 + 2 + 1
    page = signed_in(world, "admin").get("/ledgers/exports").text
    assert "张岚" in page
    assert "办理中" in page
    assert clerk.get("/ledgers/exports").status_code == 404
    with Session(world.engine) as session:
        kept = (
            session.connection().execute(text("SELECT procedure, rows, filters FROM ledger_export ORDER BY id")).all()
        )
    assert [tuple(row) for row in kept] == [
        ("things", 5, {"sort": "opened_at"}),
        ("things", 2, {"status": "open"}),
    ]


def test_who_may_not_take_it_out_sees_no_button(world: World, _still: Clock) -> None:
    publish(world, things('export = ["dispatcher"]\n'))
    open_case(world, "things")
    clerk = signed_in(world, "zhanglan")
    assert "/export" not in clerk.get("/ledgers/things").text
    assert clerk.get("/ledgers/things/export").status_code == 404


def test_masked_for_who_need_not_know(world: World) -> None:
    made = things()
    data = made["data.json"].replace('"title": "什么事", "maxLength": 50', '"title": "什么事", "x-sensitive": "name"')
    assert data != made["data.json"]
    publish(world, {**made, "data.json": data})
    open_case(world, "things", "王小明")
    admin, clerk = (signed_in(world, login) for login in ("admin", "zhanglan"))
    cell = '<td data-title="什么事">{}</td>'
    assert cell.format("王小明") in clerk.get("/ledgers/things").text
    assert cell.format("王**") in admin.get("/ledgers/things").text
    assert admin.get("/ledgers/things/export").status_code == 404  # watching is no right to take out
    assert shown(admin.get("/ledgers/things?sort=什么事").text) != []  # nothing is told by its order


def test_about_so_many_stays_so(world: World, _still: Clock) -> None:
    made = things()
    data = made["data.json"].replace(
        '"got": {"type": "string", "title": "收到", "maxLength": 50}',
        '"got": {"type": "object", "title": "份数", "format": "about"}',
    )
    assert data != made["data.json"]
    ledger = '[[ledger]]\nname = "份数"\nvalue = "got"\ntotal = true\n'
    head = made["procedure.toml"].replace(LEDGER, f"\n{ledger}")
    publish(world, {**made, "data.json": data, "procedure.toml": head})
    for got in ("2500余", "60余"):
        (number, about) = (got.removesuffix("余"), got.endswith("余"))
        complete(world, open_case(world, "things", got), {"got": {"value": int(number), "approx": about}})
    clerk = signed_in(world, "zhanglan")
    page = clerk.get("/ledgers/things").text
    for said in ("2,500余", "60余", "份数合计 2,560余"):
        assert said in page
    content = clerk.get("/ledgers/things/export").content
    assert [row[4] for row in sheet(content)[3:6]] == [60, 2500, 2560]
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert "&quot;余&quot;" in packed.read("xl/styles.xml").decode()
