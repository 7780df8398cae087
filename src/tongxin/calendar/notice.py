"""A year's days off as the State Council's notice writes them, read and written.

    一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。

What stands in brackets is left out, but for days of the week; these and 共…天 have to be right. A line without 放假 or
上班 is no holiday's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tongxin.calendar.days_off import Year
from tongxin.words import N_, _

LONGEST = 20_000
_LONGEST_HOLIDAY = 31  # days; more is a slip of the pen
_NUMBERED = re.compile(r"^\s*[（(]?[一二三四五六七八九十0-9]+[）)、.．]\s*")
_NEXT = re.compile(
    r"(?<=[。；;])\s*(?=[一二三四五六七八九十]+、[^：:，。]{1,40}[：:])"
)  # a holiday on the line of another
_BRACKETS = re.compile(r"[（(]([^（）()]*)[）)]")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_NAME = re.compile(r"^\s*([^：:，。]{1,40})[：:]\s*(.*)$", re.S)
_DAY = r"(?:(?:([0-9]{4})年)?([0-9]{1,2})月)?([0-9]{1,2})日(?:（周(.)）)?"
_SPAN = re.compile(rf"{_DAY}(?:\s*(?:至|到|—|–|-|~|～)\s*{_DAY})?")
_MORE = re.compile(rf"[，,、]\s*{_DAY}")  # a date of which nothing is said
_HOW_MANY = re.compile(r"(?:共|放假)\s*([0-9]+)\s*天")
_OF_YEAR = re.compile(r"([0-9]{4})\s*年[^。，；：月]{0,8}节假日")  # the notice's title
_APART = re.compile(r"(?<=[0-9])[ \u3000]+(?=[年月日])|(?<=[年月日至到：共])[ \u3000]+(?=[0-9])")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_WEEK = "一二三四五六日"
_WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_SATURDAY = 5
_NEAR = timedelta(days=20)  # a worked weekend belongs to a holiday about so far from it


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, and what was not: each problem names its line, from 1 (0: the whole).

    `elsewhere`: days of the notice that are of another year, so they are not in this one.
    """

    year: Year
    problems: tuple[tuple[int, str], ...]
    elsewhere: tuple[date, ...] = ()


def read(text: str, year: int) -> Read:
    """A notice's lines as the days of one year. Raises nothing: what cannot be read is a problem of its line."""
    off: dict[date, str] = {}
    working: set[date] = set()
    problems: list[tuple[int, str]] = []
    if len(text) > LONGEST:
        return Read(Year(year, {}, frozenset()), ((1, _("文字太长，最多 {most} 字", most=LONGEST)),))
    for number, line in _paragraphs(text):
        try:
            for name, days, is_off in _line(line, year):
                if is_off:
                    off |= dict.fromkeys(days, name)
                else:
                    working |= set(days)
        except ValueError as problem:
            problems.append((number, str(problem)))
    problems += [(0, _("{day} 又放假又上班", day=day)) for day in sorted(off.keys() & working)]
    inside = {day: name for day, name in sorted(off.items()) if day.year == year}
    elsewhere = sorted(day for day in off.keys() | working if day.year != year)
    if not problems:
        problems += [(0, problem) for problem in _of_the_whole(text, year, off, inside)]
    kept = Year(year, inside, frozenset(day for day in working if day.year == year))
    return Read(kept, tuple(problems), tuple(elsewhere))


def keeps_name(name: str) -> bool:
    """Whether a holiday of this name is read again as it was written."""
    whole = Year(2027, {date(2027, 3, 1): name}, frozenset())
    again = read(written(whole), 2027)
    return not again.problems and again.year == whole


def written(year: Year) -> str:
    """A year's days in the notice's words; `read` gives the same year again."""
    lines, left = [], sorted(year.working)
    for name, first, last in spans(year.off):
        near = [day for day in left if first - _NEAR <= day <= last + _NEAR]
        left = [day for day in left if day not in near]
        at = _said(first) if first == last else f"{_said(first)}至{_said(last)}"
        lines.append(f"{name}：{at}放假。" + (f"{'、'.join(map(_said, near))}上班。" if near else ""))
    if left:
        lines.append(f"调休：{'、'.join(map(_said, left))}上班。")
    return "\n".join(lines)


