"""A resident's step may have others told that a case has ended."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MAY_DEFER = """
    CREATE OR REPLACE FUNCTION may_defer(task text, args jsonb) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE task
      WHEN 'post_notice' THEN true
      WHEN 'call_connector' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      WHEN 'pass_on' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))
      %s
      WHEN 'deliver_message' THEN EXISTS (
        SELECT FROM case_link
        WHERE kind = 'merged' AND from_id = (args->>'case_id')::bigint AND to_id = ANY(passes('{act}'))
          AND args->>'message_id' ~ ('^' || to_id || ':[0-9]+:' || from_id || '$'))
      ELSE false END $$"""
_TELL_END = "WHEN 'tell_end' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))"
_CATCH_UP = "WHEN 'catch_up_end' THEN (args->>'case_id')::bigint = ANY(passes('{act}'))"


def upgrade() -> None:
    """Apply."""
    op.execute(_MAY_DEFER % f"{_TELL_END}\n      {_CATCH_UP}")


def downgrade() -> None:
    """Take back."""
    op.execute(_MAY_DEFER % "")
