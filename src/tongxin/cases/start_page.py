"""The contexts of what somebody may open, and of the form that opens it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import access, choices, opening, queries, uploads
from tongxin.cases.models import Case
from tongxin.forms.widgets.places import levels_of
from tongxin.people.identity import Person
from tongxin.procedures import catalogue
from tongxin.procedures.definition import REPORTER, Definition
from tongxin.words import N_, _, role_title

PLACE = forms.load(
    "place",
    {
        "type": "object",
        "title": N_("在哪里"),
        "required": ["place"],
        "properties": {
            "place": {
                "$ref": "../data.json#/properties/place",
                "x-widget": "place",
                "x-level": ["building", "community"],
            }
        },
    },
    forms.Dictionary({"properties": {"place": {"type": "string", "title": N_("在哪里"), "format": "place"}}}),
)
_NOWHERE: Mapping[str, Any] = MappingProxyType({})


def start_index(session: Session, me: Person) -> dict[str, Any]:
    """What this person may open; and of the rest, who may."""
    known = catalogue.all_current(session)
    mine = [one for one in known if access.may_start(me, one)]
    return {
        "procedures": [{"key": one.key, "title": one.file.title, "about": one.file.description} for one in mine],
        "others": [
            {"title": one.file.title, "by": _("、").join(role_title(role) for role in one.file.start.by)}
            for one in known
            if one not in mine and one.file.start.by
        ],
        "unread": queries.unseen(session, me),
    }


def start(
    session: Session,
    me: Person,
    definition: Definition,
    *,
    typed: Mapping[str, Any] | None = None,
    place: Mapping[str, Any] = _NOWHERE,
    errors: tuple[forms.Error, ...] = (),
    about: Case | None = None,
) -> dict[str, Any]:
    """The form that opens a case, for somebody who opens it for a resident, or about another case."""
    form = definition.forms[definition.file.start.form]
    scope = opening.scope(definition, by_staff=True)
    if about is not None and typed is None:
        unit, where = queries.units_of(session, about)
        typed = {str(definition.file.start.about): f"{about.code} {about.title}"}
        place = forms.Sent({"place": (where or unit).code})
    return {
        "procedure": {
            "key": definition.key,
            "title": form.said(form.title, scope, clock.now()) or definition.file.title,
            "help": form.said(form.help, scope, clock.now()),
            "about": definition.file.description,
        },
        "place": place_field(
            session, _reach(me, definition), place, tuple(one for one in errors if one.field == "place")
        ),
        "fields": start_fields(
            session, me, definition, typed or {}, place, tuple(one for one in errors if one.field != "place")
        ),
        "once": secrets.token_urlsafe(12),
        "errors": [],
        "unread": queries.unseen(session, me),
        "about": {"id": about.id, "title": about.title, "code": about.code} if about else None,
        "primary": form.submit if about or REPORTER not in definition.file.start.by else _("代居民报上去"),
    }


def start_fields(
    session: Session,
    me: Person,
    definition: Definition,
    typed: Mapping[str, Any],
    place: Mapping[str, Any],
    errors: tuple[forms.Error, ...] = (),
) -> tuple[forms.FieldView, ...]:
    """The fields of the form that opens a case, but for the place. `place`: of `placed`."""
    now = clock.now()
    chosen = opening.place_by_code(session, str(place.get("place") or ""))
    if chosen is not None and not access.may_start_at(me, definition, chosen):
        chosen = None
    form = definition.forms[definition.file.start.form]
    options = choices.options_to_start(session, definition, _reach(me, definition), chosen, now, typed=typed)
    options |= uploads.named(session, form, typed, me.id)
    scope = opening.scope(definition, by_staff=True)
    return forms.view(form, typed, scope, errors, now, options=options)


def live_start(
    session: Session, me: Person, definition: Definition, posted: Mapping[str, list[str]]
) -> list[forms.FieldView]:
    """The form that opens a case as it is with what is typed so far."""
    typed = forms.parse(definition.forms[definition.file.start.form], posted)
    where = placed(posted)
    fields = list(start_fields(session, me, definition, typed, where))
    return [place_field(session, _reach(me, definition), where, ()), *fields] if where.finds["place"] else fields


def _reach(me: Person, definition: Definition) -> list[str]:
    return [post.reach for post in me.posts if post.role in definition.file.start.by]


def placed(posted: Mapping[str, list[str]]) -> forms.Sent:
    """What a page that opens a case says of the place."""
    return forms.parse(PLACE, posted)


def place_field(
    session: Session, paths: Sequence[str], place: Mapping[str, Any], errors: tuple[forms.Error, ...]
) -> forms.FieldView:
    """Where it is, among the communities and buildings below these paths."""
    offered = choices.offered_places(session, "place", paths, levels_of(PLACE.fields[0].schema), place)
    field = forms.view(PLACE, place, {}, errors, clock.now(), options={"place": offered})[0]
    return replace(field, title=_(field.title))
