"""The buttons that send a message into a case: which apply now, and to whom they belong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import choices, queries
from tongxin.cases.held import Held
from tongxin.cases.models import Subscription, Task
from tongxin.procedures.definition import Definition
from tongxin.procedures.package import MessageAction


@dataclass(frozen=True, slots=True)
class Offer:
    """A message that can be sent now: the button's words and the subscription that waits for it."""

    action: MessageAction
    subscription: Subscription

    @property
    def name(self) -> str:
        """The message."""
        return self.action.name


@dataclass(frozen=True, slots=True)
class Refused:
    """A button's form that was handed in and is not right yet."""

    typed: Mapping[str, Any]
    errors: tuple[forms.Error, ...]


def offered(
    session: Session,
    definition: Definition,
    case_id: int,
    by: Literal["reporter", "assignee"],
    task: Task | None = None,
) -> list[Offer]:
    """Messages the case waits for that the reporter, or this task's holder, may send."""
    actions = {action.name: action for action in definition.file.messages if action.by == by}
    if not actions:
        return []
    waiting = queries.subscriptions_of(session, case_id)
    return [
        Offer(actions[one.message], one)
        for one in waiting
        if one.message in actions and (task is None or _covers(definition, one.node, task.node))
    ]


def offer(session: Session, held: Held, by: Literal["reporter", "assignee"], name: str) -> Offer | None:
    """The one of that name, if it can be sent now: a task that is done speaks for nobody any more."""
    if held.task is not None and held.task.status != "open":
        return None
    found = offered(session, held.definition, held.case.id, by, held.task)
    return next((one for one in found if one.name == name), None)


def fields(
    session: Session, view: Held, action: MessageAction, now: datetime, refused: Refused | None, *, resident: bool
) -> tuple[forms.FieldView, ...]:
    """The form that goes with a button, with what was typed into it and `refused`."""
    form = view.definition.form_of(action.form)
    if form is None:
        return ()
    typed = refused.typed if refused else {}
    scope = {**view.env, **view.seen(view.task)}
    options = choices.options(session, form, view.area, view.case, now, resident=resident, typed=typed)
    return forms.view(form, typed, scope, refused.errors if refused else (), now, options=options)


def live_fields(
    session: Session, view: Held, action: MessageAction, posted: Mapping[str, list[str]], *, resident: bool
) -> tuple[forms.FieldView, ...]:
    """The same form as it is with what is typed so far."""
    form = view.definition.form_of(action.form)
    typed = Refused(forms.parse(form, posted), ()) if form else None
    return fields(session, view, action, clock.now(), typed, resident=resident)


def _covers(definition: Definition, waiting: str, task: str) -> bool:
    """Whether a boundary event sits on the task itself or on a subprocess around it."""
    event, node = definition.process.nodes[waiting], definition.process.nodes[task]
    return event.attached_to is not None and event.attached_to in (task, *node.scope)
