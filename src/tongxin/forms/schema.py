"""The JSON Schema of what a form takes, for the description of the API."""

from typing import Any

from tongxin.forms.model import Field, Form
from tongxin.forms.widgets import MOST_ROWS, PATTERNS
from tongxin.forms.widgets.geo import MOST_ACCURACY, MOST_LAT, MOST_LON
from tongxin.forms.widgets.places import longest_detail

_KEPT = (
    *("title", "type", "format", "enum", "oneOf", "items", "default"),
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "multipleOf", "minItems", "maxItems"),
)


_ADDRESS: dict[str, Any] = {
    "properties": {
        "place": {"type": "string", "description": "code of a unit"},
        "text": {"type": "string", "description": "written by the server"},
    },
    "required": ["place"],
    "additionalProperties": False,
}


_GEO: dict[str, Any] = {
    "properties": {
        "lat": {"type": "number", "minimum": -MOST_LAT, "maximum": MOST_LAT, "description": "WGS-84, degrees"},
        "lon": {"type": "number", "minimum": -MOST_LON, "maximum": MOST_LON, "description": "WGS-84, degrees"},
        "accuracy": {"type": ["number", "null"], "minimum": 0, "maximum": MOST_ACCURACY, "description": "metres"},
    },
    "required": ["lat", "lon"],
    "additionalProperties": False,
}


_ABOUT: dict[str, Any] = {
    "properties": {"value": {"type": "number"}, "approx": {"type": "boolean", "description": "about so many"}},
    "required": ["value"],
    "additionalProperties": False,
}


def schema(form: Form) -> dict[str, Any]:
    """Read-only and computed fields are left out; a field that may be hidden is never required here."""
    writable = [field for field in form.fields if field.is_writable]
    described: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.title,
        "type": "object",
        "properties": {field.name: _property(field) for field in writable},
        "required": [field.name for field in writable if field.required and field.visible is None],
        "additionalProperties": False,
    }
    return {**described, "description": form.help} if form.help else described


def _property(field: Field) -> dict[str, Any]:
    kept = {key: field.schema[key] for key in _KEPT if key in field.schema}
    if field.widget == "address":
        kept |= _ADDRESS | {"properties": _ADDRESS["properties"] | {"detail": _detail(field)}}
    if field.widget == "about":
        kept |= _ABOUT
    if field.widget == "geo":
        kept |= _GEO
    if field.help:
        kept["description"] = field.help
    if field.widget in PATTERNS:
        kept.setdefault("pattern", PATTERNS[field.widget])
    if field.widget == "rating" and "enum" not in kept and "oneOf" not in kept:
        kept["oneOf"] = [{"const": choice.value, "title": choice.label} for choice in field.choices]
    if field.widget == "signature":
        kept |= _signature(typed=bool(field.schema.get("x-typed")))
    if field.columns:
        kept |= {"maxItems": field.schema.get("maxItems", MOST_ROWS), "items": _row(field)}
    return kept if field.required and field.visible is None else _or_null(kept)


def _signature(*, typed: bool) -> dict[str, Any]:
    """The moment it was given at is the platform's to say."""
    properties: dict[str, Any] = {"file": {"type": "string"}, "at": {"type": "string", "readOnly": True}}
    if typed:
        properties |= {"name": {"type": "string", "maxLength": 40}, "confirmed": {"const": True}}
    ways: list[dict[str, Any]] = [{"required": ["file"]}] + ([{"required": ["name", "confirmed"]}] if typed else [])
    return {"properties": properties, "minProperties": 1, "anyOf": ways, "additionalProperties": False}


def _row(field: Field) -> dict[str, Any]:
    """Computed cells may be sent back as they came; they are worked out anew."""
    cells = {column.name: _property(column) for column in field.columns}
    for column in field.columns:
        if column.computed:
            cells[column.name] = {**_or_null(cells[column.name]), "readOnly": True}
    return {
        "type": "object",
        "properties": cells,
        "required": [column.name for column in field.columns if column.required and column.is_writable],
        "additionalProperties": False,
    }


def _detail(field: Field) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest_detail(field)}


def _or_null(kept: dict[str, Any]) -> dict[str, Any]:
    if "enum" in kept:
        kept["enum"] = [*kept["enum"], None]
    if "oneOf" in kept:
        kept["oneOf"] = [*kept["oneOf"], {"const": None}]
    return {**kept, "type": [kept["type"], "null"]} if isinstance(kept["type"], str) else kept
