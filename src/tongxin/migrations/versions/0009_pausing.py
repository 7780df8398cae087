"""Limits and timers that stand still."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table in ("cases", "task", "timer"):
        op.add_column(table, sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("task", sa.Column("paused_due_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("task", "timer"):
        op.add_column(table, sa.Column("paused_by", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
