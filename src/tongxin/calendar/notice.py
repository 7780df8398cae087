"""A year's days off as the State Council's notice writes them, read and written.

    一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。

What stands in brackets, and 共…天, is left out; a line without 放假 or 上班 is no holiday's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tongxin.calendar.days_off import Year
from tongxin.words import _

LONGEST = 20_000
_LONGEST_HOLIDAY = 31  # days; more is a slip of the pen
_NUMBERED = re.compile(r"^\s*[（(]?[一二三四五六七八九十0-9]+[）)、.．]\s*")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_NAME = re.compile(r"^\s*([^：:，。]{1,40})[：:]\s*(.*)$", re.S)
_DAY = r"(?:(?:([0-9]{4})年)?([0-9]{1,2})月)?([0-9]{1,2})日"
_SPAN = re.compile(rf"{_DAY}(?:\s*(?:至|到|—|–|-|~|～)\s*{_DAY})?")
_SATURDAY = 5
_NEAR = timedelta(days=20)  # a worked weekend belongs to a holiday about so far from it


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, and what was not: each problem names its line, from 1."""

    year: Year
    problems: tuple[tuple[int, str], ...]


def read(text: str, year: int) -> Read:
    """A notice's lines as the days of one year. Raises nothing: what cannot be read is a problem of its line."""
    off: dict[date, str] = {}
    working: set[date] = set()
    problems: list[tuple[int, str]] = []
    if len(text) > LONGEST:
        return Read(Year(year, {}, frozenset()), ((1, _("文字太长，最多 {most} 字", most=LONGEST)),))
    for number, line in enumerate(text.splitlines(), 1):
        try:
            for name, days, is_off in _line(line, year):
                if is_off:
                    off |= dict.fromkeys(days, name)
                else:
                    working |= set(days)
        except ValueError as problem:
            problems.append((number, str(problem)))
    problems += [(0, _("{day} 又放假又上班", day=day)) for day in sorted(off.keys() & working)]
    if not off and not problems:
        problems.append((0, _("没有读到放假的日子，请按通知的写法一行写一个节日")))
    inside = {day: name for day, name in sorted(off.items()) if day.year == year}
    return Read(Year(year, inside, frozenset(day for day in working if day.year == year)), tuple(problems))


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


def _line(line: str, year: int) -> Iterator[tuple[str, list[date], bool]]:
    plain = _BRACKETS.sub("", line).strip()
    if "放假" not in plain and "上班" not in plain:
        return
    named = _NAME.match(_NUMBERED.sub("", plain))
    if named is None and not _SPAN.search(plain):
        return  # what a notice says before and after
    if named is None:
        raise ValueError(_("开头要写节日的名称和冒号，例如 元旦："))
    name = named[1].strip()
    last: tuple[int, int | None] = (year, None)
    for sentence in re.split(r"[。；;]", named[2]):
        is_off, works = "放假" in sentence, "上班" in sentence
        if not (is_off or works):
            continue
        days, last = _days(re.split("放假|上班", sentence)[0], last)
        if not days:
            raise ValueError(_("没有读到日期：{text}", text=sentence.strip()[:40]))
        if works and (wrong := [day for day in days if day.weekday() < _SATURDAY]):
            raise ValueError(_("{day} 不是周末，本来就上班", day=wrong[0]))
        yield name, days, is_off


def _days(text: str, last: tuple[int, int | None]) -> tuple[list[date], tuple[int, int | None]]:
    found: list[date] = []
    year, month = last
    for match in _SPAN.finditer(text):
        first, (year, month) = _date(match.group(1, 2, 3), year, month)
        end = first
        if match[6]:
            end, (year, month) = _date(match.group(4, 5, 6), year, month)
        if not 0 <= (end - first).days < _LONGEST_HOLIDAY:
            raise ValueError(_("从 {first} 到 {last} 不像一个假期", first=first, last=end))
        found += [first + timedelta(days=offset) for offset in range((end - first).days + 1)]
    return found, (year, month)


def _date(parts: tuple[str | None, ...], year: int, month: int | None) -> tuple[date, tuple[int, int | None]]:
    given_year, given_month, day = parts
    year = int(given_year) if given_year else year
    month = int(given_month) if given_month else month
    if month is None:
        raise ValueError(_("日期要写月份，例如 1月1日"))
    try:
        return date(year, month, int(day or 0)), (year, month)
    except ValueError:
        raise ValueError(_("没有 {month}月{day}日 这一天", month=month, day=day)) from None


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
