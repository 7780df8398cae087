"""Ledgers of 20,000 rows: a page, its searches and sums, out to a spreadsheet, and rows taken in; in ms."""

import io
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from tongxin import clock, config, db, demo, migrate, postgres
from tongxin.ledgers import exporting, intake, pages
from tongxin.ledgers.reading import Filters
from tongxin.people import directory, identity
from tongxin.people.identity import Person
from tongxin.people.models import Account
from tongxin.procedures import catalogue, package
from tongxin.procedures.definition import Definition

ROWS = 20_000
TAKEN = 500
RESULTS = Path("var") / "bench.jsonl"
HEADS = ("编号", "纠纷名称", "发生日期", "类别", "来源", "规模", "涉及人数", "状态", "登记日期", "化解日期", "地点")
ASKED = {
    "first page": "",
    "last page": "page=399",
    "sorted by a column": "sort=人数",
    "one kind": "column=类别&value=邻里",
    "words, few found": "q=第 7 件",
    "words, none found": "q=没有这样的",
    "open ones of a month": "status=open&since=2026-02-01&until=2026-02-28",
}
_MANY = """
INSERT INTO cases ({names}) SELECT {values} FROM
(SELECT cases.*, n FROM cases, generate_series(2, {times}) n) AS one
"""


def main() -> None:
    """Take some in, multiply them, ask for them in each way."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TONGXIN_HOME": folder, "TONGXIN_DEMO": "1"}
        with postgres.ensure(Path(folder)) as server:
            database = db.connect(server.owner_url, pool_size=1)
            measured = _measured(database)
            database.dispose()
    print(f"\n{f'ms with {ROWS:,} rows in the ledger':40}")
    for name, took in measured.items():
        print(f"{name:40}{took:>10}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as lines:
        lines.write(json.dumps({"ledgers": measured}, ensure_ascii=False) + "\n")


def _measured(database: Engine) -> dict[str, float]:
    migrate.upgrade(database)
    with db.transaction(database) as session:
        demo.load(session)
        for name in ("dispute", "supervision"):
            catalogue.publish_folder_package(session, package.read_folder(config.PROJECT / "processes" / name))
    found = {}
    with Session(database) as session:
        definition, clerk = catalogue.current(session, "dispute"), _person(session, "zhanglan")
        unit = directory.unit_by_code(session, "YY")

        def taken(look: bool) -> Callable[[], Any]:
            return lambda: intake.take(session, definition, _sheet(), unit, clerk.actor, look=look)

        found[f"look at {TAKEN} rows"] = _once(taken(look=True))
        found[f"take {TAKEN} rows in"] = _once(taken(look=False))
        session.commit()
        _multiply(session)
        found[f"look at {TAKEN} known rows"] = _once(taken(look=True))
        found |= _asked(session, definition, clerk)
    return found


def _asked(session: Session, definition: Definition, clerk: Person) -> dict[str, float]:
    found = {}
    for name, query in ASKED.items():
        filters = Filters.read(dict(part.split("=", 1) for part in query.split("&") if part))
        found[name] = min(_once(lambda asked=filters: pages.show(session, clerk, definition, asked)) for _ in range(3))
    found["how many stand in each ledger"] = min(_once(lambda: pages.index(session, clerk)) for _ in range(3))
    found["all of it to a spreadsheet"] = _once(
        lambda: exporting.export(session, clerk, definition, Filters.read({}), clock.now())
    )
    return found


def _person(session: Session, login: str) -> Person:
    account = session.exec(select(Account).where(col(Account.login) == login)).one()
    person = identity.by_account(session, account.id, clock.now())
    assert person is not None  # one of the demo's
    return person


def _sheet() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        for number in range(1, TAKEN + 1):
            closed = number % 9 > 1
            row = (
                f"老{number}",
                f"第 {number} 件",
                "2025-11-02",
                "邻里" if number % 3 else "物业",
                "群众上报",
                "个体性",
            )
            ended = ("已化解" if closed else "正在化解", "2025-11-03", "2025-11-20" if closed else "")
            sheet.write_row(number, 0, (*row, 2 + number % 7, *ended, "怡园小区2号楼"))
    return held.getvalue()


def _multiply(session: Session) -> None:
    """Each case as often as it takes to reach ROWS; only the ledger reads them."""
    columns = session.execute(text("SELECT column_name FROM information_schema.columns WHERE table_name = 'cases'"))
    other = {
        "id": "id + n * 10000000",
        "code": "code || n",
        "once": "NULL",
        "link_hash": "NULL",
        "opened_at": "opened_at + n * interval '3 days'",
    }
    names = [name for (name,) in columns]
    values = ", ".join(other.get(name, f"one.{name}") for name in names)
    session.execute(text(_MANY.format(names=", ".join(names), values=values, times=ROWS // TAKEN)))
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


def _once(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return round((time.perf_counter() - started) * 1e3, 1)


if __name__ == "__main__":
    main()
