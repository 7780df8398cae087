"""What connectors did lately, and switching one to a twin in a demo installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from tongxin.connectors.models import Call, Twin
from tongxin.connectors.registry import BY_NAME, TWINS

DAY = timedelta(days=1)
KEPT = timedelta(days=7)


class NoSuchConnector(Exception):
    """没有这个连接，或不能这样切换。请回到连接页再选。"""


@dataclass(frozen=True, slots=True)
class Lately:
    """A connector's last day: how many calls, how many failed, and the newest failure."""

    calls: int = 0
    failed: int = 0
    last_error: str | None = None
    last_at: datetime | None = None


def note(session: Session, connector: str, error: str | None, at: datetime) -> None:
    """A call was made."""
    session.add(Call(connector=connector[:80], at=at, error=error[:300] if error is not None else None))
    session.flush()


def lately(session: Session, now: datetime) -> dict[str, Lately]:
    """Connector → its last day."""
    recent = col(Call.at) > now - DAY
    counted = session.exec(
        select(Call.connector, func.count(), func.count(col(Call.error))).where(recent).group_by(col(Call.connector))
    ).all()
    found = {}
    for name, calls, failed in counted:
        last = session.exec(
            select(Call)
            .where(recent, col(Call.connector) == name, col(Call.error).is_not(None))
            .order_by(col(Call.at).desc(), col(Call.id).desc())
        ).first()
        found[name] = Lately(calls, failed, last.error if last else None, last.at if last else None)
    return found


def forget(session: Session, now: datetime) -> None:
    """Calls are kept a week."""
    session.connection().execute(delete(Call).where(col(Call.at) < now - KEPT))


def twin_of(session: Session, connector: str) -> str | None:
    """The twin that stands in for a connector now."""
    return session.exec(select(Twin.twin).where(col(Twin.connector) == connector)).first()


def twins(session: Session) -> Mapping[str, str]:
    """Connector → its twin, for those that have one now."""
    return dict(session.exec(select(Twin.connector, Twin.twin)).all())


def switch(session: Session, connector: str, twin: str | None, by: int, now: datetime) -> None:
    """Let a twin stand in for a connector from the next call on; None: itself again. Raises NoSuchConnector."""
    if connector not in BY_NAME or (twin is not None and twin not in TWINS):
        raise NoSuchConnector(NoSuchConnector.__doc__)
    if twin is None:
        session.connection().execute(delete(Twin).where(col(Twin.connector) == connector))
        return
    values = {"twin": twin, "since": now, "by": by}
    statement = insert(Twin).values(connector=connector, **values)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["connector"], set_=values))
