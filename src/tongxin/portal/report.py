"""What a resident sees who reports something: which kinds of things there are, and the form of each."""

import secrets
from typing import Any

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import choices, opening, start_page, uploads
from tongxin.cases.held import Held
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.web.guards import NotFound
from tongxin.words import _


def choose(session: Session, place: str) -> dict[str, Any] | None:
    """The page that asks what it is about; None where there is but one kind."""
    known = _all(session)
    if len(known) < 2:
        return None
    kinds = []
    for one in known:
        form = one.forms[one.file.start.form]
        title = form.said(form.title, opening.scope(one, by_staff=False), clock.now())
        kinds.append({"key": one.key, "title": title or one.file.title, "about": one.file.description})
    calls = {name: (name, numbers, advice) for one in known for name, numbers, advice in _emergency(one)}
    where = opening.place_by_code(session, place)
    return {
        "kinds": kinds,
        "place": {"id": where.code, "name": directory.full_name(session, where)} if where else None,
        "emergency": list(calls.values()),
    }


def _all(session: Session) -> list[Definition]:
    """The procedures residents open, in the order they are offered."""
    known = [one for one in catalogue.all_current(session) if REPORTER in one.file.start.by]
    return sorted(known, key=lambda one: one.file.public.rank)


def _emergency(definition: Definition) -> list[tuple[str, list[str], str]]:
    return [(one.name, one.numbers, one.advice) for one in definition.file.emergency]


def reportable(session: Session, key: str) -> Definition:
    """The procedure residents report with: the one named, or the first there is; else 404."""
    for definition in _all(session):
        if key in ("", definition.key):
            return definition
    raise NotFound(_("现在还不能在网上报事，请打社区电话。"))


def show(
    session: Session,
    key: str,
    where: forms.Sent,
    *,
    typed: dict[str, Any] | None = None,
    errors: tuple[forms.Error, ...] = (),
) -> dict[str, Any]:
    """The page with the form, as far as it is filled in."""
    definition = reportable(session, key)
    form = definition.forms[definition.file.start.form]
    place = opening.place_by_code(session, str(where.get("place") or ""))
    place_errors = tuple(error for error in errors if error.field == "place")
    others = tuple(error for error in errors if error.field != "place")
    return {
        "procedure": definition.key,
        "title": form.said(form.title, opening.scope(definition, by_staff=False), clock.now()) or definition.file.title,
        "several": len(_all(session)) > 1,
        "primary": form.submit or _("报给社区"),
        "about": form.said(form.help, opening.scope(definition, by_staff=False), clock.now()),
        "once": secrets.token_urlsafe(12),
        "place": {"id": place.code, "name": directory.full_name(session, place)} if place else None,
        "place_field": None if place else start_page.place_field(session, ["/"], where, place_errors),
        "kept": uploads.kept_names(session, form, typed or {}, None),
        "fields": fields(session, definition, place, typed or {}, others),
        "emergency": _emergency(definition),
        "errors": [],
    }


def fields(
    session: Session,
    definition: Definition,
    place: Unit | None,
    typed: dict[str, Any],
    errors: tuple[forms.Error, ...],
) -> tuple[forms.FieldView, ...]:
    """The form's fields as they are with what is typed so far."""
    form, now = definition.forms[definition.file.start.form], clock.now()
    options = choices.options_to_start(session, definition, ["/"], place, now, resident=True, typed=typed)
    scope = opening.scope(definition, by_staff=False)
    return forms.view(form, typed, scope, errors, now, options=options)


def alerts(view: Held) -> list[str]:
    """Warnings that belong to what was reported, such as: call the fire brigade."""
    form = view.definition.forms[view.definition.file.start.form]
    fields = forms.view(form, view.variables, view.variables, now=clock.now())
    return [field.alert for field in fields if field.alert]
