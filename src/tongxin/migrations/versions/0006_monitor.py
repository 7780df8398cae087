"""Mending what is stuck: what an incident was about, calls of outside systems, what the monitor counts by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "connector_call",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("connector", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("connector_call_at", "connector_call", ["connector", "at"])
    op.create_table(
        "connector_twin",
        sa.Column("connector", sa.String(length=80), nullable=False),
        sa.Column("twin", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["account.id"]),
        sa.PrimaryKeyConstraint("connector"),
    )
    op.add_column("incident", sa.Column("kind", sa.String(length=16), nullable=True))
    op.add_column("incident", sa.Column("key", sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("by_kind", sa.String(length=16), nullable=True))
    op.add_column("incident", sa.Column("by_id", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("incident", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incident", sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incident", sa.Column("settled_by", sa.BigInteger(), nullable=True))
    op.add_column("incident", sa.Column("note", sa.String(length=500), nullable=True))
    op.create_foreign_key("incident_by_id_fkey", "incident", "account", ["by_id"], ["id"])
    op.create_foreign_key("incident_settled_by_fkey", "incident", "account", ["settled_by"], ["id"])
    op.create_index("incident_case", "incident", ["case_id"])
    op.create_index("cases_open", "cases", ["definition_id", "unit_id"], postgresql_where=sa.text("status = 'open'"))
    op.create_index("cases_closed", "cases", ["closed_at"], postgresql_where=sa.text("status = 'closed'"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("cases_closed", "cases")
    op.drop_index("cases_open", "cases")
    op.drop_index("incident_case", "incident")
    for column in ("note", "settled_by", "retried_at", "last_at", "times", "by_id", "by_kind", "key", "kind"):
        op.drop_column("incident", column)
    op.drop_table("connector_twin")
    op.drop_table("connector_call")
