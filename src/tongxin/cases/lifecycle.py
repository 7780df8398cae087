"""Every way a case can change, one function a verb. Each locks, steps, writes and records; none commits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from tongxin import clock, engine, forms, live
from tongxin.cases import choices, incidents, operations, pausing, releasing, save
from tongxin.cases.assign import Before, NobodyAnswers, assign
from tongxin.cases.held import Held
from tongxin.cases.incidents import Attempt
from tongxin.cases.models import Subscription, Task
from tongxin.cases.save import Change
from tongxin.events import SYSTEM, Actor, Happening
from tongxin.procedures.definition import REPORTER
from tongxin.words import CHINESE, _, speaking

Value = Any


class NotReady(Exception):
    """这一步已经办过，或不再需要办了。"""


class Taken(Exception):
    """Somebody else has claimed the task; `account_id` says who."""

    def __init__(self, account_id: int) -> None:
        super().__init__(_("这一步已被别人领取。"))
        self.account_id = account_id


class InvalidValues(Exception):
    """What was handed in does not fit the form; nothing changed."""

    def __init__(self, errors: tuple[forms.Error, ...]) -> None:
        super().__init__(_("；").join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb did. With `incident` the case is as it was, and an administrator has to look."""

    case_id: int
    code: str
    opened: tuple[tuple[int, str], ...] = ()  # (task id, its name)
    status: str = "open"
    incident: str | None = None


def claim_task(session: Session, held: Held, account_id: int) -> None:
    """Take an open task for oneself. Claiming what one already has changes nothing."""
    task = _open_task(held, account_id)
    if task.role == REPORTER:
        raise NotReady(_("这一步由居民自己办，您可以替他代录，不用领取。"))
    if task.assignee_id == account_id:
        return
    session.execute(update(Task).where(col(Task.id) == task.id).values(assignee_id=account_id))
    _note(session, held, "task_claimed", Actor("person", account_id))


def release_task(session: Session, held: Held, account_id: int, by: Actor | None = None) -> None:
    """Put a claimed task back for the others of its post. A task given by name cannot be put back.

    `by`: who does it for them, when their post has ended.
    """
    task = _open_task(held, account_id)
    if task.assignee_id is None or task.named:
        raise NotReady(_("这一步是指定给您的，不能放回。办不了请退回派单人。") if task.named else NotReady.__doc__)
    session.execute(update(Task).where(col(Task.id) == task.id).values(assignee_id=None))
    live.changed(session, live.of_pool(task.unit_id, task.role))
    _note(session, held, "task_released", by or Actor("person", account_id))


def complete_task(
    session: Session, held: Held, submitted: Mapping[str, Value], by: Actor, *, taken_by_phone: bool = False
) -> Outcome:
    """Hand in a task's form. Raises NotReady, Taken or InvalidValues; nothing is changed then.

    `taken_by_phone`: a member of staff enters what the resident said; the history says so.
    """
    now = clock.now()
    task = _open_task(held, None if taken_by_phone else by.account_id)
    form = held.definition.form_of(task.form)
    values = _values(session, held, task, form, submitted, by, now)
    encoded = held.definition.dictionary.encode(values)
    details: dict[str, Any] = {"node": task.node, "name": task.name, "values": encoded}
    if taken_by_phone:
        details["taken_by_phone"] = True
    change = Change(
        happenings=[Happening("task_completed", details, task.id)],
        attachments=choices.attachment_ids(form, values) if form else [],
        result=encoded,
    )

    def step(variables: Mapping[str, Value], env: Mapping[str, Value]) -> engine.Step:
        return engine.complete(held.definition.process, held.case.state, variables, task.key, values, now, env)

    return _advance(session, held, change, step, by, now, Attempt("task", task.node, task.key, encoded))


