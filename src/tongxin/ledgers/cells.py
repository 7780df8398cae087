"""A ledger's cells for people to read: what kind a value is, and how it is written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from tongxin import clock
from tongxin.cases import ledger_words
from tongxin.ledgers.reading import Row
from tongxin.procedures.definition import Definition
from tongxin.words import _

Value = str | Decimal | date | datetime | None
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its type, and (`about`) whether a number is about so many (余)."""

    value: Value
    about: bool = False

    @property
    def text(self) -> str:
        """As a page shows it."""
        value = self.value
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if isinstance(value, Decimal):
            return number(value, about=self.about)
        return "" if value is None else str(value)

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right."""
        return isinstance(self.value, Decimal)

    @property
    def is_moment(self) -> bool:
        """Whether it is a day or a moment, which is not broken over lines."""
        return isinstance(self.value, date)


def table(session: Session, definition: Definition, rows: Sequence[Row]) -> list[dict[str, Cell]]:
    """Each row's cells by column; masked where whoever looks need not know."""
    found: dict[int, Mapping[str, Any]] = {}
    for knows in (True, False):
        mine = [row for row in rows if row.knows is knows]
        told = ledger_words.told(session, definition, [row.written for row in mine], reveal=knows)
        found |= {row.id: one for row, one in zip(mine, told, strict=True)}
    return [{name: cell(row.written.get(name), found[row.id].get(name)) for name in definition.ledger} for row in rows]


def cell(written: Any, told: Any) -> Cell:
    """`written`: as it is kept; `told`: the same in words, or masked."""
    if isinstance(written, dict) and "approx" in written and isinstance(written.get("value"), (int, Decimal)):
        return Cell(Decimal(written["value"]), about=bool(written["approx"]))
    match told:
        case bool():
            return Cell(_("是") if told else _("否"))
        case int() | Decimal():
            return Cell(Decimal(told))
        case list():
            return Cell(_("、").join(str(one) for one in told if one is not None))
    return Cell(_of_text("" if told is None else str(told)))


def _of_text(text: str) -> Value:
    if _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(clock.LOCAL)
    return date.fromisoformat(text) if _DAY.fullmatch(text) else text or None


def number(value: Decimal, *, about: bool = False) -> str:
    """1,234.5 and, of about so many, 2,500余."""
    plain = f"{value.normalize():,f}" if value else "0"
    return _("{number}余", number=plain) if about else plain
