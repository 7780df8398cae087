"""The data dictionary: every variable of a case, and its way to and from the database's JSON."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tongxin.feel import FeelError, Value, YearsMonths, duration
from tongxin.forms.model import FormError
from tongxin.words import _

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_READERS = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "time": time.fromisoformat,
    "duration": duration,
}


class Dictionary:
    """Made from data.json, a JSON Schema of type object."""

    def __init__(self, data_json: Mapping[str, Any]) -> None:
        properties = data_json.get("properties") if isinstance(data_json, Mapping) else None
        if not isinstance(properties, Mapping):
            raise FormError(_("data.json 应为 JSON Schema 对象，变量写在 properties 里"))
        for name, schema in properties.items():
            _refuse_bad(name, schema)
        self.properties: Mapping[str, Mapping[str, Any]] = dict(properties)

    def decode(self, variables: Mapping[str, Any]) -> dict[str, Value]:
        """Variables from the database as typed values. What does not fit its declaration is left as it is."""
        properties = self.properties
        return {name: _decoded(value, properties.get(name, {})) for name, value in variables.items()}

    def encode(self, typed: Mapping[str, Value]) -> dict[str, Any]:
        """JSON-ready values: dates, times, durations as texts; Decimal stays, to be written as a number."""
        return {name: _encoded(value) for name, value in typed.items()}


def _refuse_bad(name: str, schema: object) -> None:
    if not isinstance(schema, Mapping):
        raise FormError(_("data.json：变量“{name}”应为一个对象", name=name))
    if str(schema.get("type")) not in TYPES:
        raise FormError(
            _("data.json：变量“{name}”的 type 应为 {types} 之一", name=name, types=_("、").join(sorted(TYPES)))
        )


def _decoded(value: Any, schema: Mapping[str, Any]) -> Value:
    kind = type(value)
    if kind is str:
        reader = _READERS.get(str(schema.get("format")))
        return _read(reader, value) if reader else value
    if kind is float:
        return Decimal(repr(value))
    if kind is list:
        items = schema.get("items", {})
        return [_decoded(item, items) for item in value]
    if kind is dict:
        properties = schema.get("properties", {})
        return {name: _decoded(item, properties.get(name, {})) for name, item in value.items()}
    return value


def _read(reader: Any, text: str) -> Value:
    try:
        return reader(text)
    except (ValueError, FeelError):
        return text


def _encoded(value: Value) -> Any:
    if value is None or isinstance(value, (str, bool, int, Decimal)):
        return value
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _encoded(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encoded(item) for item in value]
    if isinstance(value, timedelta):
        return _days_text(value)
    if isinstance(value, YearsMonths):
        return str(value)
    raise FormError(_("不能保存这样的值：{type}", type=type(value).__name__))


def _days_text(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    seconds = abs(value).total_seconds()
    return f"{sign}PT{seconds:f}".rstrip("0").rstrip(".") + "S"
