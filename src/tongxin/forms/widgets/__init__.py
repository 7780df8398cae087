"""The kinds of fields a form may have."""

from collections.abc import Mapping

from tongxin.forms.widgets.numbers import RATINGS, Money, Number, Rating
from tongxin.forms.widgets.picks import Note, OneOf, Photo, Reference, SomeOf, YesNo, control_of, same
from tongxin.forms.widgets.places import Address, Place
from tongxin.forms.widgets.texts import LongText, Phone, Text
from tongxin.forms.widgets.times import Date, DateTime
from tongxin.forms.widgets.widget import Widget
from tongxin.words import N_

WIDGETS: Mapping[str, Widget] = {
    "text": Text(),
    "long-text": LongText(),
    "number": Number(),
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
    "phone": Phone(),
    "photo": Photo(),
    "note": Note(),
    "rating": Rating(),
}
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
    "address": frozenset({"object"}),
    "phone": frozenset({"string"}),
    "photo": frozenset({"array"}),
    "rating": frozenset({"integer", "number"}),
}
REFERENCES = frozenset({"person", "case", "place", "address"})
PLACES = frozenset({"place", "address"})
YES_NO = ((True, N_("是")), (False, N_("否")))

__all__ = ["PLACES", "RATINGS", "REFERENCES", "TYPES", "WIDGETS", "YES_NO", "Widget", "control_of", "same"]
