"""What a form's choosers may choose from: people, cases and photos, as this case and this person may."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from tongxin import forms
from tongxin.cases.held import Area
from tongxin.cases.models import Attachment, Case, CaseLink
from tongxin.events import Actor
from tongxin.people import directory
from tongxin.procedures.models import DefinitionRow

Value = Any
MOST_CASES = 50
_Other = aliased(Case, name="other")


def options(
    session: Session, form: forms.Form, area: Area, case: Case | None, now: datetime
) -> dict[str, Sequence[forms.Choice]]:
    """Field name → choices, for the fields whose choices are not in the form."""
    found: dict[str, Sequence[forms.Choice]] = {}
    for field in form.fields:
        if field.widget == "person":
            found[field.name] = _people(session, field, area, now)
        elif field.widget == "case" and case is not None:
            found[field.name] = _open_cases(session, area, case)
        elif field.widget == "place":
            found[field.name] = _places(session, area)
    return found


def known(
    session: Session, area: Area, case: Case | None, by: Actor, now: datetime
) -> Mapping[str, Callable[[forms.Field, Value], bool]]:
    """Widget → whether a chosen value may be chosen; asked only for values that were given."""

    def person(field: forms.Field, value: Value) -> bool:
        return value in {choice.value for choice in _people(session, field, area, now)}

    def other_case(_field: forms.Field, value: Value) -> bool:
        return case is not None and value in {choice.value for choice in _open_cases(session, area, case)}

    def photo(_field: forms.Field, value: Value) -> bool:
        return _may_use(session, value, case, by)

    def place(_field: forms.Field, value: Value) -> bool:
        return value in {choice.value for choice in _places(session, area)}

    return {"person": person, "case": other_case, "photo": photo, "place": place}


def attachment_ids(form: forms.Form, values: Mapping[str, Value]) -> list[int]:
    """The files a form's values hand in."""
    return [int(one) for field in form.fields if field.widget == "photo" for one in values.get(field.name) or ()]


def _people(session: Session, field: forms.Field, area: Area, now: datetime) -> list[forms.Choice]:
    role = str(field.schema.get("x-role", ""))
    found = directory.candidates(session, role, area.path, area.nearest, now.date())
    return [
        forms.Choice(str(one.account_id), f"{one.name}（{one.unit_name}）", "就近" if one.near else "其他")
        for one in found
    ]


def _places(session: Session, area: Area) -> list[forms.Choice]:
    return [forms.Choice(unit.code, unit.name) for unit in directory.places(session, area.path)]


def _open_cases(session: Session, area: Area, case: Case) -> list[forms.Choice]:
    procedure = select(DefinitionRow.key).where(col(DefinitionRow.id) == case.definition_id).scalar_subquery()
    rows = session.exec(
        select(Case)
        .join(DefinitionRow, col(Case.definition_id) == col(DefinitionRow.id))
        .where(
            col(Case.unit_id) == area.unit_id,
            col(DefinitionRow.key) == procedure,  # of whatever version
            col(Case.status) == "open",
            col(Case.id) != case.id,
            ~_merged(col(Case.id)),  # neither waits for this one nor for yet another
        )
        .order_by((col(Case.place_id) == case.place_id).desc(), col(Case.opened_at).desc())
        .limit(MOST_CASES)
    ).all()
    return [forms.Choice(str(row.id), f"{row.code} {row.title}") for row in rows]


def _merged(case_id: Any) -> ColumnElement[bool]:
    """Tied to a case that is still open: a tie to a closed one has nothing more to tell."""
    return exists().where(
        col(CaseLink.from_id) == case_id,
        col(CaseLink.kind) == "merged",
        col(CaseLink.to_id) == col(_Other.id),
        col(_Other.status) == "open",
    )


def _may_use(session: Session, value: Value, case: Case | None, by: Actor) -> bool:
    """Whether somebody may hand a file in: their own that is still free, or one this case has already."""
    fits = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20
    row = session.get(Attachment, int(value)) if fits else None
    if row is None:
        return False
    return row.uploaded_by == by.account_id if row.case_id is None else case is not None and row.case_id == case.id
