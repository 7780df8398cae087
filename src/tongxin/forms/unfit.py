"""What a declaration may not say: limits, levels and kinds that mean nothing."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tongxin.forms.widgets import FILE_KINDS, PLACES, places
from tongxin.forms.widgets.texts import compiled
from tongxin.words import _

_LEVELS = frozenset({"building", "grid", "community", "township", "county", "city", "province"})
_KINDS = frozenset({"territory", "department"})
_LIMITS = ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems")


class Unfit(Exception):
    """A declaration says something that means nothing; the message says what."""


def refuse(widget: str, schema: Mapping[str, Any]) -> None:
    """Raises Unfit for what a field of this widget cannot be declared to be."""
    _unit(widget, schema)
    _kinds(schema)
    if widget in PLACES:
        _levels(schema)


def refuse_limits(schema: Mapping[str, Any]) -> None:
    """Raises Unfit for a limit that is none."""
    for key in _LIMITS:
        value = schema.get(key, 1)
        whole = key.startswith(("min", "max")) and key not in {"minimum", "maximum"}
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float, Decimal)):
            raise Unfit(_("{key} 应为整数", key=key) if whole else _("{key} 应为数字", key=key))
        if key == "multipleOf" and value <= 0:
            raise Unfit(_("multipleOf 应大于 0"))
    if "pattern" in schema:
        try:
            compiled(schema["pattern"])
        except Exception as error:  # re2 raises its own error, which its stubs do not know
            raise Unfit(_("pattern 不是正则表达式：{error}", error=error)) from error


def _unit(widget: str, schema: Mapping[str, Any]) -> None:
    if widget != "unit":
        return
    allowed = {"x-level": _LEVELS, "x-within": _LEVELS, "x-kind": _KINDS}
    for key, known in allowed.items():
        if key in schema and str(schema[key]) not in known:
            raise Unfit(_("{key} 应为 {known} 之一", key=key, known=_("、").join(sorted(known))))
    if not schema.get("readOnly") and not {"x-level", "x-kind"} & schema.keys():
        raise Unfit(_("要说明选哪一级的单位：写 x-level，或 x-kind"))


def _kinds(schema: Mapping[str, Any]) -> None:
    kinds = schema.get("x-accept", ["pdf"])
    if not isinstance(kinds, list) or not kinds or not all(str(one) in FILE_KINDS for one in kinds):
        raise Unfit(_("x-accept 应为列表，可用：{known}", known=_("、").join(FILE_KINDS)))


def _levels(schema: Mapping[str, Any]) -> None:
    given = schema.get("x-level", list(places.LEVELS))
    listed = [given] if isinstance(given, str) else given
    if not (isinstance(listed, list) and listed and all(one in places.LEVELS for one in listed)):
        raise Unfit(_("x-level 应为 {levels} 里的一个或几个", levels=_("、").join(places.LEVELS)))