def send_message(
    session: Session, held: Held, key: int, message: str, submitted: Mapping[str, Value], by: Actor
) -> Outcome:
    """Deliver a message somebody sends by a button (withdraw, give back); `key` is the subscription's."""
    now = clock.now()
    action = next(one for one in held.definition.file.messages if one.name == message)
    form = held.definition.form_of(action.form)
    values = _values(session, held, None, form, submitted, by, now)
    encoded = held.definition.dictionary.encode(values)
    happening = Happening("message_received", {"message": message, "name": action.title, "values": encoded})
    change = Change(happenings=[happening], attachments=choices.attachment_ids(form, values) if form else [])
    return _deliver(session, held, key, message, values, change, by, now)


def deliver_message(session: Session, held: Held, wait: Subscription, payload: Mapping[str, Value]) -> Outcome:
    """Deliver a message or signal another case sent to where this one waits for it."""
    details = {"message": wait.message, "node": wait.node, "values": dict(payload)}
    values, change = (
        held.definition.dictionary.decode(payload),
        Change(happenings=[Happening("message_received", details)]),
    )
    return _deliver(session, held, wait.key, wait.message, values, change, SYSTEM, clock.now())


def fire_timer(session: Session, held: Held) -> Outcome:
    """Let a due timer act; `held` holds it locked. A failure holds the timer back until somebody mends the cause."""
    now, timer = clock.now(), held.timer
    assert timer is not None  # the caller looked it up by timer
    change = Change(happenings=[Happening("timer_fired", {"node": timer.node, "due_at": timer.due_at})])

    def step(variables: Mapping[str, Value], env: Mapping[str, Value]) -> engine.Step:
        return engine.fire(held.definition.process, held.case.state, variables, timer.key, now, env)

    outcome = _advance(session, held, change, step, SYSTEM, now, Attempt("timer", timer.node, timer.key))
    if outcome.incident:
        incidents.set_held(session, timer, True)
    return outcome


def resolve_effect(
    session: Session, held: Held, effect: engine.Effect, result: Value, error: str | None = None, cause: str = ""
) -> Outcome:
    """Bring a connector's answer, or its BPMN error code with the cause in words, back into the case."""
    now = clock.now()
    details = {"node": effect.node, "action": effect.action, "error": cause or error}
    change = Change(happenings=[Happening("effect_resolved", details)])

    def step(variables: Mapping[str, Value], env: Mapping[str, Value]) -> engine.Step:
        return engine.resolve(
            held.definition.process, held.case.state, variables, effect.key, result, now, env, error=error, cause=cause
        )

    given = {"action": effect.action, "input": effect.input, "error": cause or error}
    return _advance(session, held, change, step, SYSTEM, now, Attempt("call", effect.node, effect.key, given))


def _deliver(
    session: Session,
    held: Held,
    key: int,
    message: str,
    values: Mapping[str, Value],
    change: Change,
    by: Actor,
    now: datetime,
) -> Outcome:
    def step(variables: Mapping[str, Value], env: Mapping[str, Value]) -> engine.Step:
        return engine.deliver(held.definition.process, held.case.state, variables, key, values, now, env)

    return _advance(session, held, change, step, by, now, Attempt("message", message, key, values))


def _advance(
    session: Session,
    held: Held,
    change: Change,
    step: Callable[[Mapping[str, Value], Mapping[str, Value]], engine.Step],
    by: Actor,
    now: datetime,
    attempt: Attempt,
) -> Outcome:
    """Step the engine, find who is next, then write. Whatever fails before the first write becomes an incident."""
    try:
        change.node, change.by = attempt.node, by
        with speaking(CHINESE):  # what a step writes down is kept in one language and told again in others
            done = step(held.variables, held.env)
            done = operations.answered(session, held, change, done, now, by)
            done, change.clocks = pausing.settled(session, held, done, now)
            assignments = assign(session, done.opened, held.area, now.date(), _before(held, by))
        return outcome(held, done, save.save(session, held, done, change, assignments, by, now))
    except engine.NotReady:
        raise NotReady(NotReady.__doc__) from None
    except releasing.Doubtful as doubtful:
        raise InvalidValues((forms.Error(_field_with(change, doubtful.text), _told(doubtful)),)) from None
    except (engine.Failed, NobodyAnswers, operations.OperationFailed, forms.FormError) as failure:
        return _incident(session, held, failure, by, now, attempt)  # nothing was written yet


