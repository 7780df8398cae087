"""A ledger's columns for people to read: names instead of ids, and masks over what not everybody need know."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from tongxin import forms
from tongxin.cases import naming
from tongxin.forms.masks import masked
from tongxin.procedures.definition import Definition

_SAID = frozenset({"file", "signature", "rows"})  # widgets told in words, as are those that name somebody or something


def told(
    session: Session, definition: Definition, many: Sequence[Mapping[str, Any]], *, reveal: bool
) -> list[dict[str, Any]]:
    """Cases' ledgers with people, units, documents … in words where a column holds nothing but such a variable.

    Unless `reveal`, what a column makes of sensitive values is masked: in part where it is nothing but one. Names are
    looked up once for all of them.
    """
    fields = {column: field for column in definition.ledger if (field := variable_of(definition, column)) is not None}
    masks = {} if reveal else {column: kind for column in definition.ledger if (kind := mask_of(definition, column))}
    by_name = {one.name: one for one in fields.values()}
    alone = replace(definition.facts, fields=tuple(by_name.values()), by_name=by_name)
    typed = [_typed(definition, written, fields) for written in many]
    named = naming.names(session, alone, *typed)
    return [_row(written, values, fields, masks, alone, named) for written, values in zip(many, typed, strict=True)]


def variable_of(definition: Definition, column: str) -> forms.Field | None:
    """The variable that a column is nothing but, if it is one to be told in words."""
    field = definition.facts.by_name.get(definition.ledger[column].source.strip().removeprefix("=").strip())
    return field if field is not None and (field.widget in _SAID or field.names) else None


def mask_of(definition: Definition, column: str) -> str | None:
    """How a column is masked for those who need not know: as its variable where it is nothing but one, else wholly."""
    expression, sensitive = definition.ledger[column], definition.sensitive
    read = (expression.names | expression.possible_names) & sensitive.keys()
    if not read:
        return None
    return sensitive[next(iter(read))] if len(read) == 1 and expression.source.strip() in read else "hidden"


def _typed(definition: Definition, written: Mapping[str, Any], fields: Mapping[str, forms.Field]) -> dict[str, Any]:
    values = {field.name: written[column] for column, field in fields.items() if written.get(column) is not None}
    return definition.dictionary.decode(values)


def _row(
    written: Mapping[str, Any],
    values: Mapping[str, Any],
    fields: Mapping[str, forms.Field],
    masks: Mapping[str, str],
    alone: forms.Form,
    named: naming.Choices,
) -> dict[str, Any]:
    shown: dict[str, Any] = dict(written)
    views = {one.name: one for one in forms.view(alone, {}, values, options=named, reveal=True)} if fields else {}
    for column, value in written.items():
        if column in masks and value is not None:
            shown[column] = masked(masks[column], _plain(value))
        elif column in fields and value is not None:
            shown[column] = views[fields[column].name].display
        elif isinstance(value, dict):
            shown[column] = value.get("text")
    return shown


def _plain(value: Any) -> str:
    return str(value.get("text") or "") if isinstance(value, dict) else str(value)
