"""Signals, processes that begin by themselves, and data that all cases of a procedure share."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MAY_DEFER = """
    CREATE OR REPLACE FUNCTION may_defer(task text, args jsonb) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE task
      WHEN 'post_notice' THEN true
      WHEN 'call_connector' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      %s
      WHEN 'deliver_message' THEN EXISTS (
        SELECT FROM case_link
        WHERE kind = 'merged' AND from_id = (args->>'case_id')::bigint AND to_id = ANY(passes('{act}'))
          AND args->>'message_id' ~ ('^' || to_id || ':[0-9]+:' || from_id || '$'))
      ELSE false END $$"""
# As far as a package's own words tell; a release that knows the column also says so itself.
_NAMES_RESIDENTS = "package->>'procedure.toml' ~ '\\mby\\s*=\\s*\\[[^]]*\"reporter\"'"
_BY_RESIDENTS = f"UPDATE definition SET by_residents = true WHERE {_NAMES_RESIDENTS}"
_NOTE_RESIDENTS = f"""
    CREATE FUNCTION note_residents() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
      NEW.by_residents := NEW.by_residents OR coalesce(NEW.{_NAMES_RESIDENTS}, false);
      RETURN NEW;
    END $$"""
_PASS_ON = "WHEN 'pass_on' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "subscription", sa.Column("kind", sa.String(length=8), server_default=sa.text("'message'"), nullable=False)
    )
    op.create_table(
        "schedule",
        sa.Column("procedure", sa.String(length=40), nullable=False),
        sa.Column("node", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("procedure", "node"),
    )
    op.create_index("schedule_due", "schedule", ["due_at"])
    op.create_table(
        "store",
        sa.Column("procedure", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("procedure", "name"),
    )
    op.add_column(
        "definition", sa.Column("by_residents", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.execute(_BY_RESIDENTS)
    op.execute(_NOTE_RESIDENTS)
    op.execute(
        "CREATE TRIGGER note_residents BEFORE INSERT ON definition FOR EACH ROW EXECUTE FUNCTION note_residents()"
    )
    op.execute(_MAY_DEFER % _PASS_ON)


def downgrade() -> None:
    """Take back."""
    op.execute(_MAY_DEFER % "")
    op.execute("DROP TRIGGER note_residents ON definition")
    op.execute("DROP FUNCTION note_residents()")
    op.drop_column("definition", "by_residents")
    op.drop_table("store")
    op.drop_table("schedule")
    op.drop_column("subscription", "kind")
