"""By its code anybody follows what residents can begin; what staff alone begin is not everybody's."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BY_CODE = """
    CREATE OR REPLACE FUNCTION case_by_code(given text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found_id bigint;
    BEGIN
      SELECT c.id INTO found_id FROM cases c JOIN definition d ON d.id = c.definition_id
      WHERE replace(c.code, '-', '') = given%s;
      INSERT INTO pass (xact, kind, id) SELECT pg_current_xact_id()::text::bigint, 'look', found_id
      WHERE found_id IS NOT NULL AND session_user = 'tongxin_portal';
      RETURN found_id;
    END $$"""


def upgrade() -> None:
    """Apply."""
    op.execute(_BY_CODE % " AND d.by_residents")


def downgrade() -> None:
    """Undo."""
    op.execute(_BY_CODE % "")
