"""Whether what a case knows and has begun has a place in another version, and which step most likely took over."""

from collections.abc import Iterable, Mapping
from typing import Any

from tongxin.engine import Landing, Node
from tongxin.procedures.definition import Definition
from tongxin.words import _


def obstacles(
    old: Definition,
    new: Definition,
    variables: Mapping[str, Any],
    landings: Iterable[Landing],
    mapping: Mapping[str, str],
) -> tuple[str, ...]:
    """What cannot come along, in sentences: variables lost or of another type, calls that would be another's.

    Also what `mapping` names and a version does not have: it would be written into what was done already.
    """
    strange = [was for was in mapping if was not in old.process.nodes]
    strange += [now for now in mapping.values() if now and now not in new.process.nodes]
    found = [_("流程里没有“{node}”这一步", node=one) for one in strange]
    found += [said for name in variables if (said := _variable(old, new, name, variables[name]))]
    found += [said for one in landings if one.to and (said := _call(old, new, one))]
    return tuple(dict.fromkeys(found))


def suggestions(old: Definition, new: Definition, landings: Iterable[Landing]) -> dict[str, str]:
    """For every step that has no place under its own name the one that most likely took over, "" where none did."""
    return {one.node: _suggested(old, new, one.node) or "" for one in landings if one.to is None}


def candidates(old: Definition, new: Definition, node_id: str) -> list[Node]:
    """Steps of the new version of the same kind."""
    was = old.process.nodes[node_id]
    human = ("userTask", "manualTask")
    kinds = human if was.kind in human else (was.kind,)
    return [one for one in new.process.nodes.values() if one.kind in kinds and one.event == was.event]


def _suggested(old: Definition, new: Definition, node_id: str) -> str | None:
    """The same step (what is around it has moved), else that of the same name, else the only new one of its form."""
    was = old.process.nodes[node_id]
    alike = candidates(old, new, node_id)
    if any(one.id == node_id for one in alike):
        return node_id
    named = [one for one in alike if was.name and one.name == was.name]
    if named:
        return named[0].id
    formed = [one for one in alike if was.form and one.form == was.form and one.id not in old.process.nodes]
    return formed[0].id if len(formed) == 1 else None


def _variable(old: Definition, new: Definition, name: str, value: Any) -> str | None:
    was, now = old.dictionary.properties.get(name), new.dictionary.properties.get(name)
    if value is None or was is None:  # what no dictionary knew is carried on as before
        return None
    title = str(was.get("title", name))
    if now is None:
        return _("新版没有“{title}”这一项，换过去它的值就没有了", title=title)
    if _shape(was) != _shape(now) and (was["type"], now["type"]) != ("integer", "number"):
        return _("新版里“{title}”换了类型，原来的值放不进去", title=title)
    return None


def _shape(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    items = schema.get("items")
    inner = _shape(items) if isinstance(items, Mapping) else None
    parts = schema.get("properties") if schema.get("type") == "object" else None
    fields = {name: _shape(part) for name, part in parts.items()} if isinstance(parts, Mapping) else None
    return schema.get("type"), schema.get("format"), inner, fields


def _call(old: Definition, new: Definition, landing: Landing) -> str | None:
    was, now = old.process.nodes[landing.node], new.process.nodes[landing.to or ""]
    if was.action == now.action:
        return None
    return _("“{name}”正在调用外部系统，新版里它调用的是另一个；请等有了答复再换", name=was.name or was.id)
