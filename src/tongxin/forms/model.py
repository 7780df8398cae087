"""What a form is made of, what checking it answers, and what a template is given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from tongxin.feel import Expression, FeelError, Template, Value

TAKES_NOTHING = frozenset({"note", "section"})  # widgets that say something and have no variable
Known = Mapping[str, Callable[["Field", Value], bool | str]]
"""By widget: whether this person, case, place or photo exists; of an address what its place is called."""


class FormError(ValueError):
    """A form or data dictionary is written wrongly."""


class Problem(ValueError):
    """A value does not fit its field; the text says what to do."""


class PartProblem(Problem):
    """Parts of a value do not fit; `parts`: row or row/column, counted from 0 → what to do there."""

    def __init__(self, title: str, parts: Mapping[str, str]) -> None:
        super().__init__(title)
        self.parts = parts


class Sent(dict[str, Value]):
    """What a page sent, by field, with what it says of itself. `unseen`: fields it did not show when it was drawn;
    `finds`: what somebody looks for in a field's list; `untouched`: fields that still hold what was proposed;
    `again`: it is to be drawn anew, nothing is handed in.
    """

    def __init__(
        self,
        values: Mapping[str, Value] = MappingProxyType({}),
        unseen: Iterable[str] = (),
        finds: Mapping[str, str] = MappingProxyType({}),
        untouched: Iterable[str] = (),
        *,
        again: bool = False,
    ) -> None:
        super().__init__(values)
        self.unseen = frozenset(unseen)
        self.finds = finds
        self.untouched = frozenset(untouched)
        self.again = again

    def but(self, values: Mapping[str, Value]) -> "Sent":
        """The same with other values."""
        return Sent(values, self.unseen, self.finds, self.untouched, again=self.again)


def over(values: Mapping[str, Value], typed: Mapping[str, Value]) -> Mapping[str, Value]:
    """What is typed laid over what a case knows; a page's words about itself stay."""
    both = {**values, **typed}
    return typed.but(both) if isinstance(typed, Sent) else both


def found_in(typed: Mapping[str, Value], name: str) -> str:
    """What a page's reader looks for in a field's list."""
    return typed.finds.get(name, "") if isinstance(typed, Sent) else ""


@dataclass(frozen=True, slots=True)
class Choice:
    value: Value
    label: str
    group: str = ""  # choices of one group stand together under its name


@dataclass(frozen=True, slots=True)
class Found:
    """Choices of a list too long to be offered whole: the chosen one and what fits `typed`, of which there may be
    `more`.
    """

    typed: str
    choices: tuple[Choice, ...]
    count: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold once a field is filled, and what is said where it does not."""

    must: Expression
    say: str


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
    group: int = 0  # the number of the section it stands in; 0 before the first
    columns: tuple["Field", ...] = ()  # of a table that is filled row by row
    prefill: Expression | None = None
    options: Expression | None = None  # gives what may be chosen, instead of `choices`
    source: str = ""  # what the prefilled value comes from, in words
    templates: Mapping[str, Template] = field(default_factory=dict)  # of its texts, those that hold FEEL
    rules: tuple[Rule, ...] = ()

    @property
    def is_writable(self) -> bool:
        return not (self.read_only or self.computed or self.widget in TAKES_NOTHING)

    @property
    def names(self) -> str:
        """What its value, or each item of its list, is the id or code of; empty when it says itself what it means."""
        items = self.schema.get("items")
        listed = items.get("format") if self.widget == "choices" and isinstance(items, Mapping) else None
        kind = str(listed or self.widget)
        return kind if kind in ("person", "case", "unit", "place") else ""

    @property
    def reckons(self) -> bool:
        """Whether a table shows something that depends on its own cells."""
        return "x-total" in self.schema or any(column.computed for column in self.columns)

    @property
    def reads(self) -> frozenset[str]:
        """The names its expressions read."""
        read = [one for one in (self.visible, self.computed, self.prefill, self.options) if one]
        read += [column.computed for column in self.columns if column.computed]
        told = frozenset(name for one in self.templates.values() for name in one.names)
        return told | {name for one in read for name in one.names | one.possible_names}

    def said(self, text: str, names: Mapping[str, Value], now: datetime | None) -> str:
        """One of its texts, filled."""
        return filled(self.templates, text, names, now)


@dataclass(frozen=True)  # no slots: what depends on what is worked out once
class Form:
    name: str
    title: str
    help: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field]
    submit: str = ""  # what handing it in does, for the button
    templates: Mapping[str, Template] = field(default_factory=dict)  # of title and help, those that hold FEEL
    quick: bool = False  # done by one tap in the inbox: nothing in it has to be filled

    def said(self, text: str, names: Mapping[str, Value], now: datetime | None) -> str:
        """Its title or help, filled."""
        return filled(self.templates, text, names, now)

    @cached_property
    def live(self) -> frozenset[str]:
        """Fields that change with what is typed into others."""
        return frozenset(name for name, read in self._read.items() if read - {name} or self.by_name[name].reckons)

    @cached_property
    def feeds(self) -> frozenset[str]:
        """Fields that others change with."""
        feeding = frozenset(one for name, read in self._read.items() for one in read - {name})
        return feeding | {field.name for field in self.fields if field.reckons and field.is_writable}

    @cached_property
    def _read(self) -> dict[str, set[str]]:
        """Field → the fields to fill that it depends on, also by way of computed ones."""
        read: dict[str, set[str]] = {}
        for each in self.fields:  # an expression sees what stands before it computed, so one look is enough
            mine = [self.by_name[name] for name in each.reads if name in self.by_name]
            read[each.name] = {one.name for one in mine if one.is_writable}
            read[each.name] |= {name for one in mine for name in read.get(one.name, ())}
        return read


def filled(templates: Mapping[str, Template], text: str, names: Mapping[str, Value], now: datetime | None) -> str:
    """The text with its FEEL evaluated; what takes too long leaves nothing."""
    if text not in templates:
        return text
    try:
        return templates[text].fill(names, now)
    except FeelError:
        return ""


@dataclass(frozen=True, slots=True)
class Error:
    """`field` is empty when the whole submission is meant. `more`: nothing is wrong, the field had not been shown."""

    field: str
    message: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    values: dict[str, Value]
    errors: tuple[Error, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as a template draws them; each cell is called field:row:column. Totals stand below their columns."""

    columns: tuple["FieldView", ...]
    rows: tuple[tuple["FieldView", ...], ...]
    totals: tuple[str | None, ...]  # one for each column, None for one that has none
    most: int


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as a template draws it. All values are texts; a choice is chosen when its value is in `values`."""

    name: str
    title: str
    widget: str
    control: str  # input, textarea, radio, select, checkboxes, photos, files, signature, rows, note, section
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
    computed: bool = False
    table: Table | None = None
    typed: Mapping[str, Any] | None = None  # a name typed for a signature, where that is allowed
    wrong: tuple[tuple[str, str], ...] = ()  # name of a cell → what is wrong there
    group: int = 0  # the number of its section; a section is the first of its own group
    collapsed: bool = False  # a section that is closed until somebody opens it
    live: bool = False  # changes with what is typed into others
    feeds: bool = False  # others change with it
    more: bool = False  # shown only now, to be filled before the form is handed in again
    found: Found | None = None  # its choices are looked for by name
    source: str = ""  # where the value comes from, in words
    proposed: str | None = None  # what was put in for somebody who has not typed anything yet, as a page sends it
    detail: str = ""  # of an address, the way on from the place
