"""The context of the page on which an administrator corrects what a case knows."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import access, choices, correcting, queries, views
from tongxin.cases.held import Held
from tongxin.cases.task_page import case_head
from tongxin.monitor import pages
from tongxin.monitor.reach import Reach


def data(
    session: Session,
    reach: Reach,
    view: Held,
    wanted: Collection[str],
    *,
    typed: Mapping[str, Any] | None = None,
    reason: str = "",
    error: str = "",
    reason_error: str = "",
    invalid: tuple[forms.Error, ...] = (),
    shown: bool = False,
) -> dict[str, Any]:
    """What can be corrected, and the form of what is chosen. `typed`: what was handed in and is not right yet."""
    now, definition = clock.now(), view.definition
    reads = _reads(session, reach, view)
    form = correcting.form_of(definition, wanted)
    hidden = form.by_name.keys() & definition.sensitive.keys() if not (reads or shown) else set()
    variables = view.variables
    values = {**{name: one for name, one in variables.items() if name not in hidden}, **(typed or {})}
    options = choices.options(session, form, view.area, view.case, now, typed=forms.over(values, typed or {}))
    known = views.by_name(session, definition, variables, reveal=reads)
    return {
        "tabs": pages.tabs(session, reach),
        "case": case_head(session, view, now),
        "all": [
            {"name": one.name, "title": one.title, "value": known.get(one.name, ""), "chosen": one.name in form.by_name}
            for one in definition.facts.fields
            if one.name in correcting.names(definition)
        ],
        "fields": forms.view(form, values, {**view.env}, invalid, now, options=options, reveal=True),
        "masks": {name: known.get(name, "") for name in hidden if variables.get(name) is not None},
        "wanted": list(form.by_name),
        "shown": shown,
        "seen": view.case.chain_length,
        "reason": reason,
        "error": error,
        "reason_error": reason_error,
        "invalid": [one.message for one in invalid if one.field not in form.by_name and not one.more],
    }


def meant(
    session: Session, reach: Reach, view: Held, form: forms.Form, typed: forms.Sent, *, shown: bool
) -> forms.Sent:
    """What was typed, without fields left empty whose value their reader could not see: it stays."""
    if shown or _reads(session, reach, view):
        return typed
    hidden = view.definition.sensitive
    seen = {name: value for name, value in typed.items() if value not in (None, []) or name not in hidden}
    return typed.but(seen)


def _reads(session: Session, reach: Reach, view: Held) -> bool:
    tasks = queries.tasks_of(session, view.case.id)
    return access.may_read_sensitive(reach.person, view.definition, view.area.path, tasks, view.case)
