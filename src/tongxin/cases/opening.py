"""Opening a case: where it lives, its code, its first step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, insert, text
from sqlmodel import Session, col, select

from tongxin import clock, config, engine, events, forms
from tongxin.cases import choices, codes, save
from tongxin.cases.assign import NobodyAnswers, assign
from tongxin.cases.held import Area, Held, deviations, environment
from tongxin.cases.lifecycle import Outcome, checked, outcome, run_operations
from tongxin.cases.models import Case
from tongxin.cases.operations import OperationFailed
from tongxin.cases.save import Change
from tongxin.events import Actor, Happening
from tongxin.forms import Error
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.procedures.definition import Definition, parameters_for
from tongxin.words import CHINESE, _, speaking

Value = Any
log = structlog.get_logger()


class NotOpened(Exception):
    """The platform cannot open a case just now, whatever is typed; the message says why."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is needed to open a case."""

    definition: Definition
    unit: Unit
    place: Unit | None
    submitted: Mapping[str, Value]
    once: str | None = None  # the form's own token: sent a second time it finds the case it has opened


def at(
    session: Session, definition: Definition, place: Unit, submitted: Mapping[str, Value], once: str = ""
) -> Opening:
    """An opening at a place; the case lives at the nearest unit of the procedure's level. Raises NoSuchUnit."""
    unit = directory.at_level(session, place, definition.file.start.level)
    return Opening(definition, unit, place if place.id != unit.id else None, submitted, once[:40] or None)


def without_place(definition: Definition, submitted: Mapping[str, Value], *, by_staff: bool) -> tuple[Error, ...]:
    """What is wrong with a form sent without a place, all of it at once."""
    form = definition.forms[definition.file.start.form]
    checked = forms.check(form, submitted, {"case": {"by_staff": by_staff}}, clock.now())
    return (Error("place", _("请选择在哪里。")), *checked.errors)


def opened_by_form(session: Session, once: str) -> Case | None:
    """The case that the very same form opened; waits for one that is just being opened by it."""
    if not once:
        return None
    wait_for_form(session, once)
    return session.exec(select(Case).where(col(Case.once) == codes.once_hash(once[:40]))).first()


def wait_for_form(session: Session, once: str) -> None:
    """Until nobody else is opening a case by the same form."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(once[:40], 0))))


def place_by_code(session: Session, code: str) -> Unit | None:
    """The place with this code; None when there is none."""
    return session.exec(select(Unit).where(col(Unit.code) == code)).first() if code else None


def open_case(session: Session, opening: Opening, by: Actor) -> Outcome:
    """A new case from its start form. Raises InvalidValues; an engine failure makes no case and raises too."""
    now, definition, unit = clock.now(), opening.definition, opening.unit
    area = Area.of(unit, opening.place)
    parameters = parameters_for(definition, deviations(session, definition.key, unit.path, now))
    code = codes.fresh(definition.file.code, unit.code, now.date())
    env = environment(parameters, area, code=code, opened_at=now, by_staff=by.account_id is not None)
    form = definition.forms[definition.file.start.form]
    known = choices.known(session, area, None, definition.id or 0, by, now)
    values = checked(form, opening.submitted, env, known, now)
    held = Held(_new_case(session, opening, values, env, by, code, now), None, None, area, definition, parameters)
    change = Change(attachments=choices.attachment_ids(form, values))
    details = {"values": definition.dictionary.encode(values), "place": area.place_name}
    change.happenings.append(Happening("opened", details))
    with speaking(CHINESE):  # as in lifecycle: what a step writes down
        step = run_operations(session, held, change, engine.start(definition.process, values, now, env), now)
        assignments = assign(session, step.opened, area, now.date())
    session.execute(insert(Case), [held.case.model_dump()])
    return outcome(held, step, save.save(session, held, step, change, assignments, by, now))


def open_by_form(
    session: Session, definition: Definition, place: Unit, submitted: Mapping[str, Value], once: str, by: Actor
) -> Outcome:
    """A new case from a page's form. Raises InvalidValues, or NotOpened: then only photos are kept."""
    try:
        with session.begin_nested():
            return open_case(session, at(session, definition, place, submitted, once), by)
    except (NobodyAnswers, engine.Failed, directory.NoSuchUnit, OperationFailed) as obstacle:
        log.error("case_not_opened", procedure=definition.key, place=place.code, cause=str(obstacle))
        raise NotOpened(str(obstacle)) from obstacle


def _new_case(
    session: Session,
    opening: Opening,
    values: Mapping[str, Value],
    env: Mapping[str, Value],
    by: Actor,
    code: str,
    now: datetime,
) -> Case:
    title = opening.definition.title.evaluate({**env, **values}, now)
    case_id = session.connection().execute(text("SELECT nextval('cases_id_seq')")).scalar_one()
    case = Case(
        id=case_id,
        code=code,
        definition_id=opening.definition.id or 0,
        unit_id=opening.unit.id,
        place_id=opening.place.id if opening.place else None,
        level=opening.unit.level,
        title=str(title or opening.definition.file.title)[:200],
        opened_by=by.account_id,
        once=codes.once_hash(opening.once) if opening.once else None,
        variables={},
        state=b"",
        chain_head=events.START,
        opened_at=now,
    )
    if by.kind != "reporter":
        case.link_hash = codes.link_hash(codes.link_token(config.settings().secret, case_id, case.link_version))
    elif opening.once:  # whoever opens it for themselves may know no secret of the house
        case.form_hash = codes.link_hash(codes.form_token(case_id, opening.once))
    return case
