"""Opening a case: where it lives, its code, its first step."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, insert, text
from sqlmodel import Session, col, select

from tongxin import clock, config, engine, events, forms
from tongxin.cases import choices, codes, family, incidents, operations, pausing, save
from tongxin.cases.assign import NobodyAnswers, assign
from tongxin.cases.held import Area, Held, deviations, environment, shared
from tongxin.cases.lifecycle import Outcome, checked, outcome
from tongxin.cases.models import OCCASION, Case
from tongxin.cases.operations import OperationFailed
from tongxin.cases.save import Change
from tongxin.events import SYSTEM, Actor, Happening
from tongxin.forms import Error, FormError
from tongxin.people import directory
from tongxin.people.models import Unit
from tongxin.procedures import catalogue
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
    case_id: int | None = None  # drawn beforehand, with the code
    code: str | None = None
    about: int | None = None  # the case it is opened about


def at(
    session: Session, definition: Definition, place: Unit, submitted: Mapping[str, Value], once: str = ""
) -> Opening:
    """An opening at a place; the case lives at the nearest unit of the procedure's level. Raises NoSuchUnit."""
    unit = directory.at_level(session, place, definition.file.start.level)
    return Opening(definition, unit, place if place.id != unit.id else None, submitted, once[:40] or None)


def scope(definition: Definition, *, by_staff: bool) -> dict[str, Value]:
    """What the form that opens a case reads before there is one: the procedure's own parameters, and who fills it."""
    return {"parameters": dict(definition.parameters), "case": {"by_staff": by_staff}}


def without_place(definition: Definition, submitted: Mapping[str, Value], *, by_staff: bool) -> tuple[Error, ...]:
    """What is wrong with a form sent without a place, all of it at once."""
    form = definition.forms[definition.file.start.form]
    checked = forms.check(form, submitted, scope(definition, by_staff=by_staff), clock.now())
    if isinstance(submitted, forms.Sent) and submitted.again:
        return checked.errors
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
    now, definition = clock.now(), opening.definition
    form = definition.forms[definition.file.start.form]

    def values_of(env: Mapping[str, Value], area: Area) -> dict[str, Value]:
        known = choices.known(session, area, None, definition.id or 0, by, now)
        return checked(form, opening.submitted, env, known, now)

    held, values = to_open(session, opening, values_of, by, now)
    change = Change(attachments=choices.attachment_ids(form, values))
    details = {"values": definition.dictionary.encode(values), "place": held.area.place_name}
    change.happenings.append(Happening("opened", details))
    if opening.about is not None:
        change.links.append((opening.about, family.ABOUT))

    def step(env: Mapping[str, Value]) -> engine.Step:
        return engine.start(definition.process, values, now, env)

    return _open(session, held, change, step, by, now)


def to_open(
    session: Session,
    opening: Opening,
    values_of: Callable[[Mapping[str, Value], Area], dict[str, Value]],
    by: Actor,
    now: datetime,
) -> tuple[Held, dict[str, Value]]:
    """The case to be, and what it begins with."""
    definition, unit = opening.definition, opening.unit
    area = Area.of(unit, opening.place)
    parameters = parameters_for(definition, deviations(session, definition.key, unit.path, now))
    code = opening.code or codes.fresh(definition.file.code, unit.code, now.date())
    env = environment(parameters, area, code=code, opened_at=now, by=by, level=unit.level)
    values = values_of(env, area)
    case = _new_case(session, opening, values, env, by, code, now)
    return Held(case, None, None, area, definition, parameters, shared(session, definition)), values


def _open(
    session: Session,
    held: Held,
    change: Change,
    start: Callable[[Mapping[str, Value]], engine.Step],
    by: Actor,
    now: datetime,
) -> Outcome:
    change.by = by
    with speaking(CHINESE):  # as in lifecycle: what a step writes down
        step = operations.answered(session, held, change, start(held.env), now, by)
        step, change.clocks = pausing.settled(session, held, step, now)
        assignments = assign(session, step.opened, held.area, now.date())
    session.execute(insert(Case), [held.case.model_dump()])
    return outcome(held, step, save.save(session, held, step, change, assignments, by, now))


@dataclass(frozen=True, slots=True)
class Start:
    """What begins a case by itself: a start event of a procedure, at a unit; `once` tells the occasion.

    One that another case starts has an id and a code already, and `tie` says how the two belong together; `by` is the
    account whose step started it, if somebody's did.
    """

    procedure: str
    node: str
    unit_id: int
    payload: Mapping[str, Any]  # ready for JSON
    once: str
    new_id: int | None = None
    code: str | None = None
    tie: str = family.CHILD
    by: int | None = None

    @property
    def occasion(self) -> str:
        """What the case keeps of it: no form's token becomes this, whatever somebody sends."""
        told = f"{self.once} {self.procedure} {self.node} {self.unit_id}"
        return f"{OCCASION}{hashlib.sha256(told.encode()).hexdigest()[:39]}"


