"""What people do in a scenario: with the same access checks and the same forms as on the pages, by the same verbs."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock, forms
from tongxin.cases import access, actions, held, lifecycle, opening
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.events import REPORTER as RESIDENT
from tongxin.events import Actor
from tongxin.people.identity import Person
from tongxin.procedures.definition import REPORTER
from tongxin.scenarios.script import Claim, Complete, Deed, Fields, Message, Reason, Release, Start, Texts
from tongxin.scenarios.trial import Opened, Trial
from tongxin.scenarios.verdict import Differs, Unfit
from tongxin.words import _

Value = Any


class NotFound(Exception):
    """这件事不归这个人，他看不到。"""


Refusal = NotFound | lifecycle.InvalidValues | lifecycle.NotReady | lifecycle.Taken
REFUSALS = (NotFound, lifecycle.InvalidValues, lifecycle.NotReady, lifecycle.Taken)


def reason(refusal: Exception) -> Reason:
    """What a refusal is called in `because`."""
    match refusal:
        case lifecycle.InvalidValues():
            return "invalid"
        case lifecycle.NotReady():
            return "not_ready"
        case lifecycle.Taken():
            return "taken"
    return "not_found"


def start(trial: Trial, session: Session, step: Start) -> None:
    """Open a case. Raises a refusal."""
    if step.case in trial.cases:
        raise Unfit("as", _("一个没有用过的名字"), step.case or _("第二件没有名字的"))
    definition = trial.procedure(step.procedure)
    place, person = trial.unit(step.place), trial.person(session, step.by)
    if person is None and REPORTER not in definition.file.start.by:
        raise NotFound(NotFound.__doc__)
    if person is not None and not access.may_start(person, definition):
        raise NotFound(NotFound.__doc__)
    if person is not None and not access.may_start_at(person, definition, place):
        raise lifecycle.InvalidValues((forms.Error("place", _("请选择在哪里。")),))
    values = _values(trial, definition.forms[definition.file.start.form], step.form)
    outcome = opening.open_case(session, opening.at(session, definition, place, values), _actor(person))
    trial.cases[step.case] = Opened(outcome.case_id, definition, step.by)


def do(trial: Trial, session: Session, deed: Deed) -> None:
    """Do something to a case. Raises a refusal."""
    match deed:
        case Complete():
            _complete(trial, session, deed)
        case Claim():
            _with_own_task(trial, session, deed, lifecycle.claim_task)
        case Release():
            _with_own_task(trial, session, deed, lifecycle.release_task)
        case Message():
            _send(trial, session, deed)


def _complete(trial: Trial, session: Session, deed: Complete) -> None:
    person = trial.person(session, deed.by)
    found, task = _task(trial, session, deed, person)
    by_phone = person is not None and task.role == REPORTER
    if deed.by_phone is not None and (deed.by_phone == "yes") != by_phone:
        raise Differs("by_phone", deed.by_phone, "yes" if by_phone else "no")
    values = _values(trial, found.definition.form_of(task.form), deed.form)
    lifecycle.complete_task(session, found, values, _actor(person), taken_by_phone=by_phone)


def _with_own_task(
    trial: Trial, session: Session, deed: Claim | Release, verb: Callable[[Session, Held, int], None]
) -> None:
    person = trial.person(session, deed.by)
    if person is None:  # a resident has nothing to share out
        raise NotFound(NotFound.__doc__)
    found, _row = _task(trial, session, deed, person)
    verb(session, found, person.id)


def _task(trial: Trial, session: Session, deed: Complete | Claim | Release, person: Person | None) -> tuple[Held, Task]:
    """The step of that name: an open one, else the one that was open last; this person must be allowed to see it."""
    known = trial.case(deed.case).definition.process.nodes
    if deed.task not in known or known[deed.task].kind != "userTask":
        raise Unfit("task", _("、").join(node for node in known if known[node].kind == "userTask"), deed.task)
    rows = _tasks(session, trial.case(deed.case).case_id, deed.task)
    waiting = [task for task in rows if task.status == "open"]
    for found, task in _held(session, waiting or rows[-1:]):
        if _may(trial, deed.case, deed.by, person, found, task):
            return found, task
    raise NotFound(NotFound.__doc__)


def _may(trial: Trial, case: str, by: str, person: Person | None, found: Held, task: Task) -> bool:
    if person is not None:
        return access.may_do(person, found)
    return task.role == REPORTER and trial.case(case).by == by


def _send(trial: Trial, session: Session, deed: Message) -> None:
    known = {one.name: one for one in trial.case(deed.case).definition.file.messages}
    if deed.name not in known:
        raise Unfit(_("消息"), _("、").join(known), deed.name)
    person, opened = trial.person(session, deed.by), trial.case(deed.case)
    if person is None and opened.by != deed.by:
        raise NotFound(NotFound.__doc__)
    if person is not None and known[deed.name].by == "assignee":
        found, offer = _button(trial, session, deed, person)
    else:
        found, offer = _resident_button(session, opened.case_id, deed.name, person)
    if offer is None:
        raise lifecycle.NotReady(lifecycle.NotReady.__doc__)
    values = _values(trial, found.definition.form_of(offer.action.form), deed.form)
    lifecycle.send_message(session, found, offer.subscription.key, deed.name, values, _actor(person))


def _resident_button(
    session: Session, case_id: int, name: str, person: Person | None
) -> tuple[Held, actions.Offer | None]:
    """The resident's own button, or staff pressing it for them."""
    found = held.by_case(session, case_id, clock.now())
    assert found is not None  # it was opened in this trial
    if person is not None and not access.may_withdraw(person, found.definition, found.case, found.area.nearest):
        raise NotFound(NotFound.__doc__)
    return found, actions.offer(session, found, "reporter", name)