def _of_the_whole(text: str, year: int, off: Mapping[date, str], inside: Mapping[date, str]) -> Iterator[str]:
    others = {int(found) for found in _OF_YEAR.findall(text.translate(_DIGITS))}
    if not off:
        yield _("没有读到放假的日子，请按通知的写法一行写一个节日")
    elif not inside or (others and year not in others):
        written = min(others) if others else min(off).year
        yield _("这是 {written} 年的安排，不是 {year} 年的", written=written, year=year)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Each holiday with the number of its first line; copied text may have it on several, or several on one."""
    number, holiday = 0, ""
    for at, raw in enumerate(text.splitlines(), 1):
        line = _BRACKETS.sub(_weekday_only, _APART.sub("", raw.translate(_DIGITS))).strip()
        goes_on = not holiday.endswith(("。", "；", ";")) or (_SPAN.search(line) and _says(line))
        if holiday and line and goes_on and not _NAME.match(line):
            holiday += line
            continue
        yield from ((number, one) for one in _NEXT.split(holiday))
        number, holiday = at, line
        if not (_NAME.match(line) and _SPAN.search(line)):
            yield number, holiday
            holiday = ""
    yield from ((number, one) for one in _NEXT.split(holiday))


def _weekday_only(bracket: re.Match[str]) -> str:
    found = _WEEKDAY.search(bracket[1])
    return f"（周{found[1].replace('天', '日')}）" if found else ""


def _says(text: str) -> bool:
    return "放假" in text or "上班" in text


def _line(plain: str, year: int) -> Iterator[tuple[str, list[date], bool]]:
    if not _says(plain):
        return
    named = _NAME.match(_NUMBERED.sub("", plain))
    if named is None and not _SPAN.search(plain):
        return  # what a notice says before and after
    if named is None:
        raise ValueError(_("开头要写节日的名称和冒号，例如 元旦："))
    name = named[1].strip()
    last: tuple[int, int | None] = (year, None)
    for sentence in re.split(r"[。；;]", named[2]):
        if not _says(sentence):
            continue
        before, *said = re.split("(放假|上班)", sentence)
        for verb, after in zip(said[::2], said[1::2], strict=True):
            days, last = _days(before, last)
            if not days:
                raise ValueError(_("没有读到日期：{text}", text=sentence.strip()[:40]))
            if verb == "放假":
                _must_be_so_many(verb + after, days)
            elif wrong := [day for day in days if day.weekday() < _SATURDAY]:
                raise ValueError(_("{day} 不是周末，本来就上班", day=wrong[0]))
            yield name, days, verb == "放假"
            before = after
        if _MORE.search(before):
            raise ValueError(_("没有读懂：{text}", text=before.strip()[:40]))


def _must_be_so_many(sentence: str, days: list[date]) -> None:
    said = _HOW_MANY.search(sentence)
    if said and int(said[1]) != len(days):
        raise ValueError(_("写的是 {said} 天，读到的是 {read} 天", said=said[1], read=len(days)))


def _days(text: str, last: tuple[int, int | None]) -> tuple[list[date], tuple[int, int | None]]:
    found: list[date] = []
    year, month = last
    for match in _SPAN.finditer(text):
        first, (year, month) = _date(match.group(1, 2, 3, 4), year, month)
        end = first
        if match[7]:
            end, (year, month) = _date(match.group(5, 6, 7, 8), year, month)
        if not 0 <= (end - first).days < _LONGEST_HOLIDAY:
            raise ValueError(_("从 {first} 到 {last} 不像一个假期", first=first, last=end))
        found += [first + timedelta(days=offset) for offset in range((end - first).days + 1)]
    return found, (year, month)


def _date(parts: tuple[str | None, ...], year: int, month: int | None) -> tuple[date, tuple[int, int | None]]:
    given_year, given_month, number, weekday = parts
    year = int(given_year) if given_year else year
    month = int(given_month) if given_month else month
    if month is None:
        raise ValueError(_("日期要写月份，例如 1月1日"))
    try:
        day = date(year, month, int(number or 0))
    except ValueError:
        raise ValueError(_("没有 {month}月{day}日 这一天", month=month, day=number)) from None
    if weekday and _WEEK[day.weekday()] != weekday:
        is_, said = (_(_WEEKDAYS[number]) for number in (day.weekday(), _WEEK.index(weekday)))
        raise ValueError(_("{day} 是{is_}，不是{said}，请核对是不是这一年的", day=day, is_=is_, said=said))
    return day, (year, month)


def spans(off: Mapping[date, str]) -> Iterator[tuple[str, date, date]]:
    """Each holiday's name, first and last day, in order; days that do not follow each other are spans of their own."""
    items = sorted(off.items())
    at = 0
    while at < len(items):
        end = at
        while end + 1 < len(items) and items[end + 1] == (items[end][0] + timedelta(days=1), items[at][1]):
            end += 1
        yield items[at][1], items[at][0], items[end][0]
        at = end + 1


def _said(day: date) -> str:
    return f"{day.month}月{day.day}日"
