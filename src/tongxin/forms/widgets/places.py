"""Where something is: a place of the tree of units, alone or with words that lead to a door in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongxin.feel import Value
from tongxin.forms.masks import masked
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.picks import Reference
from tongxin.forms.widgets.widget import label_of, refuse_strange_characters
from tongxin.words import N_, _

PARTS = frozenset({"place", "detail", "text"})
LEVELS = ("building", "grid", "community")
_LONGEST_DETAIL = 100


class Place(Reference):
    """The code of a unit."""

    control = "place"


class Address(Reference):
    """`place`, the code of a unit; `detail`, the way on from there in words; `text`, all of it, written by us."""

    ask = N_("请填写{title}")
    control = "place"

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, Mapping) or not value or value.keys() - PARTS:
            raise Problem(_("{title}应写成地点和门牌两部分", title=field.title))
        detail = self._detail(field, value.get("detail"))
        place = value.get("place")
        if place is None or place == "":
            if detail:
                raise Problem(_("请选择{title}在哪里，只写门牌找不到", title=field.title))
            return None
        return {"place": super().check(field, place, now), **({"detail": detail} if detail else {})}

    def _detail(self, field: Field, detail: Value) -> str:
        if detail is None:
            return ""
        limit = longest_detail(field)
        if not isinstance(detail, str):
            raise Problem(_("{title}应为文字", title=field.title))
        if len(detail) > limit:
            raise Problem(
                _("{title}最多 {limit} 字，现在有 {n} 字，请缩短", title=field.title, limit=limit, n=len(detail))
            )
        refuse_strange_characters(detail)
        return " ".join(detail.split())

    def text(self, field: Field, value: Value) -> str:
        return str(value.get("place") or "") if isinstance(value, Mapping) else str(value)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        if not isinstance(value, Mapping):
            return str(value)
        return str(value.get("text") or full(label_of(self.text(field, value), choices, ""), value))

    def masked(self, field: Field, value: Value, display: str) -> str:
        if field.schema.get("x-sensitive") or not isinstance(value, Mapping):
            return super().masked(field, value, display)
        detail = str(value.get("detail") or "")
        return f"{display.removesuffix(detail)}{masked(str(field.sensitive), detail)}" if detail else display


def full(place: str, value: Mapping[str, Any]) -> str:
    """The words of an address: 怡园社区 怡园小区2号楼 3单元502."""
    return " ".join(part for part in (place.replace(" › ", " "), str(value.get("detail") or "")) if part)


def sensitive_detail(schema: Mapping[str, Any]) -> Any:
    """How an address's detail is masked where the rest is not."""
    return _part(schema).get("x-sensitive")


def longest_detail(field: Field) -> int:
    """Characters."""
    limit = _part(field.schema).get("maxLength", _LONGEST_DETAIL)
    return limit if isinstance(limit, int) else _LONGEST_DETAIL


def _part(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    detail = properties.get("detail") if isinstance(properties, Mapping) else None
    return detail if isinstance(detail, Mapping) else {}


def levels_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The levels of the places that may be chosen."""
    given = schema.get("x-level", LEVELS)
    return (given,) if isinstance(given, str) else tuple(given)
