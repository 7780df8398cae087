"""What a form's choosers may choose from: people, cases and photos, as this case and this person may."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import forms
from tongxin.cases import uploads
from tongxin.cases.held import Area
from tongxin.cases.models import Attachment, Case, CaseLink
from tongxin.events import Actor
from tongxin.forms.widgets import PLACES
from tongxin.forms.widgets.places import levels_of
from tongxin.people import directory, places
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import DefinitionRow
from tongxin.words import _

Value = Any
Options = dict[str, Sequence[forms.Choice] | forms.Found]
_NOTHING: Mapping[str, Value] = MappingProxyType({})
MOST_CASES = 50
_Other = aliased(Case, name="other")


def options(
    session: Session,
    form: forms.Form,
    area: Area,
    case: Case,
    now: datetime,
    *,
    resident: bool = False,
    typed: Mapping[str, Value] = _NOTHING,
) -> Options:
    """Field name → choices, for the fields whose choices are not in the form.

    `typed`: the values the form is shown with, and what is looked for.
    `resident`: the form is for the case's own resident, who learns nothing of who works here, nor of others' cases.
    """
    found: Options = {}
    for field in form.fields:
        if field.options is not None and field.is_writable:
            continue
        if field.widget == "person" and not resident:
            found[field.name] = _people(session, field, [area.path], area.nearest, now)
        elif field.widget == "case" and not resident:
            found[field.name] = _open_cases(session, [area.path], case.definition_id, case)
        elif field.widget in ("place", "unit") and not field.is_writable:
            code = str(case.variables.get(field.name, ""))
            found[field.name] = [forms.Choice(*one) for one in directory.names_by_code(session, [code]).items()]
        elif field.widget == "unit" and not resident:
            found[field.name] = _units(session, field, [area.path], area.nearest, now)
        elif field.widget in PLACES:
            found[field.name] = offered_places(session, field.name, [area.path], levels_of(field.schema), typed)
    return found


def options_to_start(
    session: Session,
    definition: Definition,
    paths: Sequence[str],
    place: Unit | None,
    now: datetime,
    *,
    resident: bool = False,
    typed: Mapping[str, Value] = _NOTHING,
) -> Options:
    """The same for the form that opens a case: from `paths` before its place is known, then from around the place."""
    form = definition.forms[definition.file.start.form]
    wanted = {field.widget for field in form.fields} & {"person", "case", "unit", *PLACES}
    if not wanted:
        return {}
    within = [_unit_of(session, definition, place)] if place is not None else paths
    found: Options = {}
    for field in form.fields:
        if field.options is not None and field.is_writable:
            continue
        if field.widget == "person" and not resident:
            found[field.name] = _people(session, field, within, place.path if place else None, now)
        elif field.widget == "case" and not resident:
            found[field.name] = _open_cases(session, within, definition.id or 0, None)
        elif field.widget == "unit" and not resident:
            found[field.name] = _units(session, field, within, place.path if place else None, now)
        elif field.widget in PLACES:
            found[field.name] = offered_places(session, field.name, within, levels_of(field.schema), typed)
    return found


def known(session: Session, area: Area, case: Case | None, definition_id: int, by: Actor, now: datetime) -> forms.Known:
    """Widget → whether a chosen value may be chosen; asked only for values that were given."""
    theirs = by.kind == "reporter"

    def person(field: forms.Field, value: Value) -> bool:
        return not theirs and _is_among(value, _people(session, field, [area.path], area.nearest, now))

    def other_case(_field: forms.Field, value: Value) -> bool:
        return not theirs and _is_among(value, _open_cases(session, [area.path], definition_id, case))

    def file(field: forms.Field, value: Value) -> bool:
        return _may_use(session, field, value, case, by)

    def place(field: forms.Field, value: Value) -> str:
        found = places.one(session, [area.path], value, levels_of(field.schema))
        return found.text if found else ""

    def unit(field: forms.Field, value: Value) -> bool:
        return not theirs and _is_among(value, _units(session, field, [area.path], area.nearest, now))

    found: dict[str, Any] = {"person": person, "case": other_case, "unit": unit}
    return {**found, **dict.fromkeys(PLACES, place), **dict.fromkeys(forms.FILES, file)}


def attachment_ids(form: forms.Form, values: Mapping[str, Value]) -> list[int]:
    """The files a form's values hand in."""
    return [int(one) for one in forms.file_ids(form, values)]


def _people(
    session: Session, field: forms.Field, paths: Sequence[str], nearest: str | None, now: datetime
) -> list[forms.Choice]:
    role = str(field.schema.get("x-role", ""))
    found = [one for path in paths for one in directory.candidates(session, role, path, nearest, now.date())]
    return [
        forms.Choice(
            str(one.account_id),
            _("{name}（{unit}）", name=one.name, unit=one.unit_name),
            _("就近") if one.near else _("其他"),
        )
        for one in dict.fromkeys(found)
    ]


