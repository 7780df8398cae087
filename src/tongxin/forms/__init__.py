"""Forms: a JSON Schema and data to values or errors, and to what a template draws. Pure."""

from tongxin.forms.check import check
from tongxin.forms.dictionary import Dictionary
from tongxin.forms.load import load
from tongxin.forms.model import (
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
    found_in,
    over,
)
from tongxin.forms.page import parse, view
from tongxin.forms.schema import schema

__all__ = [
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
    "check",
    "found_in",
    "load",
    "over",
    "parse",
    "schema",
    "view",
]
