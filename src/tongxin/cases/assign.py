"""Who a newly opened task goes to: the nearest unit that can answer, or the person the diagram names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from tongxin.cases.held import Area
from tongxin.engine import OpenTask
from tongxin.people import directory
from tongxin.people.models import LEVELS, Unit
from tongxin.procedures.definition import REPORTER
from tongxin.words import _, role_title


class NobodyAnswers(Exception):
    """No unit can take a task; the message says which role is missing where."""

    def __init__(self, task: OpenTask, reason: str) -> None:
        super().__init__(_("“{task}”没有人可以办：{reason}", task=task.name, reason=reason))
        self.node = task.node


@dataclass(frozen=True, slots=True)
class Assignment:
    """The unit that answers for a task, and the person it is given to (None: anyone with the role there)."""

    unit_id: int
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Before:
    """Who had the step just done and still holds its post: a unit's, or (`account_id`) a person the diagram named."""

    role: str
    level: str | None
    unit_id: int
    account_id: int | None


def assign(
    session: Session, tasks: Iterable[OpenTask], area: Area, today: date, before: Before | None = None
) -> dict[int, Assignment]:
    """An assignment for every task by its key; raises NobodyAnswers rather than losing one.

    `before` is the step just done: a step like it goes where that one was, without asking again.
    """
    pools: dict[tuple[str | None, str], int | None] = {}
    if before is not None and before.account_id is None:
        pools[before.level, before.role] = before.unit_id
    assignments = {}
    for task in tasks:
        if task.role == REPORTER:
            assignments[task.key] = Assignment(area.unit_id, None)
        elif task.assignee is not None:
            assignments[task.key] = _named(session, task, area, today, before)
        else:
            wanted = (_level(task), task.role)
            if wanted not in pools:
                pools[wanted] = directory.answering_unit(session, area.path, *wanted, today)
            unit = pools[wanted]
            if unit is None:
                raise NobodyAnswers(
                    task,
                    _("{unit}及其上级都没有“{role}”这个岗位的人。", unit=area.unit_name, role=role_title(task.role)),
                )
            assignments[task.key] = Assignment(unit, None)
    return assignments


def _level(task: OpenTask) -> str | None:
    if task.level is not None and task.level not in LEVELS:
        raise NobodyAnswers(task, _("没有“{level}”这个层级。", level=task.level))
    return task.level


def _named(session: Session, task: OpenTask, area: Area, today: date, before: Before | None) -> Assignment:
    account_id = _account(task.assignee)
    if before is not None and (before.account_id, before.role) == (account_id, task.role):
        return Assignment(before.unit_id, account_id)
    unit = _where_held(session, account_id, task, area, today) if account_id is not None else None
    if account_id is None or unit is None:
        raise NobodyAnswers(
            task, _("指定的人在{unit}没有“{role}”岗位。", unit=area.unit_name, role=role_title(task.role))
        )
    return Assignment(unit, account_id)


def _where_held(session: Session, account_id: int, task: OpenTask, area: Area, today: date) -> int | None:
    """Where the person holds the role: around the case, or anywhere below the unit of the level the step is at."""
    here = directory.unit_of_holder(session, account_id, task.role, area.path, today)
    if here is not None or task.level is None:
        return here
    try:
        top = directory.at_level(session, session.get_one(Unit, area.unit_id), task.level)
    except directory.NoSuchUnit:
        return None
    return directory.unit_of_holder(session, account_id, task.role, top.path, today)


def _account(assignee: Any) -> int | None:
    """A person in a variable is the account's id as text."""
    return int(assignee) if isinstance(assignee, str) and assignee.isdecimal() and len(assignee) < 19 else None
