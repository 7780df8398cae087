"""Reminders (催办): somebody asks that a case goes on. Nothing moves; who has it is told, and it is counted."""

from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from tongxin import clock, jobs, live
from tongxin.cases import queries, save, wording
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import InvalidValues, NotReady
from tongxin.cases.models import Case, Notice, Task
from tongxin.events import Actor, Event, Happening
from tongxin.forms import Error
from tongxin.jobs import Job
from tongxin.people import directory
from tongxin.procedures.definition import REPORTER
from tongxin.words import _

APART = timedelta(hours=4)  # between two by the same person about one case
LONGEST = 100  # characters of what is said with it


def remind(session: Session, held: Held, said: str, by: Actor) -> int:
    """Tell those who have the case that it is waited for; how many were told. Raises NotReady or InvalidValues."""
    now, words = clock.now(), " ".join(said.split())
    if len(words) > LONGEST:
        raise InvalidValues((Error("text", _("最多 {n} 字，请写短些", n=LONGEST)),))
    waiting = [task for task in queries.tasks_of(session, held.case.id) if task.status == "open"]
    obstacle = hindered(session, held.case, waiting, by, now)
    if obstacle:
        raise NotReady(obstacle)
    to = {one: task for one, task in sorted(_holders(session, waiting, now).items()) if one != by.account_id}
    if not to:
        raise NotReady(_("现在就等您办，不用催。"))
    text = _("催办：{title}", title=held.case.title) + (_("，{words}", words=words) if words else "")
    for account, task_id in to.items():
        row = {"account_id": account, "case_id": held.case.id, "task_id": task_id, "text": text[:300]}
        row["created_at"] = now
        notice = session.execute(insert(Notice).values(**row).returning(col(Notice.id))).scalar_one()
        jobs.defer(session, [Job("post_notice", {"notice_id": notice})])
    changed = {"reminders": Case.reminders + 1} | ({"reminded_at": now} if by.kind == "reporter" else {})
    session.execute(update(Case).where(col(Case.id) == held.case.id).values(**changed))
    save.record(session, held.case, [Happening("reminded", {"text": words, "told": len(to)})], by, now)
    live.changed(session, *(live.of_account(one) for one in to))
    return len(to)


def hindered(session: Session, case: Case, waiting: list[Task], by: Actor, now: datetime) -> str:
    """Why there is nothing to remind of, or not yet again; empty when there is."""
    if case.status != "open":
        return _("这件事已经办结，不用催了。")
    if not any(task.role != REPORTER for task in waiting):
        return _("现在没有人在办，这件事在等居民或另一件事。")
    last = _last(session, case, by)
    if last is not None and last + APART > now:
        return _("刚催过，{time} 以后可以再催。", time=wording.moment(last + APART))
    return ""


def _last(session: Session, case: Case, by: Actor) -> datetime | None:
    """When the same person did so last."""
    if by.kind == "reporter":
        return case.reminded_at
    mine = (col(Event.case_id) == case.id, col(Event.kind) == "reminded", col(Event.actor_id) == by.account_id)
    return session.exec(select(Event.at).where(*mine).order_by(col(Event.seq).desc())).first()


def _holders(session: Session, waiting: list[Task], now: datetime) -> dict[int, int]:
    """Who has the open tasks, the person or everybody of the post, each with the first of theirs."""
    found: dict[int, int] = {}
    for task in waiting:
        if task.assignee_id is not None:
            found.setdefault(task.assignee_id, task.id)
        elif task.role != REPORTER:
            for one in directory.holders(session, task.unit_id, task.role, now.date()):
                found.setdefault(one, task.id)
    return found