def operate(session: Session, held: Held, effect: engine.Effect) -> Outcome:
    """Do what a step left to the workers though it is the platform's own; a failure is an incident."""
    now, change = clock.now(), Change()

    def step(variables: Mapping[str, Value], env: Mapping[str, Value]) -> engine.Step:
        result = operations.run(session, held, change, effect)
        env = held.env_at(change.level)
        return engine.resolve(held.definition.process, held.case.state, variables, effect.key, result, now, env)

    given = {"action": effect.action, "input": effect.input}
    return _advance(session, held, change, step, SYSTEM, now, Attempt("call", effect.node, effect.key, given))


def _field_with(change: Change, text: str) -> str:
    """The field of the form just handed in that holds this text."""
    given = change.result or {}
    return next((name for name, value in given.items() if str(value).strip() == text), next(iter(given), ""))


def _told(doubtful: releasing.Doubtful) -> str:
    return _("{doubts}。请改写；核对过没有问题的，请写明已核对。", doubts=str(doubtful).rstrip(_("。")))


def _incident(session: Session, held: Held, failure: Exception, by: Actor, now: datetime, attempt: Attempt) -> Outcome:
    cause = str(failure)[:1000]
    task_id = held.task.id if held.task else None
    kept = replace(attempt, given=held.definition.dictionary.encode(attempt.given))
    incidents.enter(session, held.case, task_id, kept, cause, by, now)
    return Outcome(held.case.id, held.case.code, incident=cause)


def _values(
    session: Session,
    held: Held,
    task: Task | None,
    form: forms.Form | None,
    submitted: Mapping[str, Value],
    by: Actor,
    now: datetime,
) -> dict[str, Value]:
    if form is None:
        if submitted:
            raise InvalidValues((forms.Error(next(iter(submitted)), _("这一步不用填内容，请不要带任何字段。")),))
        return {}
    scope = {**held.env, **held.seen(task)}
    known = choices.known(session, held.area, held.case, held.case.definition_id, by, now)
    return checked(form, submitted, scope, known, now)


def checked(
    form: forms.Form, submitted: Mapping[str, Value], scope: Mapping[str, Value], known: forms.Known, now: datetime
) -> dict[str, Value]:
    checked = forms.check(form, submitted, scope, now, known=known)
    if checked.errors:
        raise InvalidValues(checked.errors)
    return dict(checked.values)


def _before(held: Held, by: Actor) -> Before | None:
    """Who had the task this step is about, if whoever acts has just been found to hold its post still.

    Nobody else is known to: a task is also done by somebody whose post has ended since it was given to them.
    """
    task = held.task
    if task is None or (task.role, task.unit_id) not in by.posts:
        return None
    return Before(task.role, held.level_of(task), task.unit_id, task.assignee_id if task.named else None)


def _open_task(held: Held, account_id: int | None) -> Task:
    """The task, still open and not somebody else's. `account_id` None: on the resident's behalf."""
    task = held.task
    if task is None or task.status != "open":
        raise NotReady(NotReady.__doc__)
    if task.assignee_id not in (None, account_id) and task.role != REPORTER:
        raise Taken(task.assignee_id or 0)
    return task


def _note(session: Session, held: Held, kind: str, by: Actor) -> None:
    assert held.task is not None  # only called for a task that was found open
    save.record(session, held.case, [Happening(kind, {"name": held.task.name}, held.task.id)], by, clock.now())


def outcome(held: Held, step: engine.Step, opened: Mapping[int, int]) -> Outcome:
    names = {task.key: task.name for task in step.opened}
    return Outcome(
        held.case.id,
        held.case.code,
        tuple((task_id, names[key]) for key, task_id in opened.items()),
        "closed" if step.ended else "open",
    )
