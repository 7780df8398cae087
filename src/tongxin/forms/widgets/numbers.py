"""Numbers: plain, money, a rating."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget
from tongxin.words import N_, _

_DIGITS = 15  # before the point, and after it
_EXACT = Context(prec=2 * _DIGITS + 2, traps=[])
_WRITTEN = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?|[+-]?\.[0-9]{1,30}")
_CENT = Decimal("0.01")


def _decimal(field: Field, value: Value) -> Decimal:
    """The value as an exact number of sensible size."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise Problem(_("{title}应为数字", title=field.title))
    if isinstance(value, int) and value.bit_length() > 64:
        raise Problem(_("{title}的数字太大", title=field.title))
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise Problem(_("{title}应为数字", title=field.title))
    if number and number.adjusted() >= _DIGITS:
        raise Problem(_("{title}的数字太大", title=field.title))
    if number and (number.adjusted() < -_DIGITS or len(number.as_tuple().digits) > 2 * _DIGITS):
        raise Problem(_("{title}的小数位太多", title=field.title))
    return number


def bound(value: object) -> Decimal:
    """A number of a schema."""
    return Decimal(str(value))


class Number(Widget):
    finest = Decimal("1e-6")  # what a computed one is rounded to

    def step(self, field: Field) -> Decimal | None:
        """What the value must be a multiple of."""
        if "multipleOf" in field.schema:
            return bound(field.schema["multipleOf"])
        return Decimal(1) if field.schema.get("type") == "integer" else None

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        number = _decimal(field, value)
        schema = field.schema
        if "minimum" in schema and number < bound(schema["minimum"]):
            raise Problem(_("{title}不能小于 {minimum}", title=field.title, minimum=schema["minimum"]))
        if "maximum" in schema and number > bound(schema["maximum"]):
            raise Problem(_("{title}不能大于 {maximum}", title=field.title, maximum=schema["maximum"]))
        step = self.step(field)
        if step and _EXACT.remainder(number, step):
            raise Problem(_step_message(field.title, step))
        return int(number) if number == number.to_integral_value() and not self.keeps_fraction(field) else number

    def made(self, field: Field, value: Value) -> Value:
        if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() >= _DIGITS:
            return value
        rounded = value.quantize(self.finest, ROUND_HALF_UP)
        return value if rounded == value else rounded

    def keeps_fraction(self, field: Field) -> bool:
        """Whether 5 stays the Decimal 5 instead of an int."""
        return False

    def read(self, field: Field, text: str) -> Value:
        plain = unicodedata.normalize("NFKC", text[:100]).replace(",", "").strip()
        plain = plain.removeprefix("¥").removesuffix("元").strip()
        if len(text) > 100 or not _WRITTEN.fullmatch(plain):
            return text
        return int(plain) if plain.lstrip("+-").isdigit() else Decimal(plain)

    def text(self, field: Field, value: Value) -> str:
        return f"{value:f}" if isinstance(value, Decimal) else str(value)

    def attributes(self, field: Field) -> dict[str, str]:
        names = {"minimum": "min", "maximum": "max"}
        found = {html: str(field.schema[name]) for name, html in names.items() if name in field.schema}
        step = self.step(field)
        whole = step is not None and step == step.to_integral_value()
        return {**found, "step": str(step or "any"), "inputmode": "numeric" if whole else "decimal"}


def _step_message(title: str, step: Decimal) -> str:
    if step == 1:
        return _("{title}应为整数", title=title)
    exponent = step.as_tuple().exponent
    if isinstance(exponent, int) and step.as_tuple().digits == (1,) and exponent < 0:
        return _("{title}最多 {n} 位小数", title=title, n=-exponent)
    return _("{title}应为 {step} 的倍数", title=title, step=step)


class Money(Number):
    finest = _CENT

    def step(self, field: Field) -> Decimal | None:
        return super().step(field) or _CENT

    def keeps_fraction(self, field: Field) -> bool:
        return True

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        return Decimal(super().check(field, value, now)).quantize(_CENT)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return f"{value:,.2f}" if isinstance(value, (int, Decimal)) else str(value)


RATINGS = (
    Choice(1, N_("很不满意")),
    Choice(2, N_("不满意")),
    Choice(3, N_("一般")),
    Choice(4, N_("满意")),
    Choice(5, N_("很满意")),
)


class Rating(Number):
    control = "radio"
    ask = N_("请选择{title}")

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        number = super().check(field, value, now)
        if number not in {choice.value for choice in field.choices}:
            raise Problem(_("请为{title}选择 1 到 5 星", title=field.title))
        return number

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        label = next((self.label(field, choice) for choice in field.choices if choice.value == value), "")
        return _("{n} 星（{label}）", n=value, label=label) if label else str(value)

    def label(self, field: Field, choice: Choice) -> str:
        return _(choice.label) if field.choices is RATINGS else choice.label

    def attributes(self, field: Field) -> dict[str, str]:
        return {}
