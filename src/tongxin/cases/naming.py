"""What values name, in words: people, cases, units, places and documents instead of their ids."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from tongxin import forms
from tongxin.cases import queries, uploads
from tongxin.people import directory, places
from tongxin.words import _

Choices = dict[str, Sequence[forms.Choice]]


def names(session: Session, form: forms.Form, *many: Mapping[str, Any]) -> Choices:
    """Field → what its values name, as choices, so that a view shows names; one look-up a kind, however many values."""
    wanted = {field.name: list(dict.fromkeys(_ids(field, many))) for field in form.fields}
    kinds = {field.name: field.names for field in form.fields if wanted[field.name]}
    said = {kind: _said(session, kind, _all(wanted, kinds, kind)) for kind in set(kinds.values())}
    found: Choices = {
        name: [forms.Choice(one, said[kind][one]) for one in wanted[name] if one in said[kind]]
        for name, kind in kinds.items()
    }
    for values in many:
        for name, documents in uploads.named(session, form, values).items():
            found[name] = [*found.get(name, ()), *documents]
    return found


def _ids(field: forms.Field, many: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    if not field.names:
        return
    for values in many:
        value = values.get(field.name)
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def _all(wanted: Mapping[str, Sequence[str]], kinds: Mapping[str, str], kind: str) -> list[str]:
    return [one for name, mine in kinds.items() if mine == kind for one in wanted[name]]


def _said(session: Session, kind: str, ids: Sequence[str]) -> dict[str, str]:
    if kind == "unit":
        return directory.names_by_code(session, ids)
    if kind == "place":
        known = places.named(session, ids)
        return {one: known[one].text if one in known else _("找不到") for one in ids}
    numbers = {one: int(one) for one in ids if one.isascii() and one.isdecimal() and len(one) < 19}
    if kind == "person":
        people = directory.names(session, numbers.values())
        return {one: people.get(number, _("已不在册")) for one, number in numbers.items()}
    cases = queries.titles_of(session, set(numbers.values()))
    return {one: cases.get(number, _("找不到")) for one, number in numbers.items()}
