"""When the timer starts of current versions are due: entered when a version is published, moved on by the workers."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from tongxin import engine
from tongxin.procedures.definition import Definition
from tongxin.procedures.models import Schedule


def enter(session: Session, definition: Definition, now: datetime) -> None:
    """The timer starts of a version that has just become current; a rhythm that stays the same goes on as it was."""
    known = session.exec(select(Schedule).where(col(Schedule.procedure) == definition.key)).all()
    kept = {row.node: row for row in known}
    session.execute(delete(Schedule).where(col(Schedule.procedure) == definition.key))
    for node in definition.process.starts.values():
        if node.timer is None:
            continue
        before = kept.get(node.id)
        if before is not None and before.text == node.timer.text:
            session.add(Schedule(**before.model_dump()))
            continue
        begins = engine.first_start(node, now, {"parameters": dict(definition.parameters)})
        row = Schedule(procedure=definition.key, node=node.id, text=node.timer.text, due_at=None)
        if begins is not None:
            row.due_at, row.left = begins.due.at, begins.left
        session.add(row)
    session.flush()


def move_on(session: Session, row: Schedule, definition: Definition, now: datetime) -> None:
    """The row's time has come and was seen to: on to the next one after now. Raises engine.Failed."""
    node = definition.process.starts.get(row.node)
    following = None
    if node is not None and node.timer is not None and row.due_at is not None:
        env = {"parameters": dict(definition.parameters)}
        following = engine.following_start(node, row.due_at, row.left, now, env)
    row.due_at, row.left = (following.due.at, following.left) if following else (None, None)
    session.add(row)