def _button(trial: Trial, session: Session, deed: Message, person: Person) -> tuple[Held, actions.Offer | None]:
    """The button on one of the person's open tasks; without such a task the case is not theirs."""
    rows = _tasks(session, trial.case(deed.case).case_id)
    mine = [
        (found, actions.offer(session, found, "assignee", deed.name) if task.assignee_id == person.id else None)
        for found, task in _held(session, [task for task in rows if task.status == "open"])
        if access.may_do(person, found)
    ]
    if not mine:
        raise NotFound(NotFound.__doc__)
    return next((one for one in mine if one[1] is not None), mine[0])


def _tasks(session: Session, case_id: int, node: str | None = None) -> list[Task]:
    """A case's tasks, oldest first."""
    statement = select(Task).where(col(Task.case_id) == case_id).order_by(col(Task.id))
    return list(session.exec(statement if node is None else statement.where(col(Task.node) == node)).all())


def _held(session: Session, tasks: list[Task]) -> Iterator[tuple[Held, Task]]:
    for task in tasks:
        found = held.by_task(session, task.id, clock.now())
        if found is not None and found.task is not None:
            yield found, found.task


def _values(trial: Trial, form: forms.Form | None, given: Fields) -> dict[str, Value]:
    """What a browser would send for these answers, read as a page reads it."""
    writable = {field.name: field for field in form.fields if field.is_writable} if form else {}
    strange = [name for name in given if name not in writable]
    if strange:
        raise Unfit(_("表单里可以填的"), _("、").join(writable) or _("什么也不填"), _("、").join(strange))
    sent: dict[str, list[str]] = {}
    for name, answer in given.items():
        for control, text in _controls(writable[name], name, answer):
            sent.setdefault(control, []).append(_sent(trial, writable[name], control, text))
    return forms.parse(form, sent) if form else {}


def _controls(field: forms.Field, name: str, answer: str | Texts | list[str | Texts]) -> Iterator[tuple[str, str]]:
    """The controls of a page that this answer fills, each with its text."""
    if isinstance(answer, str):
        yield name, answer
    elif isinstance(answer, list):
        for number, one in enumerate(answer):
            if isinstance(one, str):
                yield name, one
            else:
                yield from ((f"{name}:{number}:{column}", text) for column, text in one.items())
    else:
        for part, text in answer.items():
            yield (name if part == "place" else f"{name}:{part}"), text


def _sent(trial: Trial, field: forms.Field, control: str, text: str) -> str:
    """What stands behind a name of the scenario: a person's id, a case's, a unit's code."""
    column = next((one for one in field.columns if control.endswith(f":{one.name}")), None)
    kind = _format(column or field) if column or control == field.name else ""
    if kind == "person" and text:
        return trial.account(text)
    if kind == "case" and text:
        return str(trial.case(text).case_id)
    if kind in ("place", "unit", "address") and text in trial.organisation.units:
        return trial.organisation.units[text].code
    return text


def _format(field: forms.Field) -> str:
    """What a field's values, or the items of its lists, name."""
    items = field.schema.get("items")
    return str((items.get("format") if isinstance(items, dict) else None) or field.widget)


def _actor(person: Person | None) -> Actor:
    return person.actor if person else RESIDENT
