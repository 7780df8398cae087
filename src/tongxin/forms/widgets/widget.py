"""What every kind of field can do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from tongxin.feel import Value
from tongxin.forms import masks
from tongxin.forms.model import Choice, Field, Problem
from tongxin.words import N_, _


class Widget:
    """How one kind of field is read from a page, checked, and shown. Subclasses check; the rest has plain defaults."""

    control: ClassVar[str] = "input"
    ask: ClassVar[str] = N_("请填写{title}")  # what is said when it is missing
    many: ClassVar[bool] = False  # whether its value is a list
    keeps_files: ClassVar[bool] = False  # whether its value names uploaded files

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        """The typed value; raises Problem. `now` gives the zone of times written without one."""
        raise NotImplementedError

    def made(self, field: Field, value: Value) -> Value:
        """What an expression has made, as the field keeps it: a quotient without end is rounded."""
        return value

    def read(self, field: Field, text: str) -> Value:
        """What a page sent, as `check` takes it; the text itself when it cannot be read, for `check` to refuse."""
        return text

    def parsed(self, field: Field, sent: Mapping[str, list[str]]) -> Value:
        """What a page sent, by the names of its controls, as `check` takes it."""
        texts = sent.get(field.name, [])
        written = [text for text in texts if text.strip()] if self.many else texts[-1:]
        if self.many:
            return [self.read(field, text) for text in written]
        return self.read(field, written[0]) if written and written[0].strip() else None

    def text(self, field: Field, value: Value) -> str:
        """The value for the control of a page."""
        return str(value)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        """The value for people to read."""
        return self.text(field, value)

    def masked(self, field: Field, value: Value, display: str) -> str:
        """The same for somebody who need not know all of it; only asked where the field is sensitive."""
        return masks.masked(str(field.sensitive), display)

    def label(self, field: Field, choice: Choice) -> str:
        """A choice's words: the procedure's, unless the widget brings choices of its own."""
        return choice.label

    def hint(self, field: Field) -> str:
        """What everybody should know who fills it, whatever the form says."""
        return ""

    def files(self, value: Value) -> list[str]:
        """The ids of uploaded files in a value, whatever it is."""
        return []

    def attributes(self, field: Field) -> dict[str, str]:
        """Attributes of the HTML control."""
        return {}


def is_empty(value: Value) -> bool:
    """Whether nothing was filled in."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def label_of(text: str, choices: Sequence[Choice], missing: str) -> str:
    """The label of the choice whose value has this text."""
    return next((choice.label for choice in choices if choice.value == text), missing)


def refuse_strange_characters(text: str) -> None:
    """U+0000 and half characters cannot be stored; other control characters cannot be seen."""
    if text.isprintable():
        return
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF or (code < 32 and character not in "\n\t") or code == 127:
            raise Problem(_("含有无法保存的字符，请删去后重新填写"))
