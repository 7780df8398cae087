"""A number that may be about so many: 2500余."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.numbers import Number
from tongxin.words import N_, _

PARTS = frozenset({"value", "approx"})
_ABOUT = ("余", "多", "+")


class About(Number):
    """`value`, a whole number or a decimal one; `approx`, whether it is about so many."""

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, Mapping):
            return {"value": super().check(field, value, now), "approx": False}
        if "value" not in value or value.keys() - PARTS or not isinstance(value.get("approx", False), bool):
            raise Problem(_("{title}要写成数字，例如 2500 或 2500余", title=field.title))
        return {"value": super().check(field, value["value"], now), "approx": value.get("approx", False)}

    def read(self, field: Field, text: str) -> Value:
        plain = text[:100].strip()
        about = next((mark for mark in _ABOUT if plain.endswith(mark)), "") or ("约" if plain.startswith("约") else "")
        found = super().read(field, plain.strip(about) if about else plain)
        if isinstance(found, str):
            return text
        return {"value": found, "approx": bool(about)}

    def text(self, field: Field, value: Value) -> str:
        if not isinstance(value, Mapping):
            return str(value)
        number = super().text(field, value.get("value"))
        return f"{number}{_ABOUT[0]}" if value.get("approx") else number

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        if not isinstance(value, Mapping) or not isinstance(value.get("value"), (int, Decimal)):
            return str(value)
        number = f"{value['value']:,}"
        return _("{number}余", number=number) if value.get("approx") else number

    def hint(self, field: Field) -> str:
        return _(N_("记不准的，写大数加“余”，例如 2500余。"))

    def attributes(self, field: Field) -> dict[str, str]:
        return {"autocomplete": "off", "maxlength": "30"}
