"""A year's days off as the notice writes them: read, written, and what cannot be read is said by its line."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin import calendar
from tongxin.calendar import Year, notice

WRITTEN = """各省、自治区、直辖市人民政府：
现将元旦、春节等放假调休日期通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
"""


def test_a_whole_notice_is_the_library_s_year() -> None:
    read = notice.read(WRITTEN, 2026)
    assert read.problems == ()
    library = calendar.library_year(2026)
    assert (set(read.year.off), read.year.working) == (set(library.off), library.working)
    assert read.year.off[date(2026, 4, 5)] == "清明节"


@pytest.mark.parametrize("year", calendar.library_years())
def test_what_is_written_is_read_again(year: int) -> None:
    whole = calendar.library_year(year)
    again = notice.read(notice.written(whole), year)
    assert (again.problems, again.year) == ((), whole)


@given(
    st.dictionaries(st.integers(0, 364), st.sampled_from(["春节", "中秋", "本地节"]), min_size=1, max_size=20),
    st.sets(st.integers(0, 364), max_size=8),
)
def test_any_year_is_read_again(off: dict[int, str], worked: set[int]) -> None:
    days = {date(2027, 1, 1) + timedelta(days=at): name for at, name in off.items()}
    working = {day for at in worked if (day := date(2027, 1, 1) + timedelta(days=at)).weekday() > 4}
    year = Year(2027, dict(sorted(days.items())), frozenset(working - days.keys()))
    again = notice.read(notice.written(year), 2027)
    assert (again.problems, again.year) == ((), year)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1月1日放假", "开头要写节日的名称和冒号"),
        ("元旦：放假。", "没有读到日期"),
        ("元旦：1日放假。", "日期要写月份"),
        ("元旦：2月30日放假。", "没有 2月30日 这一天"),
        ("元旦：1月3日至1月1日放假。", "不像一个假期"),
        ("元旦：1月1日放假。1月5日上班。", "不是周末"),
        ("元旦：1月2日放假。1月2日上班。", "又放假又上班"),
        ("今年没有安排", "没有读到放假的日子"),
        ("元旦：1月1日（周四）至3日（周六）放假，共3天。", "2027-01-01 是周五，不是周四"),  # last year's notice
        ("元旦：1月1日至3日（星期一）放假。", "2027-01-03 是周日，不是周一"),
        ("元旦：1月1日至3日放假，共4天。", "写的是 4 天，读到的是 3 天"),
        ("元旦：2026年1月1日放假。", "这是 2026 年的安排，不是 2027 年的"),
        ("国务院办公厅关于2026年部分节假日安排的通知\n元旦：1月1日放假。", "这是 2026 年的安排，不是 2027 年的"),
        ("元旦：" + "1月1日、" * 9000 + "放假", "文字太长"),
    ],
)
def test_what_cannot_be_read_is_said(line: str, said: str) -> None:
    read = notice.read("\n" + line, 2027)
    assert any(said in problem for _line, problem in read.problems), read.problems


@pytest.mark.parametrize(
    "text",
    [
        "一、元旦：1月1日（周五）至3日（周日）放假，共3天。二、校庆：3月1日放假。1月9日（周六）上班。",  # one line
        "一、元旦：1月1日（周五）至\n3日（周日）放假，共3天。\n1月9日（周六）上班。\n二、校庆：3月1日放假。",  # wrapped
        "元旦：１月１日至３日放假，共３天。１月９日上班。\n校庆：３月１日放假",  # wide digits
        "一、 元旦： 1 月 1 日（星期五）至 3 日放假，共 3 天。 1 月 9 日上班。\n二、校庆：3 月 1 日放假",
        "元旦：2027年1月1日至3日放假。1月9日上班。\n校庆：3月1日放假1天\n国务院办公厅\n2026年11月4日",
    ],
)
def test_however_it_was_copied(text: str) -> None:
    new_year = dict.fromkeys((date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)), "元旦")
    read = notice.read(text, 2027)
    assert (read.problems, read.year) == (
        (),
        Year(2027, {**new_year, date(2027, 3, 1): "校庆"}, frozenset({date(2027, 1, 9)})),
    )


def test_days_of_another_year_are_told() -> None:
    read = notice.read("元旦：2026年12月31日至2027年1月2日放假调休，共3天。", 2027)
    assert (read.problems, sorted(read.year.off)) == ((), [date(2027, 1, 1), date(2027, 1, 2)])
    assert read.elsewhere == (date(2026, 12, 31),)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("三月三", True),
        ("高温放假", True),
        ("停电：东区", False),
        ("校庆（本地）", False),
        ("三、校庆", False),
        ("停，电", False),
    ],
)
def test_names_that_are_read_again(name: str, fits: bool) -> None:
    assert notice.keeps_name(name) is fits


@given(st.text(max_size=200))
def test_nothing_is_raised_whatever_is_written(text: str) -> None:
    notice.read(text, 2027)
    notice.read(f"节：{text}放假。{text}上班。", 2027)


@pytest.mark.parametrize(
    ("line", "off", "working"),
    [
        ("国庆节：10月3日至4日放假，10月10日上班。", [(10, 3), (10, 4)], [(10, 10)]),
        ("元旦：1月1日（周四）至3日（周六）放假调休，共3天，1月4日（周日）上班。", [(1, 1), (1, 2), (1, 3)], [(1, 4)]),
        ("元旦：1月4日上班，1月1日放假1天。", [(1, 1)], [(1, 4)]),
    ],
)
def test_one_sentence_may_say_both(line: str, off: list[tuple[int, int]], working: list[tuple[int, int]]) -> None:
    found = notice.read(line, 2026)
    assert found.problems == ()
    assert set(found.year.off) == {date(2026, *day) for day in off}
    assert found.year.working == {date(2026, *day) for day in working}


def test_days_of_which_nothing_is_said_are_no_silence() -> None:
    found = notice.read("元旦：1月1日放假，1月4日补休。", 2026)
    assert found.problems == ((1, "没有读懂：，1月4日补休"),)
