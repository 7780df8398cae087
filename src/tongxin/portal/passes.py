"""What a resident hands in is shown to the database, which lets this transaction see and do what it opens, no more."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from tongxin import forms
from tongxin.cases import codes, links, opening, queries, uploads
from tongxin.cases.models import Case

_BY_LINK = text("SELECT case_by_link(:case, :token)")
_BY_FORM = text("SELECT case_by_form(:once)")
_BY_CODE = text("SELECT case_by_code(:code)")
_HOLD = text("SELECT hold_files(:ids)")


def by_link(session: Session, token: str) -> Case | None:
    """The case of a personal link, to see and to act."""
    case_id = codes.case_of_token(token)
    if case_id is None or len(token) > 60 or "\0" in token:
        return None
    known = session.scalar(_BY_LINK, {"case": case_id, "token": token}) is not None
    case = queries.case_by_id(session, case_id)  # the staff's process also sees it without, and knows the secret
    return case if case is not None and (known or links.fits(case, token)) else None


def by_form(session: Session, once: str) -> Case | None:
    """The case that the very same form opened; waits for one that is just being opened by it."""
    opening.wait_for_form(session, once)
    case_id = session.scalar(_BY_FORM, {"once": once})
    return queries.case_by_id(session, case_id) if case_id is not None else None


def by_code(session: Session, typed: str) -> Case | None:
    """The case with this code however it was typed, to look at; None also for what cannot be a code."""
    bare = codes.read(typed)
    case_id = session.scalar(_BY_CODE, {"code": bare}) if bare is not None else None
    return queries.case_by_id(session, case_id) if case_id is not None else None


def hold_files(session: Session, form: forms.Form, values: Mapping[str, Any]) -> None:
    """Files a form brings back that are in no case yet: whoever knows their numbers may hand them in."""
    fit = uploads.ids_in(form, values)
    if fit:
        session.execute(_HOLD, {"ids": fit})
