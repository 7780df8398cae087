"""What a resident sees of a case: plain stages, the answer, and what they can do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from tongxin import clock, forms
from tongxin.cases import actions, choices, diagram_marks, queries, reminding, views, wording
from tongxin.cases.case_page import Waits, unlocked
from tongxin.cases.held import Held
from tongxin.cases.models import Attachment, Case, Task
from tongxin.events import REPORTER as RESIDENT
from tongxin.procedures.definition import REPORTER
from tongxin.words import N_, _

Fields = tuple[forms.FieldView, ...]
STUCK = N_("没有办成，已经告诉工作人员。您填的内容都还在，请过一会儿再提交。")


def show(
    session: Session,
    case: Case,
    *,
    token: str | None,
    task_errors: tuple[forms.Error, ...] = (),
    typed: dict[str, Any] | None = None,
    refused: actions.Refused | None = None,
    flash: str = "",
    problem: str = "",
) -> dict[str, Any]:
    """The progress page. `token`: came by the personal link, so may act; else by code, and may only look.

    `refused`: a button's form that was handed in and is not right yet.
    """
    now = clock.now()
    view = unlocked(session, case, now)
    tasks = queries.tasks_of(session, case.id)
    scope = {**view.env, **view.variables}
    answer = view.definition.answer.evaluate(scope, now)
    mine = _my_task(tasks) if token else None
    awaited = _awaited(session, view)
    return {
        "title": case.title if token else view.definition.file.title,
        "code": case.code,
        "place": (view.area.place_name or view.area.unit_name) if token else view.area.unit_name,
        "opened_text": _("{time} 报", time=wording.moment(case.opened_at)),
        "sentence": sentence(view, tasks, now, has_answer=answer is not None, awaited=awaited),
        "result": str(answer) if answer is not None else "",
        "is_earlier_result": case.status == "open" and _my_task(tasks) is None and _has_answered(tasks),
        "photos": _photos(session, view, token) if token else [],
        "stages": stages(view, tasks, awaited),
        "rate": _rate(session, view, mine, token, task_errors, typed or {}, now, answer) if mine and token else None,
        "withdrawal": _withdrawal(session, view, token, refused, now) if token else None,
        "reminder": _reminder(session, view, tasks, token, now) if token else None,
        "by_code": token is None,
        "flash": flash,
        "errors": [problem] if problem else [],
    }


def _reminder(session: Session, view: Held, tasks: Sequence[Task], token: str, now: datetime) -> dict[str, str] | None:
    """The button that asks that it goes on, or from when on again; nothing while nobody else has it."""
    waiting = [task for task in tasks if task.status == "open"]
    if view.case.status != "open" or all(task.role == REPORTER for task in waiting):
        return None
    why_not = reminding.hindered(session, view.case, waiting, RESIDENT, now)
    return {"url": f"/r/{token}/reminders", "why_not": why_not}


def stages(view: Held, tasks: Sequence[Task], awaited: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The procedure's plain stages: behind, at, or ahead of where the case is; behind it only those it came through.

    `awaited`: nodes that wait for something.
    """
    names = view.definition.file.public.stages
    reached = _stage_times(view, tasks, names)
    passed = {*reached, *(stage for node in view.case.visited if (stage := _stage(view, node, names)))}
    if view.case.status == "closed":
        return _stages_of_closed(view, reached, [name for name in names[:-1] if name in passed])
    standing = [task.node for task in tasks if task.status == "open"] + list(awaited)
    now_at = [names.index(stage) for node in standing if (stage := _stage(view, node, names))]
    at = min(now_at, default=max((names.index(name) for name in passed), default=0))
    return [
        {
            "name": name,
            "state": "done" if number < at else "now" if number == at else "todo",
            "at_text": wording.moment(reached[name]) if name in reached and number <= at else "",
        }
        for number, name in enumerate(names)
        if number >= at or name in passed
    ]


def _awaited(session: Session, view: Held) -> list[str]:
    """Nodes a token waits at for a moment or a message."""
    return diagram_marks.in_the_way(view.definition, (one.node for one in Waits.of(session, view.case).all))


def _told(view: Held, node: str) -> list[str]:
    """What residents may read of a step: its own public name, then those of what is around it."""
    nodes = view.definition.process.nodes
    if node not in nodes:
        return []
    around = [nodes[one].public_name for one in (node, *reversed(nodes[node].scope))]
    return [name for name in around if name]


def _stage(view: Held, node: str, names: Sequence[str]) -> str | None:
    """The stage a step belongs to."""
    return next((name for name in _told(view, node) if name in names), None)


def _stages_of_closed(view: Held, reached: dict[str, datetime], passed: Sequence[str]) -> list[dict[str, Any]]:
    """Only what really was: who withdraws was never visited."""
    ending = _ending(view)
    times = [*(reached.get(name) for name in passed), view.case.closed_at]
    return [
        {"name": name, "state": "done", "at_text": wording.moment(at) if at else ""}
        for name, at in zip([*passed, ending], times, strict=True)
    ]


