"""What a variable's declaration asks for: its widget, and what can be chosen."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tongxin import feel
from tongxin.forms.model import Choice

_LONG_TEXT = 200  # a text that may be longer gets a control of several lines
_BY_FORMAT = {
    "date": "date",
    "date-time": "date-time",
    "phone": "phone",
    "money": "money",
    "person": "person",
    "place": "place",
    "address": "address",
    "geo": "geo",
    "about": "about",
    "case": "case",
    "unit": "unit",
    "id-number": "id-number",
    "photo": "photo",
    "file": "file",
    "rows": "rows",
    "signature": "signature",
    "rating": "rating",
}
_BY_TYPE = {"boolean": "yes-no", "number": "number", "integer": "number"}


def usual_widget(schema: Mapping[str, Any]) -> str:
    """The widget a declaration asks for when it names none."""
    kind, text_format = schema.get("type"), str(schema.get("format"))
    if text_format in _BY_FORMAT:
        return _BY_FORMAT[text_format]
    if kind == "array":
        items = schema.get("items", {})
        listed = "x-options" in schema or holds_ids(items) or declared_choices(items)
        return "choices" if listed else "photo"
    if "x-options" in schema or declared_choices(schema):
        return "choice"
    return _BY_TYPE.get(str(kind)) or ("long-text" if schema.get("maxLength", 0) >= _LONG_TEXT else "text")


def declared_choices(schema: Any) -> tuple[Choice, ...]:
    """What can be chosen, as `enum` or `oneOf` write it."""
    if not isinstance(schema, Mapping):
        return ()
    if isinstance(schema.get("enum"), list):
        return tuple(Choice(_exact(value), str(value)) for value in schema["enum"])
    options = schema.get("oneOf")
    if not isinstance(options, list):
        return ()
    return tuple(
        Choice(_exact(option["const"]), str(option.get("title", option["const"])))
        for option in options
        if isinstance(option, Mapping) and "const" in option
    )


def holds_ids(items: Any) -> bool:
    """Whether a list holds people, cases or units."""
    return isinstance(items, Mapping) and items.get("format") in ("person", "case", "unit")


def _exact(value: Any) -> feel.Value:
    return Decimal(repr(value)) if isinstance(value, float) else value
