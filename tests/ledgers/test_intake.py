"""Ledgers kept elsewhere become cases: the good rows, once; the others say what is wrong with them."""

import base64
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import text
from sqlmodel import Session, select

from tests.callers import Browser, signed_in
from tests.fixtures import Clock, World
from tongxin import config, db, events
from tongxin.cases import queries
from tongxin.cases.models import Case
from tongxin.procedures import catalogue, package
from tongxin.words import _

HEADS = (
    *("编号", "纠纷名称", "发生日期", "类别", "来源", "规模", "涉及人数", "责任人"),
    *("状态", "登记日期", "化解日期", "化解方式", "化解结果", "地点"),
)
DATA = "data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64,"


@pytest.fixture(autouse=True)
def _still(still: Clock) -> Iterator[Clock]:
    yield still


@pytest.fixture
def clerk(world: World) -> Browser:
    with db.transaction(world.engine) as session:
        for name in ("dispute", "supervision"):
            catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / name))
    return signed_in(world, "zhanglan")


def row(number: int, *, closed: bool = True, **other: str) -> dict[str, str]:
    made = {
        "编号": f"老{number:03}", "纠纷名称": f"第{number}件", "发生日期": "2025-11-02", "类别": "邻里",
        "来源": "群众上报", "规模": "个体性", "涉及人数": "2", "责任人": "方正明",
        "状态": "已化解" if closed else "正在化解",
        "登记日期": "2025-11-03", "化解日期": "2025-11-20" if closed else "",
        "化解方式": "人民调解" if closed else "",
        "化解结果": "说开了" if closed else "", "地点": "怡园小区2号楼",
    }  # fmt: skip
    return made | other


def workbook(rows: list[dict[str, str]], heads: Sequence[str] = HEADS, above: int = 1) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "矛盾纠纷台账")
        for column, head in enumerate(heads):
            sheet.write_string(above, column, head)
        for number, one in enumerate(rows, above + 1):
            for column, head in enumerate(heads):
                sheet.write(number, column, one.get(head, ""))
    return held.getvalue()


def hand_in(clerk: Browser, content: bytes, unit: str = "YY", **fields: str) -> Any:
    files = [("file", ("台账.xlsx", content, "application/octet-stream"))] if content else None
    return clerk.post("/ledgers/dispute/import", {"unit": unit, **fields}, files=files)


def numbers(page: str) -> tuple[int, ...]:
    """New and closed, new and open, known, to be mended."""
    found = re.findall(r"(?:已办结的|还在办的|不变|要改的)：(\d+)", page)
    return tuple(int(one) for one in found)


def count(world: World, where: str = "true") -> int:
    with Session(world.engine) as session:
        return int(session.connection().execute(text(f"SELECT count(*) FROM cases WHERE {where}")).scalar_one())


def test_the_source_s_figures(world: World, clerk: Browser) -> None:
    """18 found, 14 resolved, 4 in progress, 77.8 %; taken in again nothing changes."""
    content = workbook([row(number, closed=number <= 14) for number in range(1, 19)])
    looked = hand_in(clerk, content)
    assert (looked.status_code, numbers(looked.text), count(world)) == (200, (14, 4, 0, 0), 0)
    kept = re.findall(r'name="kept" value="([^"]+)"', looked.text)[0]
    taken = hand_in(clerk, b"", take="1", kept=kept)
    assert numbers(taken.text) == (14, 4, 0, 0)
    assert (count(world), count(world, "status = 'closed'")) == (18, 14)
    page = clerk.get("/ledgers/dispute").text
    for said in ("共 18 件", "办理中 4 件", "已办结 14 件", "办结率 77.8%"):
        assert said in page
    again = hand_in(clerk, content, take="1")
    assert (numbers(again.text), count(world)) == ((0, 0, 18, 0), 18)


def test_closed_rows_are_whole_cases(world: World, clerk: Browser) -> None:
    hand_in(clerk, workbook([row(1)]), take="1")
    with Session(world.engine) as session:
        (case,) = session.exec(select(Case)).all()
        assert (case.status, case.outcome, case.title) == ("closed", "closed", "第1件")
        assert (case.opened_at.isoformat()[:10], case.closed_at.isoformat()[:10]) == ("2025-11-03", "2025-11-20")
        assert case.variables["person"] == world.account_id("fangzm")
        assert case.variables["scale"] == "01"
        assert case.ledger["化解情况"] == "已化解"
        assert events.first_broken(queries.events_of(session, case.id), case.chain_head) is None
    page = clerk.get(f"/cases/{case.id}")
    assert page.status_code == 200
    for said in ("从原来的台账转来", "方正明", "已销号"):
        assert said in page.text
    assert signed_in(world, "admin").get("/monitor/cases?state=all").status_code == 200


