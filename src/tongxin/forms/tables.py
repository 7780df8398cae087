"""A table that is filled row by row, as a template draws it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tongxin.feel import Budget, FeelError, Value
from tongxin.forms.model import Choice, Field, FieldView, Table
from tongxin.forms.widgets import ROWS
from tongxin.forms.widgets.rows import totalled
from tongxin.words import _


def with_table(
    field: Field,
    drawn: FieldView,
    names: dict[str, Value],
    parts: Sequence[tuple[str, str]],
    now: datetime | None,
    *,
    reveal: bool,
) -> FieldView:
    """The field with its rows as they were typed, what they make, and what is wrong in which cell.

    `parts`: field/row or field/row/column → what is wrong. What depends on the table sees its computed cells.
    """
    value = names.get(field.name)
    budget = Budget()
    rows = [_row(field, row, names, now, budget) for row in value] if isinstance(value, list) else []
    names[field.name] = rows if rows else value
    asked = [*rows, *({} for _more in range(len(rows), max(ROWS.fewest(field), 1)))] if field.is_writable else rows
    wrong = {place.replace("/", ":"): said for place, said in parts}
    sums = totalled(field)
    shown = [ROWS.total(column, rows) if column in sums else None for column in field.columns]
    hides = [bool(column.sensitive) and not reveal and not field.is_writable for column in field.columns]
    told = ROWS.told(field, rows, reveal=reveal) if rows else ""
    return replace(
        drawn,
        value="",
        values=(),  # what it holds is in the cells, each masked as its column says
        display=drawn.display if drawn.masked else told,
        masked=drawn.masked or any(hides),
        errors=drawn.errors or ((_("{title}有 {n} 处要改", title=field.title, n=len(wrong)),) if wrong else ()),
        wrong=tuple((_first_cell(field, place), said) for place, said in wrong.items()),
        table=None
        if drawn.masked and not field.is_writable
        else Table(
            columns=tuple(_cell(column, column.name, None, "", reveal=True) for column in field.columns),
            rows=tuple(
                tuple(
                    _cell(column, name, row.get(column.name), wrong.get(name, ""), reveal=reveal or field.is_writable)
                    for column in field.columns
                    if (name := f"{field.name}:{number}:{column.name}")
                )
                for number, row in enumerate(asked)
            ),
            totals=tuple("" if hidden and text else text for text, hidden in zip(shown, hides, strict=True)),
            most=ROWS.most(field),
        ),
    )


def _first_cell(field: Field, place: str) -> str:
    """A cell to lead to: the first of its row when the whole row is meant."""
    return place if place.count(":") > 1 else f"{place}:{field.columns[0].name}"


def _row(
    field: Field, row: Value, names: Mapping[str, Value], now: datetime | None, budget: Budget
) -> dict[str, Value]:
    """The row as it was handed in; while it is typed with its computed cells, as far as they can be worked out."""
    cells = dict(row) if isinstance(row, Mapping) else {}
    if not field.is_writable:
        return cells
    typed = {column.name: _typed(column, cells.get(column.name)) for column in field.columns}
    for column in field.columns:
        if column.computed:
            try:
                made = column.computed.evaluate({**names, **typed}, now, budget)
                typed[column.name] = ROWS.cells[column.widget].made(column, made)
            except FeelError:
                typed[column.name] = None
            cells[column.name] = typed[column.name]
    return cells


def _typed(column: Field, value: Value) -> Value:
    return None if isinstance(value, str) and not value.strip() else value


def _cell(column: Field, name: str, value: Value, wrong: str, *, reveal: bool) -> FieldView:
    widget = ROWS.cells[column.widget]
    text = "" if value is None else widget.text(column, value)
    choices = tuple(Choice(widget.text(column, one.value), widget.label(column, one)) for one in column.choices)
    shown = ROWS.shown(column, value, reveal=reveal)
    return FieldView(
        name=name,
        title=column.title,
        widget=column.widget,
        control="select" if choices else widget.control,
        value=text if reveal else "",
        values=(text,) if text and reveal else (),
        display=shown,
        required=column.required,
        read_only=not column.is_writable,
        help="",
        choices=choices,
        errors=(wrong,) if wrong else (),
        visible=True,
        masked=not reveal and bool(column.sensitive) and bool(shown),
        alert="",
        alerts={},
        attributes=widget.attributes(column),
        computed=column.computed is not None,
    )
