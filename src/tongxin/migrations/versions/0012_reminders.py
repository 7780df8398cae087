"""Cases somebody has asked about: how often, and when their resident did last."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MAY_DEFER = """
    CREATE OR REPLACE FUNCTION may_defer(task text, args jsonb) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE task
      WHEN 'post_notice' THEN true
      WHEN 'call_connector' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      WHEN 'pass_on' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      WHEN 'tell_end' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      WHEN 'catch_up_end' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      %s
      WHEN 'deliver_message' THEN EXISTS (
        SELECT FROM case_link
        WHERE kind = 'merged' AND from_id = (args->>'case_id')::bigint AND to_id = ANY(passes('{act}'))
          AND args->>'message_id' ~ ('^' || to_id || ':[0-9]+:' || from_id || '$'))
      ELSE false END $$"""
_REMIND = "WHEN 'remind' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))"


def upgrade() -> None:
    """Apply."""
    op.add_column("cases", sa.Column("reminders", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("cases", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_MAY_DEFER % _REMIND)


def downgrade() -> None:
    """Undo."""
    op.execute(_MAY_DEFER % "")
    op.drop_column("cases", "reminded_at")
    op.drop_column("cases", "reminders")
