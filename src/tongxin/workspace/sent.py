"""What an owner's form page sent, read into what it means."""

from itertools import zip_longest

from fastapi import Request

from tongxin.web.posted import Posted
from tongxin.workspace.conditions import MOST_CLAUSES
from tongxin.workspace.field_rules import Line, Rules
from tongxin.workspace.form_editing import Edited


def wants_json(request: Request) -> bool:
    """Whether the modeler asks, which stays on its page."""
    return request.headers.get("accept") == "application/json"


def edited_form(posted: Posted) -> Edited:
    """Fields are `field` (in order), `help.NAME`, and ticks `required` and `read_only` with the names.

    When a field is shown and who fills it is `when.NAME` and more (see `_rules`); without it they stay as they were.
    """
    names = posted.fields.get("field", [])
    removed = set(posted.fields.get("remove", []))
    return Edited(
        title=posted.get("title"),
        submit=posted.get("submit"),
        order=tuple(_moved([one for one in dict.fromkeys(names) if one not in removed], posted.get("move"))),
        help={name: posted.get(f"help.{name}") for name in names},
        required=frozenset(posted.fields.get("required", [])),
        read_only=frozenset(posted.fields.get("read_only", [])),
        rules={name: _rules(posted, name) for name in names if f"when.{name}" in posted.fields},
        add=posted.get("add"),
        new_title=posted.get("new_title"),
        new_kind=posted.get("new_kind"),
        new_options=tuple(posted.get("new_options").splitlines()),
        new_role=posted.get("new_role"),
    )


def _rules(posted: Posted, name: str) -> Rules:
    """Rows are `subject.NAME`, `comparison.NAME` and `value.NAME`, as often as there are rows."""
    columns = [posted.fields.get(f"{part}.{name}", []) for part in ("subject", "comparison", "value")]
    rows = [Line(*row) for row in zip_longest(*columns, fillvalue="")]
    return Rules(
        when=posted.get(f"when.{name}"),
        lines=tuple(row for row in rows if row.subject or row.value.strip())[:MOST_CLAUSES],
        any_of=posted.get(f"joined.{name}") == "any",
        condition=_text(posted, f"condition.{name}"),
        fill=posted.get(f"fill.{name}", "person"),
        formula=_text(posted, f"formula.{name}"),
        source=posted.get(f"source.{name}"),
    )


def _text(posted: Posted, name: str) -> str:
    return posted.get(name).replace("\r\n", "\n")


def _moved(names: list[str], move: str) -> list[str]:
    """`up NAME` or `down NAME`: one place."""
    way, _space, name = move.partition(" ")
    if name not in names or way not in ("up", "down"):
        return names
    at = names.index(name)
    to = max(0, at - 1) if way == "up" else min(len(names) - 1, at + 1)
    names.insert(to, names.pop(at))
    return names
