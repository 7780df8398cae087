"""A running case goes over to another version of its procedure: what it would mean, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from tongxin import clock, db, engine, live
from tongxin.cases import by_hand, fitting, handover, lifecycle, queries, save
from tongxin.cases import held as holding
from tongxin.cases.assign import Assignment, NobodyAnswers, assign
from tongxin.cases.by_hand import Prospect
from tongxin.cases.held import Held
from tongxin.cases.lifecycle import Outcome
from tongxin.cases.models import Case, Subscription, Task
from tongxin.cases.save import Change
from tongxin.engine import Due, Landing, OpenTask
from tongxin.events import Actor, Happening
from tongxin.procedures import catalogue
from tongxin.procedures.definition import Definition, parameters_for
from tongxin.words import _, retold

Mapped = Mapping[str, str]
Changed = tuple[tuple[OpenTask, Assignment | None], ...]
"""Open tasks as they are in the new version, with who gets each; None: who has it keeps it."""
# What has the old name of a renamed node follows it; incidents of messages are known by the message's name.
_FOLLOW = text("""
    WITH renamed AS (SELECT key AS was, value AS now FROM jsonb_each_text(CAST(:nodes AS jsonb))),
    said AS (SELECT key AS was, value AS now FROM jsonb_each_text(CAST(:messages AS jsonb))),
    tasks AS (UPDATE task SET node = now FROM renamed WHERE case_id = :case AND node = was),
    timers AS (UPDATE timer SET node = now FROM renamed WHERE case_id = :case AND node = was),
    waits AS (UPDATE subscription SET node = now FROM renamed WHERE case_id = :case AND node = was),
    stuck AS (UPDATE incident SET node = now FROM renamed
      WHERE case_id = :case AND resolved_at IS NULL AND kind IS DISTINCT FROM 'message' AND node = was),
    unheard AS (UPDATE incident SET node = now FROM said
      WHERE case_id = :case AND resolved_at IS NULL AND kind = 'message' AND node = was)
    UPDATE cases SET definition_id = :definition WHERE id = :case""")


@dataclass(frozen=True, slots=True)
class Preview:
    """What becomes of everything that waits. Without `prospect` the case cannot go over: `obstacles` say why."""

    landings: tuple[Landing, ...]
    obstacles: tuple[str, ...]
    prospect: Prospect | None
    changed: Changed = ()  # open tasks that stay open


def preview_migration(session: Session, view: Held, target: Definition, mapping: Mapped) -> Preview:
    """What `migrate_case` would do; nothing is locked or written. Raises NotReady."""
    _must_fit(view, target)
    old = view.definition
    landings = engine.plan(old.process, target.process, view.case.state, mapping)
    obstacles = fitting.obstacles(old, target, view.case.variables, landings, mapping)
    if obstacles or any(one.fate == "stuck" for one in landings):
        return Preview(landings, obstacles, None)
    try:
        over = _stepped(session, view, Change(), target, mapping, landings, lock=False)
    except by_hand.Refused as refused:
        return Preview(landings, (str(refused),), None)
    return Preview(landings, (), over.prospect, over.changed)


def why(old: Definition, preview: Preview) -> str:
    """Why a case cannot go over, in one line; empty when nothing speaks against it."""
    stuck = [one for one in preview.landings if one.fate == "stuck"]
    names = {one.node: old.process.nodes[one.node].name or one.node for one in stuck}
    said = [_("{step}：{cause}", step=names[one.node], cause=retold(one.reason or "")) for one in stuck]
    return _("；").join(dict.fromkeys((*said, *(retold(one) for one in preview.obstacles))))


def migrate_case(session: Session, held: Held, target: Definition, mapping: Mapped, reason: str, by: Actor) -> Outcome:
    """Go on under another version; tasks, drafts, claims and times stay. `mapping`: node of the old → of the new.

    Raises NotReady, ReasonMissing or by_hand.Refused; the case is as it was then.
    """
    _must_fit(held, target)
    said, now, old = by_hand.given(reason), clock.now(), held.definition
    landings = engine.plan(old.process, target.process, held.case.state, mapping)
    obstacles = fitting.obstacles(old, target, held.case.variables, landings, mapping)
    if obstacle := why(old, Preview(landings, obstacles, None)):
        raise by_hand.Refused(obstacle)
    change = Change()
    details = {"from_version": old.version, "to_version": target.version, "definition": old.id, "text": said}
    change.happenings.append(Happening("case_migrated", details))
    over = _stepped(session, held, change, target, mapping, landings, lock=True)
    _follow(session, held, target, mapping, landings)
    step = _set_anew(session, held.case.id, over.prospect.step)
    written = save.save(session, over.held, step, change, over.prospect.assignments, by, now)
    for task, assignment in over.changed:
        _change_task(session, over.held, task, assignment, now)
    return lifecycle.outcome(over.held, step, written)


@dataclass(frozen=True, slots=True)
class _Over:
    """The case as it is under the new version, with the step not yet written."""

    held: Held
    prospect: Prospect
    changed: Changed


def _must_fit(held: Held, target: Definition) -> None:
    by_hand.must_be_open(held)
    if target.key != held.definition.key or target.id is None:
        raise lifecycle.NotReady(_("只能换成同一个流程的另一版。"))
    if target.id == held.definition.id:
        raise lifecycle.NotReady(_("这件事已经在第 {version} 版了。", version=target.version))


def _stepped(
    session: Session,
    held: Held,
    change: Change,
    target: Definition,
    mapping: Mapped,
    landings: Sequence[Landing],
    *,
    lock: bool,
) -> _Over:
    now, done = clock.now(), list[engine.Migration]()
    tasks = {task.key: task for task in queries.tasks_of(session, held.case.id) if task.status == "open"}
    over = under(session, held, target, _renamed(landings, mapping), lock=lock)

    def step() -> engine.Step:
        limits = {key: (task.due_at or task.paused_due_at, task.derivation or {}) for key, task in tasks.items()}
        dues = {key: Due(at, derivation) for key, (at, derivation) in limits.items() if at}
        done.append(
            engine.migrate(
                held.definition.process,
                target.process,
                held.case.state,
                over.variables,
                now,
                over.env,
                mapping=mapping,
                dues=dues,
            )
        )
        return done[0].step

    prospect = by_hand.prepared(session, over, change, step, now, held.definition.process)
    (migration,) = done
    changed = [
        (task, _whose(session, held, over, tasks[task.key], task, now))
        for task in migration.changed
        if task.key not in {closed.key for closed in prospect.step.closed}
    ]
    return _Over(over, prospect, tuple(changed))


def under(session: Session, held: Held, target: Definition, names: Mapped, *, lock: bool = False) -> Held:
    """The case as it is read under another version, its steps renamed by `names`; the session's row stays as it is."""
    now = clock.now()
    visited = list(dict.fromkeys(names.get(one, one) for one in held.case.visited))
    case = Case(**{**held.case.model_dump(), "definition_id": target.id, "visited": visited})
    parameters = parameters_for(target, holding.deviations(session, target.key, held.area.path, now))
    stores = holding.shared(session, target, lock=lock)
    return Held(case, None, None, held.area, target, parameters, stores)


