"""The calendar's page: a notice looked at, published, corrected; what is wrong is said beside it, nothing is lost."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.callers import signed_in
from tests.cases.history import open_tasks
from tests.commands import Command
from tests.fixtures import Clock, World
from tests.orders import open_order
from tests.procedures.packages import publish
from tests.workdays.test_keeping import limited
from tongxin import calendar, clock

HERE = "/monitor/calendar/2027"
NOTICE = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日（周六）上班。"


@pytest.fixture(autouse=True)
def _own_calendar(still: Clock) -> Iterator[None]:
    yield
    calendar.use(None)


def test_a_notice_is_looked_at_before_it_is_published(world: World, still: Clock) -> None:
    publish(world, limited("add working days(now(), 5)"))
    still.at = datetime(2026, 12, 28, 9, 0, tzinfo=clock.LOCAL)
    order = open_order(world)
    admin = signed_in(world, "admin")
    looked = admin.post(HERE, {"notice": NOTICE, "do": "look"}).text
    for said in (
        "读到的是这些",
        "1月1–3日，3 天",
        "1月9日（周六）",
        "1 件在办的事要重算期限",
        order.code,
        "核实：2027年1月4日",
    ):
        assert said in looked, said
    assert 2027 not in calendar.current().years
    answer = admin.post(HERE, {"notice": NOTICE, "do": "publish"})
    assert "1 件事的期限正在重算" in admin.get(answer.headers["location"]).text
    assert 2027 in calendar.current().years
    (task,) = open_tasks(world, open_order(world))
    assert (task.derivation or {})["provisional"] is False
    page = admin.get("/monitor/calendar?year=2027").text
    assert "已公布" in page
    assert "元旦：1月1日至1月3日放假。1月9日上班。" in page
    assert "公布 2027 年的节假日" in page


@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        ("", {"notice": "元旦：1月5日上班。"}, "第 1 行：2027-01-05 不是周末"),
        ("", {"notice": ""}, "没有读到放假的日子"),
        ("", {"notice": "国务院办公厅关于2026年部分节假日安排的通知\n元旦：1月1日放假。"}, "这是 2026 年的安排"),
        ("/hours", {"hours": "9-12"}, "上班时间要写成"),
        ("/hours", {"hours": "09:00+08:00-12:00"}, "上班时间要写成"),
        ("/hours", {"hours": "09:00-12:00-13:00"}, "上班时间要写成"),
        ("/hours", {"hours": "13:00-12:00"}, "从早到晚"),
        ("/hours", {"hours": ""}, "从早到晚"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world: World, path: str, sent: dict[str, str], said: str) -> None:
    admin = signed_in(world, "admin")
    answer = admin.post(HERE + path, sent)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert all(value in answer.text for value in sent.values())
    assert calendar.current().years == frozenset(calendar.library_years())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2027-01-01", "works": "off", "name": "停电"}, "请选 2026 年的一天"),
        ({"day": "x", "works": "off", "name": "停电"}, "请选 2026 年的一天"),
        ({"day": "2026-03-03", "works": "", "name": "停电"}, "请选这一天放假还是上班"),
        ({"day": "2026-03-03", "works": "off", "name": " "}, "请写放的是什么假"),
        ({"day": "2026-03-03", "works": "off", "name": "停电：东区"}, "名称里不要有冒号"),
        ({"day": "2026-03-03", "works": "work", "name": "停电"}, "本来就上班"),
    ],
)
def test_what_is_wrong_with_one_day(world: World, sent: dict[str, str], said: str) -> None:
    admin = signed_in(world, "admin")
    answer = admin.post("/monitor/calendar/2026/day", {**sent, "do": "save"})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert all(value in answer.text for value in sent.values())
    assert calendar.current().off == calendar.made_of("", map(calendar.library_year, calendar.library_years())).off


def test_one_day_is_looked_at_before_it_is_changed(world: World, still: Clock) -> None:
    publish(world, limited("working days(now(), 5)"))
    still.at = datetime(2026, 3, 2, 9, 0, tzinfo=clock.LOCAL)
    order = open_order(world)
    admin, here = signed_in(world, "admin"), "/monitor/calendar/2026/day"
    sent = {"day": "2026-03-03", "works": "off", "name": "停电"}
    looked = admin.post(here, {**sent, "do": "look"}).text
    for said in (
        "3月3日（周二）：上班 → 放假（停电）",
        "1 件在办的事要重算期限",
        "1 个期限会变",
        order.code,
        "3月9日 23:59 → 3月10日 23:59",
        'name="day" value="2026-03-03"',
    ):
        assert said in looked, said
    assert date(2026, 3, 3) not in calendar.current().off
    answer = admin.post(here, {**sent, "do": "save"})
    assert "1 件事的期限正在重算" in admin.get(answer.headers["location"]).text
    assert calendar.current().off[date(2026, 3, 3)] == "停电"


def test_days_of_ones_own_that_a_notice_leaves_out_are_shown(world: World) -> None:
    admin = signed_in(world, "admin")
    admin.post(HERE, {"notice": f"{NOTICE}\n停电：3月1日放假。", "do": "publish"})
    looked = admin.post(HERE, {"notice": NOTICE, "do": "look"}).text
    assert "3月1日（周一）：放假（停电） → 上班" in looked


def test_a_year_not_published_has_no_days_of_its_own(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "只改一天" not in admin.get("/monitor/calendar?year=2027").text
    assert "只改一天" in admin.get("/monitor/calendar?year=2026").text
    answer = admin.post(f"{HERE}/day", {"day": "2027-03-01", "works": "off", "name": "停电", "do": "save"})
    assert (answer.status_code, "请先公布这一年" in answer.text) == (422, True)
    assert 2027 not in calendar.current().years


def test_the_office_hours(world: World) -> None:
    admin = signed_in(world, "admin")
    admin.post(f"{HERE}/hours", {"hours": "08:30-12:00 14:00–18:00"})
    assert 'value="08:30-12:00 14:00-18:00"' in admin.get("/monitor/calendar?year=2027").text


@pytest.mark.parametrize("path", ["/monitor/calendar?year=1900", "/monitor/calendar?year=99999999"])
def test_years_far_off_are_not_there(world: World, path: str) -> None:
    assert signed_in(world, "admin").get(path).status_code == 404
    assert signed_in(world, "zhanglan").get("/monitor/calendar").status_code == 404
    assert signed_in(world, "admin").post("/monitor/calendar/1900/day", {}).status_code == 404


def test_the_operator_passes_a_year_on(world: World, tongxin: Command, tmp_path: Path) -> None:
    url, file = world.database.app_url, tmp_path / "2027.txt"
    assert tongxin(url, "calendar", "show", "2027")[0] == 1
    file.write_text(NOTICE, "utf-8")
    assert tongxin(url, "calendar", "publish", "2027", str(file)) == (
        0,
        "已公布 2027 年的节假日，0 件事的期限将重算。\n",
    )
    status, written = tongxin(url, "calendar", "show", "2027")
    assert (status, written) == (0, "元旦：1月1日至1月3日放假。1月9日上班。\n")
    file.write_text("元旦：1月5日上班。", "utf-8")
    status, said = tongxin(url, "calendar", "publish", "2027", str(file))
    assert (status, "不是周末" in said) == (1, True)
    file.write_bytes(b"\xff\xfe")
    assert "不是 UTF-8" in tongxin(url, "calendar", "publish", "2027", str(file))[1]
