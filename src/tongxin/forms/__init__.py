"""Forms: a JSON Schema and data to values or errors, and to what a template draws. Pure."""

from tongxin.forms.check import check
from tongxin.forms.dictionary import Dictionary
from tongxin.forms.load import load
from tongxin.forms.model import (
    TAKES_NOTHING,
    Checked,
    Choice,
    Error,
    Field,
    FieldView,
    Form,
    FormError,
    Found,
    Known,
    Sent,
    Table,
    found_in,
    over,
)
from tongxin.forms.page import file_ids, parse, view
from tongxin.forms.schema import schema
from tongxin.forms.widgets import FILES, OBJECTS

__all__ = [
    "FILES",
    "OBJECTS",
    "TAKES_NOTHING",
    "Checked",
    "Choice",
    "Dictionary",
    "Error",
    "Field",
    "FieldView",
    "Form",
    "FormError",
    "Found",
    "Known",
    "Sent",
    "Table",
    "check",
    "file_ids",
    "found_in",
    "load",
    "over",
    "parse",
    "schema",
    "view",
]
