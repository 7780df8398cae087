"""What somebody has typed and not handed in: kept by task and person, without a lock on the case."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from tongxin.cases.models import Draft

MOST_CHARACTERS = 100_000


def save(session: Session, task_id: int, account_id: int, fields: Mapping[str, list[str]], now: datetime) -> bool:
    """Keep it, in place of what was kept before; False when it is far too much. Text no database holds is left out."""
    kept = {_clean(name): [_clean(value) for value in values] for name, values in fields.items()}
    if sum(len(value) for values in kept.values() for value in values) > MOST_CHARACTERS:
        return False
    statement = insert(Draft).values(task_id=task_id, account_id=account_id, fields=kept, saved_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["task_id", "account_id"], set_={"fields": kept, "saved_at": now}
        )
    )
    return True


def load(session: Session, task_id: int, account_id: int) -> Draft | None:
    """What this person left in this task's form."""
    return session.get(Draft, (task_id, account_id))


def drop(session: Session, task_id: int) -> None:
    """The task is done: nobody's draft is needed."""
    session.execute(delete(Draft).where(col(Draft.task_id) == task_id))


def _clean(value: str) -> str:
    return value.replace("\0", "").encode("utf-8", "ignore").decode()
