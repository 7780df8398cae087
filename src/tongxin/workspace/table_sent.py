"""What the page of a decision table sent, read into the table it means."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tongxin.web.posted import Posted
from tongxin.words import _
from tongxin.workspace.tables import POLICIES, Column, Rule, Table, fits_xml

LONGEST_NAME = 80
_WORD = re.compile(r"[^\W\d][\w\-·]*")
_COMMAS = re.compile(r"[,，、]")
_QUOTES = str.maketrans("“”", '""')
_YES_NO = {"是": "true", "否": "false"}
_LITERALS = frozenset({"null", "true", "false"})


class Unfit(Exception):
    """What was filled in makes no table; the message says what to change."""


def edited(table: Table, posted: Posted, known: Iterable[str]) -> Table:
    """The table with what was typed: `cell` row by row, conditions before results. Raises Unfit."""
    if not all(fits_xml(value) for values in posted.fields.values() for value in values):
        raise Unfit(_("里面有不能保存的字符。"))
    names, width = frozenset(known), len(table.inputs) + len(table.outputs)
    inputs = _columns(posted, "input", table.inputs)
    outputs = _columns(posted, "output", table.outputs)
    rows, cells, notes = (posted.fields.get(one, []) for one in ("rule", "cell", "note"))
    if len(cells) != len(rows) * width or len(notes) != len(rows):
        raise Unfit(_("没有收完整，请回到页面再保存一次。"))
    kinds = [one.type for one in (*inputs, *outputs)]
    rules = []
    for at, identity in enumerate(rows):
        row = [
            quoted(cell, kind, names) for cell, kind in zip(cells[at * width : (at + 1) * width], kinds, strict=True)
        ]
        rules.append(Rule(identity, tuple(row[: len(inputs)]), tuple(row[len(inputs) :]), _plain(notes[at])))
    policy = posted.get("policy")
    return replace(
        table,
        decision=" ".join(posted.get("name").split()),
        policy=policy if policy in POLICIES else table.policy,
        inputs=inputs,
        outputs=outputs,
        rules=tuple(rules),
    )


def quoted(cell: str, kind: str, names: frozenset[str]) -> str:
    """A cell of texts in which the quotation marks were left out gets them, 是 and 否 become FEEL's; all else stays."""
    cell = _plain(cell)
    if kind == "boolean":
        return _YES_NO.get(cell, cell)
    if kind != "string":
        return cell
    cell = cell.translate(_QUOTES)
    words = [one.strip() for one in _COMMAS.split(cell)]
    plain = all(_WORD.fullmatch(one) and one not in names and one not in _LITERALS for one in words)
    return ", ".join(f'"{one}"' for one in words) if plain else cell


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _columns(posted: Posted, part: str, now: tuple[Column, ...]) -> tuple[Column, ...]:
    fields = {
        name: posted.fields.get(f"{part}_{name}", [])
        for name in ("id", "label", "source", "type", "values", "default")
        if part == "output" or name != "default"
    }
    if any(len(values) != len(now) for values in fields.values()):
        raise Unfit(_("没有收完整，请回到页面再保存一次。"))
    rows = [{name: _plain(values[at]) for name, values in fields.items()} for at in range(len(now))]
    return tuple(
        Column(one["id"], one["label"], one["source"], one["type"], one["values"], one.get("default", ""))
        for one in rows
    )
