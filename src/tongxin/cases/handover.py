"""Handing an open task to somebody else: most often its person has left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import Session, col

from tongxin import clock, jobs, live
from tongxin.cases import lifecycle, save
from tongxin.cases.held import Held
from tongxin.cases.models import Notice, Task
from tongxin.events import Actor, Happening
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.people.directory import Candidate
from tongxin.procedures.definition import REPORTER
from tongxin.words import _

POOL = "pool"


class NotTheirs(Exception):
    """选的人在这里没有这个岗位了。请从名单里另选一位。"""


class ReasonMissing(Exception):
    """请写明为什么移交。"""


def receivers(session: Session, view: Held, now: datetime) -> list[Candidate]:
    """Who could take the task: holders of its role in the case's area, or where the task is; its person is not one."""
    task = _open(view)
    reach = {view.area.path, directory.path_of(session, task.unit_id)}
    found = [one for path in reach for one in directory.candidates(session, task.role, path, None, now.date())]
    near = view.area.nearest
    found += directory.candidates_above(session, task.role, near, now.date())
    once = {one.account_id: one for one in found if one.account_id != task.assignee_id}
    return sorted(once.values(), key=lambda one: (one.unit_name, one.name))


def pool_unit(session: Session, view: Held, now: datetime) -> int | None:
    """The unit whose pool the task can go back to; None when it was named, has no person, or nobody would see it."""
    task = _open(view)
    if task.named or task.assignee_id is None:
        return None
    return directory.answering_unit(session, view.area.path, view.level_of(task), task.role, now.date())


def hand_over(session: Session, held: Held, to: int | None, reason: str, by: Actor) -> None:
    """Give an open task to another holder of its role (None: back to the pool), with a reason.

    Variables that named the former person for this step name the new one from now on, so that the steps that follow
    come to them too. Raises NotReady, ReasonMissing or NotTheirs.
    """
    now, task = clock.now(), _open(held)
    if not reason.strip():
        raise ReasonMissing(ReasonMissing.__doc__)
    if to is not None and to not in {one.account_id for one in receivers(session, held, now)}:
        raise NotTheirs(NotTheirs.__doc__)
    unit = _unit_for(session, held, task, to, now)
    variables = _renamed(held, task, to)  # before the row is changed
    former, names = task.assignee_id, directory.names(session, {one for one in (task.assignee_id, to) if one})
    session.execute(update(Task).where(col(Task.id) == task.id).values(assignee_id=to, unit_id=unit))
    details = {"name": task.name, "text": reason.strip(), "from": former, "to": to}
    told = {"from_name": names.get(former or 0), "to_name": names.get(to or 0)}
    happening = Happening("task_handed_over", {**details, **told}, task.id)
    save.rewrite(session, held, variables, [happening], by, now)
    if to is None:
        live.changed(session, live.of_pool(unit, task.role))
    else:
        said = _("移交给您：{task}：{title}", task=task.name, title=held.case.title)
        tell(session, held.case.id, task.id, to, said, now)
    live.changed(session, *(live.of_account(one) for one in (former, to) if one))


def _open(held: Held) -> Task:
    task = held.task
    if task is None or task.status != "open":
        raise lifecycle.NotReady(lifecycle.NotReady.__doc__)
    if task.role == REPORTER:
        raise lifecycle.NotReady(_("这一步由居民自己办，不能移交。"))
    return task


def _unit_for(session: Session, held: Held, task: Task, to: int | None, now: datetime) -> int:
    """Where the new person holds the role, or the pool's unit."""
    if to is None:
        unit = pool_unit(session, held, now)
    else:
        unit = directory.unit_of_holder(session, to, task.role, held.area.path, now.date())
    if unit is None:
        raise NotTheirs(NotTheirs.__doc__)
    return unit


def _renamed(held: Held, task: Task, to: int | None) -> dict[str, object]:
    """The case's variables, with the new person where the step's assignee was read from."""
    expression = held.definition.process.nodes[task.node].assignee
    read: Sequence[str] = sorted(expression.names) if expression and task.named and to is not None else ()
    variables = held.variables
    return {**variables, **{name: str(to) for name in read if variables.get(name) == str(task.assignee_id)}}


def tell(session: Session, case_id: int, task_id: int, to: int, said: str, now: datetime) -> None:
    """Give somebody a line of news about a task, and post it out."""
    row = {"account_id": to, "case_id": case_id, "task_id": task_id, "text": said[:300], "created_at": now}
    notice = session.execute(insert(Notice).values(**row).returning(col(Notice.id))).scalar_one()
    jobs.defer(session, [Job("post_notice", {"notice_id": notice})])
