"""A case's variables are corrected by an administrator; what waits for a condition may go on."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from tongxin import clock, engine, forms
from tongxin.cases import by_hand, choices, lifecycle, save
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import Outcome
from tongxin.cases.save import Change
from tongxin.events import Actor, Happening
from tongxin.procedures.definition import Definition
from tongxin.words import _

Value = Any


def names(definition: Definition) -> tuple[str, ...]:
    """The variables that can be corrected: those a control can show, but files and what all cases share."""
    shared = definition.process.stores
    return tuple(
        one.name for one in definition.facts.fields if one.widget not in forms.FILES and one.name not in shared
    )


def form_of(definition: Definition, wanted: Collection[str]) -> forms.Form:
    """A form of these variables, as the data dictionary declares them; sensitive where any form says so."""
    chosen = set(wanted) & set(names(definition))
    found = (field for field in definition.facts.fields if field.name in chosen)
    fields = tuple(replace(field, read_only=False, required=False) for field in found)
    return replace(definition.facts, fields=fields, by_name={field.name: field for field in fields})


def correct_case(session: Session, held: Held, submitted: Mapping[str, Value], reason: str, by: Actor) -> Outcome:
    """Set variables; the history keeps what they were. Raises NotReady, ReasonMissing, InvalidValues or Refused."""
    by_hand.must_be_open(held)
    now, variables = clock.now(), held.variables
    form = form_of(held.definition, submitted.keys())
    known = choices.known(session, held.area, held.case, held.case.definition_id, by, now)
    values = lifecycle.checked(form, submitted, {**held.env, **variables}, known, now)
    values = {name: value for name, value in values.items() if value != variables.get(name)}
    text = by_hand.given(reason)
    if not values:
        raise by_hand.Refused(_("没有改动。"))
    encode = held.definition.dictionary.encode
    before = encode({name: variables.get(name) for name in values})
    happening = Happening("data_corrected", {"values": encode(values), "before": before, "text": text})
    change = Change(happenings=[happening])

    def step() -> engine.Step:
        return engine.assign(held.definition.process, held.case.state, variables, values, now, held.env)

    prospect = by_hand.prepared(session, held, change, step, now)
    written = save.save(session, held, prospect.step, change, prospect.assignments, by, now)
    return lifecycle.outcome(held, prospect.step, written)


def shown(session: Session, held: Held, wanted: Collection[str], by: Actor) -> None:
    """Somebody who mends asks to see sensitive values whole: the history says which."""
    hidden = held.definition.sensitive
    titles = [field.title for field in form_of(held.definition, wanted).fields if field.name in hidden]
    if titles:
        save.record(session, held.case, [Happening("data_shown", {"titles": titles})], by, clock.now())
