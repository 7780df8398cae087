"""What is picked rather than written: choices, yes or no, people, places, cases."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget, label_of, refuse_strange_characters
from tongxin.words import N_, _

_ID_LONGEST = 200
_MOST = 500  # items of a list that an expression offers
_FEW = 5  # choices that still stand beside each other; more go into a list that opens


def same(one: Value, other: Value) -> bool:
    """Equal and of one kind: 1 is not true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _chosen(field: Field, value: Value) -> Value:
    if field.options is not None and isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
        if isinstance(value, str):
            refuse_strange_characters(value)
        return value  # whether the list has it is asked when everything typed is known
    if isinstance(value, (str, int, float)) or (isinstance(value, Decimal) and value.is_finite()):
        for choice in field.choices:
            if same(choice.value, value):
                return choice.value
    raise Problem(_("请从列表里选择{title}", title=field.title))


def _read_chosen(field: Field, text: str) -> Value:
    return next((choice.value for choice in field.choices if str(choice.value) == text), text)


class OneOf(Widget):
    ask = N_("请选择{title}")
    control = "select"

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        return _chosen(field, value)

    def read(self, field: Field, text: str) -> Value:
        return _read_chosen(field, text)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return label_of(str(value), choices, str(value))


class SomeOf(OneOf):
    control = "checkboxes"
    many = True

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, list):
            raise Problem(_("请从列表里选择{title}", title=field.title))
        if len(value) > (_MOST if field.options else len(field.choices)):
            raise Problem(_("{title}选得太多", title=field.title))
        picked = [_chosen(field, item) for item in value]
        if field.options is not None:
            return picked
        return [choice.value for choice in field.choices if any(same(choice.value, item) for item in picked)]


class YesNo(Widget):
    ask = N_("请选择{title}")
    control = "radio"
    _WORDS = ("yes", "true", "是", "on", "1"), ("no", "false", "否", "off", "0")

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, bool):
            raise Problem(_("请为{title}选择“是”或“否”", title=field.title))
        return value

    def read(self, field: Field, text: str) -> Value:
        yes, no = self._WORDS
        word = text[:10].strip().lower()
        return True if word in yes else False if word in no else text

    def text(self, field: Field, value: Value) -> str:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return {True: _("是"), False: _("否")}[value] if isinstance(value, bool) else str(value)

    def label(self, field: Field, choice: Choice) -> str:
        return _(choice.label)


class Reference(Widget):
    """Something kept elsewhere, by its id: who asks for the check says whether it exists."""

    ask = N_("请选择{title}")
    control = "select"

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, str) or len(value) > _ID_LONGEST:
            raise Problem(_("请从列表里选择{title}", title=field.title))
        refuse_strange_characters(value)
        return value

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return label_of(str(value), choices, str(value))


class Note(Widget):
    """Text for the person who fills the form; it takes no value."""

    control = "note"


class Section(Widget):
    """A heading for the fields up to the next one; it takes no value."""

    control = "section"


def control_of(widget: Widget, choices: Sequence[Choice]) -> str:
    """Few choices stand side by side, many go into a list."""
    return "radio" if isinstance(widget, OneOf) and not widget.many and len(choices) <= _FEW else widget.control
