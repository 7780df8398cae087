"""The contexts of incidents and of tasks to hand over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from tongxin import clock
from tongxin.cases import access, case_page, handover, mending, privacy, queries, views, wording
from tongxin.cases.case_page import Waits
from tongxin.cases.held import Held
from tongxin.cases.models import Incident, Task
from tongxin.cases.task_page import case_head
from tongxin.cases.views import Fact
from tongxin.forms import Choice
from tongxin.forms.masks import masked
from tongxin.monitor import pages
from tongxin.monitor import queries as watched
from tongxin.monitor.reach import Reach
from tongxin.people import directory
from tongxin.words import N_, _, role_title

KINDS = {
    "task": N_("提交没有办成"),
    "message": N_("消息没有送成"),
    "timer": N_("到时自动处理没有办成"),
    "call": N_("外部系统没有办成"),
}


def incidents(session: Session, reach: Reach, *, resolved: bool, before: int | None) -> dict[str, Any]:
    """The list of incidents, open ones or those that are over."""
    rows = watched.incidents(session, reach, resolved=resolved, before=before)
    shown = rows[: watched.PAGE]
    return {
        "tabs": pages.tabs(session, reach),
        "resolved": resolved,
        "incidents": [pages.incident_line(session, row) for row in shown],
        "next": shown[-1][0].id if len(rows) > watched.PAGE else None,
    }


def incident(
    session: Session, reach: Reach, view: Held, row: Incident, *, error: str = "", note: str = "", failed: str = ""
) -> dict[str, Any]:
    """One incident: what failed with what, where its case stands, and what can be done. `failed`: a retry did again."""
    now = clock.now()
    tasks = queries.tasks_of(session, view.case.id)
    waiting = [task for task in tasks if task.status == "open"]
    waits = Waits.of(session, view.case)
    diagram = case_page.diagram(view.definition, view.case, waiting, waits)
    if row.node in view.definition.process.nodes and row.resolved_at is None:
        diagram["current"] = sorted({*diagram["current"], row.node})
    names = directory.names(session, [one for one in (row.by_id, row.settled_by) if one])
    reveal = access.may_read_sensitive(reach.person, view.definition, view.area.path, tasks, view.case)
    remedy = mending.remedy(session, view, row, now)
    return {
        "tabs": pages.tabs(session, reach),
        "incident": {
            "id": str(row.id),
            "step": wording.step_name(row.node, view.definition),
            "kind": _(KINDS[row.kind]) if row.kind in KINDS else _("没有办成"),
            "cause": pages.plain_cause(row),
            "at": row.at,
            "last_at": row.last_at,
            "times": row.times,
            "by": {"reporter": _("居民"), "person": names.get(row.by_id or 0, "")}.get(row.by_kind or "", ""),
            "resolved_at": row.resolved_at,
            "settled_by": names.get(row.settled_by or 0),
            "note": row.note,
            "task": str(view.task.id) if view.task and view.task.status == "open" else None,
        },
        "input": _given(session, view, row, reveal=reveal),
        "remedy": remedy,
        "case": case_head(session, view, now),
        "version": view.definition.version,
        "sentence": views.sentence(session, view.case, tasks, view.definition, now, waits.all),
        "diagram": diagram,
        "error": error,
        "note": note,
        "failed": failed,
    }


def handovers(session: Session, reach: Reach, after: int | None) -> dict[str, Any]:
    """Tasks that wait for people who cannot do them any more."""
    now = clock.now()
    rows = watched.left(session, reach, now.date(), after=after)
    shown: Sequence[Any] = rows[: watched.PAGE]
    return {
        "tabs": pages.tabs(session, reach),
        "tasks": [
            {
                "id": str(task.id),
                "case_id": str(task.case_id),
                "name": task.name,
                "who": name,
                "role": role_title(task.role),
                "unit": unit,
                "code": code,
                "title": title,
                "due": views.due(task.due_at, now, task.paused_at),
            }
            for task, code, title, unit, name in shown
        ],
        "next": shown[-1][0].id if len(rows) > watched.PAGE else None,
    }


def handing_over(
    session: Session,
    reach: Reach,
    view: Held,
    *,
    to: str = "",
    reason: str = "",
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The form that hands one task over."""
    now, task = clock.now(), view.task
    assert task is not None  # it was found
    names = directory.names(session, [task.assignee_id] if task.assignee_id else [])
    choices = [
        Choice(str(one.account_id), _("{name}（{unit}）", name=one.name, unit=one.unit_name))
        for one in handover.receivers(session, view, now)
    ]
    if handover.pool_unit(session, view, now) is not None:
        choices.append(Choice(handover.POOL, _("不指定，放回去让同岗位的人领")))
    return {
        "tabs": pages.tabs(session, reach),
        "task": {
            "id": str(task.id),
            "name": task.name,
            "who": names.get(task.assignee_id or 0),
            "role": role_title(task.role),
            "due": views.due(task.due_at, now, task.paused_at),
            "named": task.named,
        },
        "case": case_head(session, view, now),
        "choices": choices,
        "to": to,
        "reason": reason,
        "errors": errors or {},
    }


def with_task(session: Session, view: Held, task_id: int | None) -> Held:
    """The same case, with the task an incident is about."""
    return replace(view, task=session.get(Task, task_id)) if task_id else view


def _given(session: Session, view: Held, row: Incident, *, reveal: bool) -> list[Fact]:
    """What was tried with, sensitive values masked."""
    if row.kind != "call":
        typed = view.definition.dictionary.decode(row.input)
        return views.facts(session, view.definition, typed, clock.now(), reveal=reveal)
    given: Mapping[str, Any] = row.input.get("input") or {}
    hidden = {} if reveal else view.definition.sensitive
    whole = [view.case.variables[name] for name in hidden if view.case.variables.get(name)]
    secrets = [text for one in whole for text in privacy.texts_of(one) or [str(one)]]
    shown = [Fact(_("连接"), str(row.input.get("action", "")))]
    for name, value in given.items():
        known = view.definition.facts.by_name.get(name)
        plain = str(value)
        if name in hidden:
            plain = masked(hidden[name], plain)
        elif any(secret in plain for secret in secrets):
            plain = masked("hidden", plain)
        shown.append(Fact(known.title if known else name, plain))
    return shown