def test_open_rows_go_on_here(world: World, clerk: Browser) -> None:
    hand_in(clerk, workbook([row(1, closed=False)]), take="1")
    with Session(world.engine) as session:
        (case,) = session.exec(select(Case)).all()
        assert (case.status, case.place_id is not None, case.variables["what"]) == ("open", True, "第1件")
        (task,) = queries.tasks_of(session, case.id)
    assert task.name == "登记建账"
    assert "第1件" in clerk.get(f"/tasks/{task.id}").text


def test_bad_rows_are_told_and_the_good_ones_kept(world: World, clerk: Browser) -> None:
    rows = [
        row(1),
        row(2, 类别="吵架"),
        row(3, 责任人="没有的人"),
        row(4, 登记日期="去年"),
        row(5, 编号=""),
        row(6, 化解日期="2025-01-01"),
        row(7, 地点="月球"),
        row(8, 登记日期="2027-01-01", 化解日期=""),
        row(9, 涉及人数="很多"),
        row(10), row(10),
        row(11, 纠纷名称="x" * 61),
    ]  # fmt: skip
    page = hand_in(clerk, workbook(rows), take="1").text
    assert numbers(page) == (1, 0, 0, 11)
    told = re.findall(r'<th scope="row">(\d+)</th><td data-title="哪一列">([^<]*)</td>', page)
    assert told == [
        ("4", "类别"), ("5", "责任人"), ("6", "登记日期"), ("7", "编号"), ("8", "化解日期"), ("9", "地点"),
        ("10", "登记日期"),
        ("11", "涉及人数"), ("12", "编号"), ("13", "编号"), ("14", "纠纷名称"),
    ]  # fmt: skip
    for said in ("这里没有叫“没有的人”的人", "“去年”不是日期", "怡园社区里没有“月球”", "还没有到这一天", "出现了 2 次"):
        assert said in page
    mended = base64.b64decode(re.findall(rf'href="{re.escape(DATA)}([^"]+)"', page)[0])
    table = CalamineWorkbook.from_filelike(io.BytesIO(mended)).get_sheet_by_index(0).to_python()
    heads = next(one for one in table if "要改的" in one)
    assert len(table) - table.index(heads) - 1 == 11
    assert count(world) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "请选择要导入的表格"),
        (b"not a workbook", "这不是 .xlsx 表格"),
        (b"PK\x03\x04broken", "这不是 .xlsx 表格"),
        (b"\xd0\xcf\x11\xe0" + bytes(2000), "这不是 .xlsx 表格，或者加了密"),
        (workbook([row(1)], heads=["序号", "名称"]), "没有“编号”这一列的表头"),
        (bytes(5_000_001), "表格太大"),
    ],
)
def test_files_that_cannot_be_taken(world: World, clerk: Browser, content: bytes, said: str) -> None:
    answer = hand_in(clerk, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert count(world) == 0


def test_a_zip_of_nothing_else(clerk: Browser) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(130_000_000))
    answer = hand_in(clerk, held.getvalue())
    assert (answer.status_code, "表格里的内容太多" in answer.text) == (422, True)


def test_headings_alone_and_headings_further_down(world: World, clerk: Browser) -> None:
    assert numbers(hand_in(clerk, workbook([])).text) == (0, 0, 0, 0)
    assert numbers(hand_in(clerk, workbook([row(1)], above=6)).text) == (1, 0, 0, 0)


def test_who_may_take_rows_in(world: World, clerk: Browser) -> None:
    assert hand_in(clerk, workbook([row(1)]), unit="NY").status_code == 422  # not theirs
    assert hand_in(clerk, workbook([row(1)]), unit="").status_code == 422
    assert signed_in(world, "fangzm").get("/ledgers/dispute/import").status_code == 404
    template = clerk.get("/ledgers/dispute/import/template")
    table = CalamineWorkbook.from_filelike(io.BytesIO(template.content)).get_sheet_by_index(0).to_python()
    assert set(HEADS) - {"状态"} <= set(table[2])
    assert _("从第四行起填，一行一件") in str(table[1])
