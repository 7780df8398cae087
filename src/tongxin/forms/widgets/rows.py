"""A table that is filled row by row; its columns are fields of their own."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tongxin.feel import Budget, FeelError, Value
from tongxin.forms.masks import masked
from tongxin.forms.model import Choice, Field, PartProblem, Problem
from tongxin.forms.widgets.widget import Widget, is_empty
from tongxin.words import N_, _, told

MOST_ROWS = 200
MOST_COLUMNS = 12
_MOST_TOLD = 20  # cells that are told one by one
AGAIN = ":again"  # what a page says when it is to be drawn anew, as in forms.page


class Kept(list[Value]):
    """The rows that are kept, each with the number it was sent under: empty ones are dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []


class Rows(Widget):
    """Values are lists of rows, each with every column, null where nothing was filled in. Empty rows are dropped."""

    ask = N_("请填写{title}，至少一行")
    control = "rows"

    def __init__(self, cells: Mapping[str, Widget]) -> None:
        self.cells = cells

    def most(self, field: Field) -> int:
        return int(field.schema.get("maxItems", MOST_ROWS))

    def fewest(self, field: Field) -> int:
        return int(field.schema.get("minItems", 0))

    def parsed(self, field: Field, sent: Mapping[str, list[str]]) -> Value:
        """Cells are called field:row:column. The page's buttons ask for a row more, or for one less."""
        place = re.compile(rf"{re.escape(field.name)}:([0-9]{{1,4}}):")
        numbers = sorted({int(match[1]) for name in sent if (match := place.match(name))})[: self.most(field) + 1]
        rows: dict[int, Value] = {number: self._row(field, sent, number) for number in numbers}
        for asked in sent.get(AGAIN, ()):
            if asked == f"{field.name}:add" and len(rows) < self.most(field):
                rows[max(rows, default=-1) + 1] = {}
            elif removed := re.fullmatch(rf"{re.escape(field.name)}:remove:([0-9]{{1,4}})", asked, re.ASCII):
                rows.pop(int(removed[1]), None)
        return list(rows.values())

    def _row(self, field: Field, sent: Mapping[str, list[str]], number: int) -> dict[str, Value]:
        return {
            column.name: self.cells[column.widget].parsed(column, {column.name: sent[name]})
            for column in field.columns
            if (name := f"{field.name}:{number}:{column.name}") in sent and column.is_writable
        }

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, list):
            raise Problem(_("{title}应为一行一行的表", title=field.title))
        if len(value) > self.most(field):
            raise Problem(_("{title}最多 {n} 行，请删去几行", title=field.title, n=self.most(field)))
        wrong: dict[str, str] = {}
        rows = Kept()
        for number, row in enumerate(value):
            if not isinstance(row, Mapping):
                wrong[str(number)] = _("第 {number} 行应为一组格子和值", number=number + 1)
            elif not all(is_empty(cell) for cell in row.values()):
                rows.append(self._checked(field, number, row, now, wrong))
                rows.numbers.append(number)
        if wrong:
            raise PartProblem(field.title, wrong)
        if len(rows) < self.fewest(field):
            raise Problem(_("{title}至少填 {n} 行", title=field.title, n=self.fewest(field)))
        return rows

    def _checked(
        self, field: Field, number: int, row: Mapping[str, Value], now: datetime, wrong: dict[str, str]
    ) -> dict[str, Value]:
        """The typed row; what is wrong goes into `wrong`, by row and column. Computed cells are not taken."""
        typed: dict[str, Value] = {}
        for column in field.columns:
            if len(wrong) >= _MOST_TOLD:
                break
            try:
                typed[column.name] = self._cell(column, row.get(column.name), now) if column.is_writable else None
            except Problem as problem:
                wrong[f"{number}/{column.name}"] = _("第 {number} 行：{problem}", number=number + 1, problem=problem)
        if not row.keys() <= {column.name for column in field.columns}:
            wrong[str(number)] = _("第 {number} 行里有不认识的格子", number=number + 1)
        return typed

    def _cell(self, column: Field, value: Value, now: datetime) -> Value:
        widget = self.cells[column.widget]
        value = None if is_empty(value) else widget.check(column, value, now)
        if is_empty(value):
            if column.required:
                raise Problem(_(widget.ask, title=column.title))
            return None
        return value

    def computed(self, field: Field, rows: Sequence[Value], names: Mapping[str, Value], now: datetime) -> list[Value]:
        """The rows with what their other cells make; a cell sees its row before the case."""
        wrong: dict[str, str] = {}
        found: list[Value] = []
        budget = Budget()  # of the whole table
        numbers = rows.numbers if isinstance(rows, Kept) else range(len(rows))
        for number, row in zip(numbers, rows, strict=True):
            cells = dict(row) if isinstance(row, Mapping) else {}
            for column in field.columns:
                if column.computed is None or len(wrong) >= _MOST_TOLD:
                    continue
                try:
                    made = column.computed.evaluate({**names, **cells}, now, budget)
                    cells[column.name] = self._cell(column, self.cells[column.widget].made(column, made), now)
                except (FeelError, Problem) as error:
                    cells[column.name] = None
                    said = _("{title}算不出来：{error}", title=column.title, error=told(error))
                    wrong[f"{number}/{column.name}"] = _("第 {number} 行：{problem}", number=number + 1, problem=said)
            found.append(cells)
        if wrong:
            raise PartProblem(field.title, wrong)
        return found

    def shown(self, column: Field, value: Value, *, reveal: bool) -> str:
        """A cell for people to read."""
        if value is None:
            return ""
        text = self.cells[column.widget].display(column, value, column.choices)
        return masked(column.sensitive, text) if column.sensitive and text and not reveal else text

    def total(self, column: Field, rows: Value) -> str:
        """The sum of a column of numbers, as its cells are shown."""
        cells = [row.get(column.name) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
        numbers = [cell for cell in cells if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool)]
        return self.cells[column.widget].display(column, sum(numbers, Decimal(0)), ()) if numbers else ""

    def told(self, field: Field, value: Value, *, reveal: bool) -> str:
        """The whole table as text, a line for each row, and the totals."""
        lines = []
        for number, row in enumerate(value if isinstance(value, list) else ()):
            cells = [
                _("{title} {value}", title=column.title, value=text)
                for column in field.columns
                if isinstance(row, Mapping) and (text := self.shown(column, row.get(column.name), reveal=reveal))
            ]
            lines.append(_("{number}. {cells}", number=number + 1, cells=_("，").join(cells)))
        for column in totalled(field) if lines else ():
            total = self.total(column, value) if reveal or not column.sensitive else ""
            if total:
                lines.append(_("{title}合计 {value}", title=column.title, value=total))
        return "\n".join(lines)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return self.told(field, value, reveal=False)


def totalled(field: Field) -> list[Field]:
    """The columns that have a sum below them."""
    return [column for column in field.columns if column.name in field.schema.get("x-total", ())]
