"""What stands in a case, line by line in plain words: a step with who has it, a call, a join, a subprocess."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from tongxin import engine
from tongxin.cases import moving, queries, wording
from tongxin.cases.assign import Assignment
from tongxin.cases.by_hand import Prospect
from tongxin.cases.held import Held
from tongxin.cases.models import Task
from tongxin.engine import Node, OpenTask, Standing
from tongxin.people import directory
from tongxin.procedures.definition import REPORTER
from tongxin.words import N_, _, role_title

_KINDS = {
    "serviceTask": N_("正在调用外部系统"),
    "sendTask": N_("正在调用外部系统"),
    "receiveTask": N_("等消息"),
    "parallelGateway": N_("等别的分支"),
    "inclusiveGateway": N_("等别的分支"),
    "eventBasedGateway": N_("等几件事里先来的一件"),
}
_EVENTS = {"timer": N_("等时间"), "message": N_("等消息"), "signal": N_("等信号"), "conditional": N_("等条件成立")}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that stands: its key, name, what it waits for, and how deep in subprocesses it lies."""

    key: int
    name: str
    what: str
    depth: int


def lines(
    session: Session, view: Held, found: Iterable[Standing], among: Iterable[Standing], prospect: Prospect | None = None
) -> list[Line]:
    """`among`: everything that stands together with what is told; `prospect`: the step that brings some of it about."""
    around = {one.key: one for one in among}
    who = {**_who_has(session, view), **(_begun(session, prospect) if prospect else {})}
    hosts = {one.inside for one in around.values()}
    nodes = view.definition.process.nodes
    return [
        Line(
            one.key,
            _name(nodes[one.node], moving.name_of(view.definition, one.node)),
            who.get(one.key) or _what(nodes[one.node], is_host=one.key in hosts),
            _depth(one, around),
        )
        for one in found
    ]


def everything(view: Held) -> tuple[Standing, ...]:
    """What stands in the case now."""
    return engine.standing(view.definition.process, view.case.state)


def _who_has(session: Session, view: Held) -> dict[int, str]:
    """Engine key → who has the open task; and until when a timer in the way waits."""
    tasks = [task for task in queries.tasks_of(session, view.case.id) if task.status == "open"]
    people = directory.names(session, (task.assignee_id for task in tasks if task.assignee_id))
    units = directory.unit_names(session, (task.unit_id for task in tasks))
    found = {task.key: _holder(task, people, units) for task in tasks}
    for timer in queries.timers_of(session, view.case.id):
        until = _("等到 {time}", time=wording.moment(timer.due_at))
        found[timer.key] = wording.paused(timer.paused_at) if timer.paused_at else until
    return found


def _holder(task: Task, people: Mapping[int, str], units: Mapping[int, str]) -> str:
    if task.role == REPORTER:
        return _("居民办")
    if task.assignee_id:
        return _("{name}在办", name=people.get(task.assignee_id, ""))
    return _("等{unit}的{role}领取", unit=units.get(task.unit_id, ""), role=role_title(task.role))


def _begun(session: Session, prospect: Prospect) -> dict[int, str]:
    found = who_gets(session, prospect.step.opened, prospect.assignments)
    for timer in prospect.step.timers_set:
        found[timer.key] = _("等到 {time}", time=wording.moment(timer.due.at))
    return found


def who_gets(session: Session, tasks: Iterable[OpenTask], given: Mapping[int, Assignment]) -> dict[int, str]:
    """Engine key → who a task would go to."""
    people = directory.names(session, (one.account_id for one in given.values() if one.account_id))
    units = directory.unit_names(session, (one.unit_id for one in given.values()))
    found = {}
    for task in tasks:
        to = given[task.key]
        if task.role == REPORTER:
            found[task.key] = _("交给居民")
        elif to.account_id:
            found[task.key] = _("交给{name}", name=people.get(to.account_id, ""))
        else:
            found[task.key] = _("{unit}的{role}可以领取", unit=units[to.unit_id], role=role_title(task.role))
    return found


def _what(node: Node, *, is_host: bool) -> str:
    if is_host:
        return _("各份一起") if node.loop is not None else _("子流程，连同里面的一起")
    return _(_KINDS.get(node.kind) or _EVENTS.get(node.event) or N_("在等"))


def _name(node: Node, name: str) -> str:
    if node.name:
        return name
    return _("汇合处") if node.kind in ("parallelGateway", "inclusiveGateway") else name


def _depth(one: Standing, around: Mapping[int, Standing]) -> int:
    depth, inside = 0, one.inside
    while inside is not None and inside in around:
        depth, inside = depth + 1, around[inside].inside
    return depth
