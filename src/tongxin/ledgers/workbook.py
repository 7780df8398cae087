"""A spreadsheet somebody hands in: whatever it is, it becomes a table of texts or a message that says what to do."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import python_calamine
from python_calamine import CalamineWorkbook

from tongxin.words import _

LARGEST = 5_000_000  # bytes
LARGEST_UNPACKED = 120_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 200
_HEADS = 10  # the headings stand in one of the first rows
_LONGEST = 4_000  # characters of a cell


class Unreadable(Exception):
    """The file cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number as the spreadsheet counts, and its texts by heading."""

    number: int
    cells: dict[str, str]


def read(data: bytes, key: str) -> tuple[list[str], list[Line]]:
    """The headings, and the rows below them that hold anything. `key`: a heading there must be. Raises Unreadable."""
    _refuse_strange(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        table = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise Unreadable(_("打不开这个表格。请用 Excel 或 WPS 另存为 .xlsx，不要加密，再传。")) from error
    if len(table) > MOST_ROWS + _HEADS:
        raise Unreadable(_("表格太长，一次最多 {most} 行。请分成几个再传。", most=MOST_ROWS))
    for number, row in enumerate(table[:_HEADS]):
        heads = [_text(one) for one in row[:MOST_COLUMNS]]
        if key in heads:
            return [one for one in heads if one], _lines(heads, table[number + 1 :], number + 2)
    raise Unreadable(_("前 {n} 行里没有“{key}”这一列的表头。请用模板，或改好表头再传。", n=_HEADS, key=key))


def _refuse_strange(data: bytes) -> None:
    if len(data) > LARGEST:
        raise Unreadable(_("表格太大，请控制在 5 MB 以内，或分成几个再传。"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        raise Unreadable(_("这不是 .xlsx 表格，或者加了密。请用 Excel 或 WPS 另存为 .xlsx，不要加密，再传。")) from None
    if size > LARGEST_UNPACKED:
        raise Unreadable(_("表格里的内容太多。请删去多余的工作表和图片，再传。"))


def _lines(heads: Sequence[str], rows: Sequence[Sequence[object]], first: int) -> list[Line]:
    found = []
    for number, row in enumerate(rows, first):
        cells = {head: _text(one) for head, one in zip(heads, row, strict=False) if head}
        if any(cells.values()):
            found.append(Line(number, cells))
    return found


def _text(value: object) -> str:
    """A cell as somebody would have typed it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return " ".join(str(value).replace("\0", "").split())[:_LONGEST] if value is not None else ""
