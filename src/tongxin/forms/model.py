"""What a form is made of, what checking it answers, and what a template is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongxin.feel import Expression, Value

Known = Mapping[str, Callable[["Field", Value], bool]]  # by widget: whether this person, case, place or photo exists


class FormError(ValueError):
    """A form or data dictionary is written wrongly."""


class Problem(ValueError):
    """A value does not fit its field; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    value: Value
    label: str
    group: str = ""  # choices of one group stand together under its name


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `schema` is the variable's, with what the form adds; `alerts` belong to single values."""

    name: str
    title: str
    widget: str
    required: bool
    read_only: bool
    help: str
    choices: tuple[Choice, ...]
    schema: Mapping[str, Any]
    visible: Expression | None
    computed: Expression | None
    sensitive: str | None
    alerts: Mapping[Value, str]

    @property
    def is_writable(self) -> bool:
        return not (self.read_only or self.computed or self.widget == "note")


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    title: str
    help: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]
    submit: str = ""  # what handing it in does, for the button


@dataclass(frozen=True, slots=True)
class Error:
    """`field` is empty when the whole submission is meant."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    values: dict[str, Value]
    errors: tuple[Error, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as a template draws it. All values are texts; a choice is chosen when its value is in `values`."""

    name: str
    title: str
    widget: str
    control: str  # input, textarea, radio, select, checkboxes, photos, note
    value: str
    values: tuple[str, ...]
    display: str
    required: bool
    read_only: bool
    help: str
    choices: Sequence[Choice]
    errors: tuple[str, ...]
    visible: bool
    masked: bool  # `display` hides something that `reveal` would show
    alert: str  # the alert of the present value
    alerts: Mapping[str, str]  # by the value's text
    attributes: Mapping[str, str] = field(default_factory=dict)
