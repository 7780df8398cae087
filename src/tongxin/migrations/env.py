"""Alembic's environment: runs the migrations on the connection `tongxin.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import tongxin.cases.models
import tongxin.connectors.models
import tongxin.events
import tongxin.ledgers.models
import tongxin.people.models
import tongxin.procedures.models
import tongxin.workdays.models
import tongxin.workspace.models  # noqa: F401 - all seven: a table unknown here would be dropped


def ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Procrastinate's tables come from its own frozen SQL; the comparison leaves them out."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    return not (table or "").startswith("procrastinate_")


def plainly(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """SQLModel's text type is SQLAlchemy's: written as such, a migration needs no further import."""
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=ours,
    render_item=plainly,
)
with context.begin_transaction():
    context.run_migrations()