def offered_places(
    session: Session, name: str, paths: Sequence[str], levels: Sequence[str], typed: Mapping[str, Value]
) -> Sequence[forms.Choice] | forms.Found:
    """All places at or below `paths` when they are few; else the one chosen, and those that fit what is looked for."""
    all_of_them = places.few(session, paths, levels)
    if all_of_them is not None:
        return [forms.Choice(one.code, _called(one, one.name), " › ".join(one.above)) for one in all_of_them]
    text = forms.found_in(typed, name).strip()
    found = places.search(session, paths, text, levels) if text else []
    shown, value = found[: places.MOST_FOUND], typed.get(name)
    code = str((value.get("place") if isinstance(value, Mapping) else value) or "")
    chosen = places.one(session, paths, code, levels) if code not in {one.code for one in shown} else None
    listed = tuple(forms.Choice(one.code, _called(one, one.path)) for one in ([chosen] if chosen else []) + shown)
    return forms.Found(text, listed, len(shown), more=len(found) > len(shown))


def _called(place: places.Place, name: str) -> str:
    return _("{name}（公共地方）", name=name) if place.level == "community" else name


def _units(
    session: Session, field: forms.Field, paths: Sequence[str], nearest: str | None, now: datetime
) -> list[forms.Choice]:
    """Units of the field's level and kind at or below these paths, or below what stands above them at `x-within`."""
    level, kind = field.schema.get("x-level"), field.schema.get("x-kind")
    within = field.schema.get("x-within")
    tops = dict.fromkeys(directory.above_at(session, path, within) if within else path for path in paths)
    found = [one for path in tops for one in directory.units(session, path, level, kind, nearest, now.date())]
    named = Counter(unit.name for unit, _above, _near in found)
    choices = {
        unit.code: forms.Choice(
            unit.code,
            _("{name}（{unit}）", name=unit.name, unit=above) if named[unit.name] > 1 and above else unit.name,
            _("就近") if near else _("其他"),
        )
        for unit, above, near in found
    }
    return list(choices.values())


def _open_cases(session: Session, paths: Sequence[str], definition_id: int, case: Case | None) -> list[forms.Choice]:
    """Open cases of the same procedure, of whatever version, that live at these units; `case` itself is none of them.

    Who is asked about one case chooses among those of its unit, who opens one among those of their area.
    """
    procedure = select(DefinitionRow.key).where(col(DefinitionRow.id) == definition_id).scalar_subquery()
    lives_there = or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths)) if paths else false()
    statement = (
        select(Case)
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .join(Unit, col(Case.unit_id) == col(Unit.id))
        .where(
            lives_there if case is None else col(Case.unit_id) == case.unit_id,
            col(DefinitionRow.key) == procedure,
            col(Case.status) == "open",
            ~_merged(col(Case.id)),  # neither waits for this one nor for yet another
        )
        .limit(MOST_CASES)
    )
    newest = col(Case.opened_at).desc()
    if case is None:
        rows = session.exec(statement.order_by(newest)).all()
    else:
        near = (col(Case.place_id) == case.place_id).desc()
        rows = session.exec(statement.where(col(Case.id) != case.id).order_by(near, newest)).all()
    return [forms.Choice(str(row.id), f"{row.code} {row.title}") for row in rows]


def _unit_of(session: Session, definition: Definition, place: Unit) -> str:
    """The path of the unit a case opened at the place would live at."""
    try:
        return directory.at_level(session, place, definition.file.start.level).path
    except directory.NoSuchUnit:
        return place.path


def _is_among(value: Value, choices: Sequence[forms.Choice]) -> bool:
    return any(choice.value == value for choice in choices)


def _merged(case_id: Any) -> ColumnElement[bool]:
    """Tied to a case that is still open: a tie to a closed one has nothing more to tell."""
    return exists().where(
        col(CaseLink.from_id) == case_id,
        col(CaseLink.kind) == "merged",
        col(CaseLink.to_id) == col(_Other.id),
        col(_Other.status) == "open",
    )


def _may_use(session: Session, field: forms.Field, value: Value, case: Case | None, by: Actor) -> bool:
    """Whether somebody may hand a file in: their own that is still free, or one this case has already."""
    fits = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20
    row = session.get(Attachment, int(value)) if fits else None
    if row is None or (row.offered_to is not None and (case is None or row.offered_to != case.id)):
        return False
    if row.case_id is not None:
        return case is not None and row.case_id == case.id
    return row.uploaded_by == by.account_id and uploads.fits(field, row)
