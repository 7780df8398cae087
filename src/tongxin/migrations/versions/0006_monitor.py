"""Mending what is stuck: what an incident was about, calls of outside systems, what the monitor counts by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


# The residents' pages may say what a resident tried, and nothing in anybody else's name: it may be tried again.
_REPORTERS_OWN = """
    CREATE FUNCTION reporters_own() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
      IF (NEW.kind, NEW.key, NEW.input, NEW.by_kind, NEW.by_id)
          IS DISTINCT FROM (OLD.kind, OLD.key, OLD.input, OLD.by_kind, OLD.by_id)
        AND NOT (NEW.by_kind = 'reporter' AND NEW.by_id IS NULL AND NEW.kind IN ('task', 'message')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not what a resident tried';
      END IF;
      RETURN NEW;
    END $$"""


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
    op.execute(_REPORTERS_OWN)
    op.execute(
        "CREATE TRIGGER reporters_own BEFORE UPDATE ON incident FOR EACH ROW "
        "WHEN (current_user = 'tongxin_portal') EXECUTE FUNCTION reporters_own()"
    )
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
    op.execute("DROP TRIGGER reporters_own ON incident")
    op.execute("DROP FUNCTION reporters_own")
    for column in ("note", "settled_by", "retried_at", "last_at", "times", "by_id", "by_kind", "key", "kind"):
        op.drop_column("incident", column)
    op.drop_table("connector_twin")
    op.drop_table("connector_call")