def _renamed(landings: Sequence[Landing], mapping: Mapped) -> dict[str, str]:
    """Old node → new node, where they differ."""
    names = {**mapping, **{one.node: one.to for one in landings if one.to}}
    return {was: now for was, now in names.items() if was != now}


def _whose(session: Session, held: Held, over: Held, task: Task, changed: OpenTask, now: datetime) -> Assignment | None:
    """Who an open task goes to when its role, level or named person is another now; None when it stays where it is."""
    was, node = held.definition.process.nodes[task.node], over.definition.process.nodes[changed.node]
    written = [(*one.lane.source, one.assignee and one.assignee.source) for one in (was, node)]
    asked = [(task.role, held.level_of(task)), (changed.role, changed.level)]
    if written[0] == written[1] or (written[0][2] == written[1][2] and asked[0] == asked[1]):
        return None
    try:
        return assign(session, [changed], over.area, now.date())[changed.key]
    except NobodyAnswers as nobody:
        raise by_hand.Refused(str(nobody)) from nobody


def _follow(session: Session, held: Held, target: Definition, mapping: Mapped, landings: Sequence[Landing]) -> None:
    """The case's rows under their new names, and the case itself under its new version."""
    messages = {}
    for one in landings:
        was = held.definition.process.nodes[one.node].message
        now = target.process.nodes[one.to].message if one.to else None
        if was and now and was.name != now.name:
            messages[was.name] = now.name
    parameters = {"nodes": db.to_json(_renamed(landings, mapping)), "messages": db.to_json(messages)}
    session.connection().execute(_FOLLOW, {**parameters, "case": held.case.id, "definition": target.id})


def _set_anew(session: Session, case_id: int, step: engine.Step) -> engine.Step:
    """Waits that are cleared and set under one key go first: a step's statement sees them as they were."""
    both = {wait.key for wait in step.waits_set} & set(step.waits_cleared)
    if both:
        mine = (col(Subscription.case_id) == case_id, col(Subscription.key).in_(both))
        session.execute(delete(Subscription).where(*mine))
    return replace(step, waits_cleared=tuple(key for key in step.waits_cleared if key not in both))


def _change_task(session: Session, over: Held, task: OpenTask, assignment: Assignment | None, now: datetime) -> None:
    mine = (col(Task.case_id) == over.case.id, col(Task.key) == task.key)
    row = session.exec(select(Task).where(*mine)).one()
    former, unit = row.assignee_id, row.unit_id
    values: dict[str, Any] = {"node": task.node, "name": task.name, "form": task.form, "role": task.role}
    if assignment is not None:
        account = assignment.account_id
        values |= {"unit_id": assignment.unit_id, "assignee_id": account, "named": account is not None}
    session.execute(update(Task).where(*mine).values(**values))
    if assignment is None:
        return
    to, topics = assignment.account_id, [live.of_pool(unit, row.role), live.of_pool(assignment.unit_id, task.role)]
    live.changed(session, *topics, *(live.of_account(one) for one in (former, to) if one))
    if to is not None and to != former:
        said = _("现在由您办：{task}：{title}", task=task.name, title=over.case.title)
        handover.tell(session, over.case.id, row.id, to, said, now)


def by_job(
    session: Session, case_id: int, from_id: int, definition_id: int, mapping: Mapped, reason: str, by: Actor
) -> str | None:
    """One case of many, by a worker; why it stays where it is, None when it went over or had left that version."""
    held = holding.by_case(session, case_id, clock.now())
    if held is None or held.case.definition_id != from_id:
        return None
    try:
        migrate_case(session, held, catalogue.by_id(session, definition_id), mapping, reason, by)
    except (by_hand.Refused, lifecycle.NotReady) as refused:
        return str(refused)
    return None