def open_by_event(session: Session, start: Start, sender: int | None = None) -> Outcome | None:
    """A case that a message, a signal or a time begins; None when it was opened on this occasion before.

    `sender`: the case that sent the message. It and the new one are tied to each other. Raises NotOpened.
    """
    wait_for_form(session, start.occasion)
    if session.exec(select(Case.id).where(col(Case.once) == start.occasion)).first() is not None:
        return None
    if sender is not None:  # before what the cases of a procedure share, as every step locks them
        session.execute(select(Case.id).where(col(Case.id) == sender).with_for_update(read=True, key_share=True))
    definition = catalogue.current(session, start.procedure)
    if start.node not in definition.process.starts:
        raise NotOpened(_("“{procedure}”的新版没有这个开始事件了。", procedure=definition.file.title))
    try:
        with session.begin_nested():
            opened = _begin(session, definition, start, sender)
    except (NobodyAnswers, engine.Failed, directory.NoSuchUnit, OperationFailed, FormError) as obstacle:
        log.error("case_not_opened", procedure=definition.key, unit=start.unit_id, cause=str(obstacle))
        raise NotOpened(str(obstacle)) from obstacle
    if sender is not None:
        incidents.end_start(session, sender, start.procedure, start.once)
    return opened


def _begin(session: Session, definition: Definition, start: Start, sender: int | None) -> Outcome:
    place = session.get_one(Unit, start.unit_id)
    unit = directory.at_level(session, place, definition.file.start.level)
    values = definition.dictionary.decode(start.payload)
    asked = Opening(definition, unit, place if place.id != unit.id else None, values, None, start.new_id, start.code)
    by, now = SYSTEM if start.by is None else Actor("person", start.by), clock.now()
    held, _values = to_open(session, asked, lambda _env, _area: values, by, now)
    held.case.once = start.occasion
    details = {"values": dict(start.payload), "place": held.area.place_name, "node": start.node}
    change = Change(happenings=[Happening("opened", details)], links=[(sender, start.tie)] if sender else [])

    def step(env: Mapping[str, Value]) -> engine.Step:
        if definition.process.starts[start.node].event == "none":
            return engine.start(definition.process, values, now, env, at=start.node)
        return engine.start(definition.process, {}, now, env, at=start.node, payload=values or None)

    return _open(session, held, change, step, by, now)


def open_record(
    session: Session,
    definition: Definition,
    place: Unit,
    values: Mapping[str, Value],
    once: str,
    opened_at: datetime,
    by: Actor,
) -> int:
    """A case that was kept elsewhere until now, opened at the plain start with what is known of it; its id.

    Raises NotOpened."""
    now = clock.now()
    node = next((one for one in definition.process.starts.values() if one.event == "none"), None)
    if node is None:
        raise NotOpened(_("“{procedure}”没有普通的开始事件，只能自己开始。", procedure=definition.file.title))
    try:
        with session.begin_nested():
            asked = at(session, definition, place, {})
            held, _values = to_open(session, asked, lambda _env, _area: dict(values), by, now)
            held.case.once, held.case.opened_at = codes.once_hash(once), opened_at
            details = {"values": definition.dictionary.encode(values), "place": held.area.place_name}
            change = Change(happenings=[Happening("imported", details)])

            def step(env: Mapping[str, Value]) -> engine.Step:
                return engine.start(definition.process, values, now, env, at=node.id)

            return _open(session, held, change, step, by, now).case_id
    except (NobodyAnswers, engine.Failed, directory.NoSuchUnit, OperationFailed, FormError) as obstacle:
        raise NotOpened(str(obstacle)) from obstacle


def open_by_form(
    session: Session,
    definition: Definition,
    place: Unit,
    submitted: Mapping[str, Value],
    once: str,
    by: Actor,
    about: int | None = None,
) -> Outcome:
    """A new case from a page's form. Raises InvalidValues, or NotOpened: then only photos are kept."""
    try:
        with session.begin_nested():
            asked = replace(at(session, definition, place, submitted, once), about=about)
            return open_case(session, asked, by)
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
    case_id = opening.case_id or session.connection().execute(text("SELECT nextval('cases_id_seq')")).scalar_one()
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
