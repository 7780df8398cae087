"""Why a decision answered as it did, in plain words: from an explanation as it was kept."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from tongxin.words import _, retold

Titles = Mapping[str, Mapping[str, str]]
_NONE: Titles = MappingProxyType({})


def told(explanation: Iterable[Mapping[str, Any]], *, with_values: bool = True, titles: Titles = _NONE) -> str:
    """A line for each table: rules, what they were asked and answered. Without values: the rules alone.

    `titles`: variable → what its values are called.
    """
    return "\n".join(_table(entry, with_values=with_values, titles=titles) for entry in explanation)


def shown(value: Any, labels: Mapping[str, str] | None = None) -> str:
    """A value as a person reads it; `labels` are the titles of a context's entries."""
    if value is None:
        return _("（空）")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Mapping):
        titles = labels or {}
        return _("；").join(
            _("{title}：{value}", title=titles.get(name, name), value=shown(one)) for name, one in value.items()
        )
    if isinstance(value, list | tuple):
        return _("、").join(shown(one, labels) for one in value) or _("（空的列表）")
    return str(value)


def _table(entry: Mapping[str, Any], *, with_values: bool, titles: Titles) -> str:
    rules = _rules(entry)
    if not with_values:
        return rules
    asked = _("；").join(
        _("{title}：{value}", title=one["label"], value=_called(one, titles)) for one in entry.get("inputs", ())
    )
    answered = shown(entry.get("value"), entry.get("labels"))
    return _("{rules}（{asked}）→ {answered}", rules=rules, asked=asked, answered=answered)


def _called(asked: Mapping[str, Any], titles: Titles) -> str:
    known = titles.get(str(asked.get("name") or asked["label"]), {})
    return known.get(str(asked["value"])) or shown(asked["value"])


def _rules(entry: Mapping[str, Any]) -> str:
    if entry.get("problem"):
        return _("{name}：{problem}", name=entry["decision"], problem=retold(entry["problem"]))
    numbers = _("、").join(
        _("第 {number} 行（{note}）", number=rule["number"], note=rule["annotation"])
        if rule["annotation"]
        else _("第 {number} 行", number=rule["number"])
        for rule in entry.get("rules", ())
    )
    return _("{name}：{rules}", name=entry["decision"], rules=numbers or _("没有哪一行命中"))