def _ending(view: Held) -> str:
    node = view.definition.process.nodes.get(view.case.outcome or "")
    return (node.public_name or node.name if node else "") or _("已办结")


def sentence(view: Held, tasks: Sequence[Task], now: datetime, *, has_answer: bool, awaited: Sequence[str] = ()) -> str:
    """Where it stands, in words without names."""
    if view.case.status == "closed":
        return _("这件事{ending}。", ending=_ending(view))
    if _my_task(tasks) is not None:
        return _("已经办好了，请您评价。") if has_answer else _("等您办下一步。")
    waiting = next((task for task in tasks if task.status == "open"), None)
    if waiting is None:
        told = next((name for node in awaited for name in _told(view, node)[:1]), None)
        if told is not None:
            return _("{stage}。", stage=told)
        return _("和另一件事一起在办，办好了您这里也会看到结果。")
    stage = next(iter(_told(view, waiting.node)), _("正在办理"))
    if waiting.paused_at:
        now_at = _("{stage}。办理期限现在停着，恢复后接着算。", stage=stage)
    elif waiting.due_at and waiting.due_at > now:
        now_at = _("{stage}。预计 {time} 前有进展。", stage=stage, time=wording.moment(waiting.due_at))
    else:
        now_at = _("{stage}。", stage=stage)
    return _("您说的已经收到，我们接着办。") + now_at if _has_answered(tasks) else now_at


def _has_answered(tasks: Sequence[Task]) -> bool:
    """Whether the resident has done a step, after which it went on, as with a rating that leads to rework."""
    return any(task.role == REPORTER and task.status == "completed" for task in tasks)


def _stage_times(view: Held, tasks: Sequence[Task], names: Sequence[str]) -> dict[str, datetime]:
    """When each stage was first reached."""
    reached: dict[str, datetime] = {names[0]: view.case.opened_at} if names else {}
    for task in tasks:
        stage = _stage(view, task.node, names)
        if stage is not None:
            reached.setdefault(stage, task.opened_at)
    if names and view.case.closed_at:
        reached.setdefault(names[-1], view.case.closed_at)
    return reached


def _my_task(tasks: Sequence[Task]) -> Task | None:
    return next((task for task in tasks if task.status == "open" and task.role == REPORTER), None)


def public_photos(view: Held) -> set[int]:
    """Attachments of others that the case's resident may see."""
    variables = view.variables
    return {int(one) for name in view.definition.file.public.photos for one in variables.get(name) or ()}


def may_open(view: Held, file: Attachment) -> bool:
    """Whether a file may be opened by the personal link: the resident's own, or one of the result's photos."""
    if file.case_id is None:
        return file.offered_to == view.case.id
    return file.case_id == view.case.id and (file.uploaded_by is None or file.id in public_photos(view))


def _photos(session: Session, view: Held, token: str) -> list[views.Photo]:
    shown = public_photos(view)
    rows = [row for row in queries.attachments_of(session, view.case.id) if row.id in shown]
    return views.photos(rows, f"/r/{token}/attachments/")


def _rate(
    session: Session,
    view: Held,
    task: Task,
    token: str,
    errors: tuple[forms.Error, ...],
    typed: dict[str, Any],
    now: datetime,
    answer: Any,
) -> dict[str, Any]:
    form = view.definition.form_of(task.form)
    fields, names = _fields(session, view, task, typed, errors, now), {**view.env, **view.seen(task)}
    return {
        "title": form.said(form.title, names, now) if form else task.name,
        "about": form.said(form.help, names, now) if form else "",
        "url": f"/r/{token}/tasks/{task.id}/completion",
        "live": f"/r/{token}/tasks/{task.id}/fields",
        "fields": [one for one in fields if not (one.read_only and one.display == answer)],  # it stands above
        "photos": f"/r/{token}/attachments/",
        "primary": (form and form.submit) or _("提交"),
    }


def live_fields(session: Session, view: Held, task: Task, posted: Mapping[str, list[str]]) -> Fields:
    """The fields of the resident's step as they are with what is typed so far."""
    form = view.definition.form_of(task.form)
    return _fields(session, view, task, forms.parse(form, posted) if form else {}, (), clock.now())


def _fields(
    session: Session, view: Held, task: Task, typed: dict[str, Any], errors: tuple[forms.Error, ...], now: datetime
) -> Fields:
    form = view.definition.form_of(task.form)
    if form is None:
        return ()
    scope = {**view.env, **view.seen(task)}
    options = choices.options(session, form, view.area, view.case, now, resident=True, typed=typed)
    return forms.view(form, typed, scope, errors, now, options=options)


def _withdrawal(
    session: Session, view: Held, token: str, refused: actions.Refused | None, now: datetime
) -> dict[str, Any] | None:
    offers = actions.offered(session, view.definition, view.case.id, "reporter")
    if not offers:
        return None
    offer = offers[0]
    return {
        "url": f"/r/{token}/messages/{offer.name}",
        "live": f"/r/{token}/messages/{offer.name}/fields",
        "title": offer.action.title,
        "help": offer.action.help,
        "fields": actions.fields(session, view, offer.action, now, refused, resident=True),
        "open": refused is not None,
    }
