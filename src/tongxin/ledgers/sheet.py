"""A ledger as a spreadsheet: styled, with who took it out and when on every page, nothing in it that runs."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

import xlsxwriter
from PIL import Image, ImageDraw

from tongxin.ledgers.cells import Cell
from tongxin.words import _

LONGEST_CELL = 32_000  # characters a spreadsheet takes
_WIDEST, _NARROWEST = 46, 9


@dataclass(frozen=True, slots=True)
class Mark:
    """Who takes it out and when; `login` and the moment also stand faintly behind the cells."""

    name: str
    login: str
    unit: str
    at: datetime

    @property
    def line(self) -> str:
        """One line of it."""
        return _("{name}（{unit}）{time} 导出", name=self.name, unit=self.unit, time=f"{self.at:%Y-%m-%d %H:%M}")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the table."""

    title: str
    about: str
    columns: Sequence[str]


def write(
    head: Head, rows: Iterable[Sequence[Cell]], totals: Mapping[str, Decimal], about: frozenset[str], mark: Mark
) -> bytes:
    """The file's content. `totals`: by column; `about`: of which of them some are about so many."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        book.set_properties({"title": head.title, "author": mark.name, "comments": mark.line})
        sheet = book.add_worksheet(head.title[:31].translate(str.maketrans("[]:*?/\\", "       ")).strip("' ") or "1")
        looks = _looks(book)
        sheet.merge_range(0, 0, 0, max(len(head.columns) - 1, 1), head.title, looks["title"])
        sheet.merge_range(1, 0, 1, max(len(head.columns) - 1, 1), f"{head.about}  {mark.line}", looks["about"])
        widths = [_width(name) for name in head.columns]
        for column, name in enumerate(head.columns):
            sheet.write_string(2, column, name, looks["head"])
        last = 2
        for last, row in enumerate(rows, 3):
            for column, one in enumerate(row):
                _put(sheet, last, column, one, looks)
                widths[column] = max(widths[column], _width(one.text))
        if totals:
            _sums(sheet, last + 1, head.columns, totals, about, looks)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST))
        _dress(sheet, head, last, mark)
    return held.getvalue()


def _looks(book: xlsxwriter.Workbook) -> dict[str, xlsxwriter.format.Format]:
    font = {"font_name": "宋体", "font_size": 11}
    frame = {"border": 1, "border_color": "#c8d0d0", "valign": "top", "text_wrap": True, **font}
    head = {**frame, "bold": True, "bg_color": "#e3efee", "align": "center", "valign": "vcenter"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16, "align": "center", "font_name": "宋体"}),
        "about": book.add_format({"font_color": "#5a6666", "font_size": 10, "align": "center", "font_name": "宋体"}),
        "head": book.add_format(head),
        "text": book.add_format(frame),
        "number": book.add_format({**frame, "num_format": "#,##0.##########", "align": "right"}),
        "whole": book.add_format({**frame, "num_format": "#,##0", "align": "right"}),
        "about_number": book.add_format({**frame, "num_format": '#,##0"余"', "align": "right"}),
        "day": book.add_format({**frame, "num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({**frame, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "sum": book.add_format({**frame, "bold": True, "bg_color": "#f2f6f6", "num_format": "#,##0.##########"}),
        "about_sum": book.add_format({**frame, "bold": True, "bg_color": "#f2f6f6", "num_format": '#,##0"余"'}),
    }


def _put(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    one: Cell,
    looks: Mapping[str, xlsxwriter.format.Format],
) -> None:
    value = one.value
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), looks["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time()), looks["day"])
    elif isinstance(value, Decimal) and abs(value) < 10**15:
        look = "about_number" if one.about else "whole" if value == value.to_integral() else "number"
        sheet.write_number(row, column, float(value), looks[look])
    else:  # whatever a cell begins with, it is text
        sheet.write_string(row, column, _clean(one.text), looks["text"])


def _sums(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    columns: Sequence[str],
    totals: Mapping[str, Decimal],
    about: frozenset[str],
    looks: Mapping[str, xlsxwriter.format.Format],
) -> None:
    for column, name in enumerate(columns):
        if name in totals:
            sheet.write_number(row, column, float(totals[name]), looks["about_sum" if name in about else "sum"])
        else:
            sheet.write_string(row, column, _("合计") if column == 0 else "", looks["sum"])


def _dress(sheet: xlsxwriter.worksheet.Worksheet, head: Head, last: int, mark: Mark) -> None:
    """For the screen and for paper: frozen head, filter, landscape, who took it out on every page."""
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, max(last, 3), max(len(head.columns) - 1, 0))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    said = mark.line.replace("&", "&&")
    sheet.set_header(f"&C&10{said}")
    sheet.set_footer(f"&L&9{said}&R&9&P / &N")
    sheet.set_background(io.BytesIO(_behind(mark)))


def _behind(mark: Mark) -> bytes:
    """A faint picture of who and when, as the screen shows it behind the cells; letters any system has."""
    picture = Image.new("RGB", (420, 260), "white")
    layer = Image.new("L", picture.size, 0)
    said = f"{mark.login}  {mark.at:%Y-%m-%d %H:%M}"
    ImageDraw.Draw(layer).text((60, 120), said, fill=46, font_size=20)
    picture.paste(Image.new("RGB", picture.size, "#4a6b6b"), mask=layer.rotate(24, fillcolor=0))
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


def _width(text: str) -> int:
    """How wide a text is, in characters of a spreadsheet."""
    longest = (max(text.split("\n"), key=len) if "\n" in text else text)[:80]
    return (len(longest) if longest.isascii() else sum(2 if one > "\u2e7f" else 1 for one in longest)) + 2


def _clean(text: str) -> str:
    """What a spreadsheet can hold."""
    text = text[:LONGEST_CELL]
    return text if text.isprintable() else "".join(one for one in text if one >= " " or one in "\n\t")
