"""The kinds of fields a form may have."""

from collections.abc import Mapping

from tongxin.forms.widgets.about import About
from tongxin.forms.widgets.attached import FILE_KINDS, File, Photo, Signature
from tongxin.forms.widgets.geo import Geo
from tongxin.forms.widgets.identity import PATTERN, IdNumber
from tongxin.forms.widgets.numbers import RATINGS, Money, Number, Rating
from tongxin.forms.widgets.picks import Note, OneOf, Reference, Section, SomeOf, YesNo, control_of, same
from tongxin.forms.widgets.places import Address, Place
from tongxin.forms.widgets.rows import MOST_COLUMNS, MOST_ROWS, Rows
from tongxin.forms.widgets.texts import LongText, Phone, Text
from tongxin.forms.widgets.times import Date, DateTime
from tongxin.forms.widgets.widget import Widget
from tongxin.words import N_

_SIMPLE: Mapping[str, Widget] = {
    "text": Text(),
    "long-text": LongText(),
    "number": Number(),
    "about": About(),
    "money": Money(),
    "date": Date(),
    "date-time": DateTime(),
    "choice": OneOf(),
    "choices": SomeOf(),
    "yes-no": YesNo(),
    "person": Reference(),
    "case": Reference(),
    "place": Place(),
    "address": Address(),
    "geo": Geo(),
    "unit": Reference(),
    "phone": Phone(),
    "id-number": IdNumber(),
    "photo": Photo(),
    "file": File(),
    "signature": Signature(),
    "note": Note(),
    "section": Section(),
    "rating": Rating(),
}
CELLS = frozenset({"text", "number", "money", "date", "date-time", "choice", "yes-no", "phone", "id-number"})
ROWS = Rows({name: _SIMPLE[name] for name in CELLS})
WIDGETS: Mapping[str, Widget] = {**_SIMPLE, "rows": ROWS}
TYPES: Mapping[str, frozenset[str]] = {  # the JSON types a widget can fill
    "text": frozenset({"string"}),
    "long-text": frozenset({"string"}),
    "number": frozenset({"number", "integer"}),
    "money": frozenset({"number"}),
    "date": frozenset({"string"}),
    "date-time": frozenset({"string"}),
    "choice": frozenset({"string", "number", "integer"}),
    "choices": frozenset({"array"}),
    "yes-no": frozenset({"boolean"}),
    "person": frozenset({"string"}),
    "case": frozenset({"string"}),
    "place": frozenset({"string"}),
    "unit": frozenset({"string"}),
    "address": frozenset({"object"}),
    "geo": frozenset({"object"}),
    "about": frozenset({"object"}),
    "phone": frozenset({"string"}),
    "id-number": frozenset({"string"}),
    "photo": frozenset({"array"}),
    "file": frozenset({"array"}),
    "signature": frozenset({"object"}),
    "rating": frozenset({"integer", "number"}),
    "rows": frozenset({"array"}),
}
FILES = frozenset(name for name, widget in WIDGETS.items() if widget.keeps_files)
REFERENCES = frozenset({"person", "case", "place", "address", "unit"})
PLACES = frozenset({"place", "address"})
OBJECTS = frozenset(name for name, kinds in TYPES.items() if kinds == {"object"})  # also their formats
PATTERNS = {"id-number": PATTERN}  # what values look like when they have been checked
YES_NO = ((True, N_("是")), (False, N_("否")))

__all__ = [
    "CELLS",
    "FILES",
    "FILE_KINDS",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "OBJECTS",
    "PATTERNS",
    "PLACES",
    "RATINGS",
    "REFERENCES",
    "ROWS",
    "TYPES",
    "WIDGETS",
    "YES_NO",
    "Widget",
    "control_of",
    "same",
]
