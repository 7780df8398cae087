"""What the dictionary says a variable can be, and comparisons that can never be what was meant."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tongxin.feel import Comparison, Read

Schema = Mapping[str, Any]
_TIMES = frozenset({"date", "date-time", "time", "duration"})
_NUMBERS = frozenset({"number", "integer"})
_EQUALITIES = frozenset({"=", "!="})


def declared(properties: Mapping[str, Schema], read: Read) -> Schema | None:
    """The declaration of what is read, if there is one for each field on the way."""
    return _below(properties, (read.name, *read.fields))


def fields_of(properties: Mapping[str, Schema], path: tuple[str, ...]) -> frozenset[str] | None:
    """Names that a filter over this gives a meaning of their own; None when the dictionary does not tell."""
    schema = _below(properties, path)
    if schema is None:
        return None
    items = schema.get("items") if schema.get("type") == "array" else schema
    if not isinstance(items, Mapping) or "type" not in items:
        return None
    if items["type"] != "object":
        return frozenset()
    return frozenset(items["properties"]) if isinstance(items.get("properties"), Mapping) else None


def unknown_field(properties: Mapping[str, Schema], read: Read) -> tuple[str, list[str]] | None:
    """A field of an object that its declaration does not have, with those it has."""
    schema = properties.get(read.name)
    for field in read.fields:
        inner = schema.get("properties") if schema is not None and schema.get("type") == "object" else None
        if not isinstance(inner, Mapping) or not inner:
            return None
        if field not in inner:
            return field, list(inner)
        schema = inner[field] if isinstance(inner[field], Mapping) else None
    return None


def choices(schema: Schema) -> list[str] | None:
    """The texts a variable can be; None when it is not one of a list of texts."""
    found: Any = schema.get("enum")
    if found is None and isinstance(schema.get("oneOf"), list):
        found = [one.get("const") if isinstance(one, Mapping) else None for one in schema["oneOf"]]
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        return None
    return found


def is_none_of(schema: Schema, comparison: Comparison) -> bool:
    """Whether it is compared with a text that it can never be."""
    known = choices(schema)
    is_text = isinstance(comparison.value, str) and comparison.operator in _EQUALITIES
    return known is not None and is_text and comparison.value not in known


def differ(schema: Schema, comparison: Comparison) -> tuple[str, str] | None:
    """Two kinds that have no order and are never equal: the variable's, and that of what it is compared with."""
    own, other = kind(schema), _kind_of(comparison.value)
    return None if own is None or other is None or own == other else (own, other)


def kind(schema: Schema) -> str | None:
    """text, number, boolean or time; None for all else."""
    declared_type = schema.get("type")
    if declared_type in _NUMBERS:
        return "number"
    if declared_type == "boolean":
        return "boolean"
    if declared_type == "string":
        return "time" if schema.get("format") in _TIMES else "text"
    return None


def _kind_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, Decimal)):
        return "number"
    return "text" if isinstance(value, str) else None


def _below(properties: Mapping[str, Schema], path: tuple[str, ...]) -> Schema | None:
    schema: Any = properties.get(path[0])
    for field in path[1:]:
        inner = schema.get("properties") if isinstance(schema, Mapping) and schema.get("type") == "object" else None
        schema = inner.get(field) if isinstance(inner, Mapping) else None
    return schema if isinstance(schema, Mapping) else None
