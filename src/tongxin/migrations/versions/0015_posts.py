"""A person named for a step holds the role around the case: sister units are not around it, departments are."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_UNIT_OF_HOLDER = """
    CREATE OR REPLACE FUNCTION unit_of_holder(account bigint, wanted text, below text, ancestors bigint[], today date)
    RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id FROM post p JOIN unit u ON u.id = p.unit_id JOIN account a ON a.id = p.account_id AND a.active
    WHERE p.account_id = account AND p.role = wanted
      AND p.valid_from <= today AND (p.valid_to IS NULL OR p.valid_to >= today)
      AND (starts_with(u.path, below) OR u.id = ANY(ancestors) OR (%su.parent_id = ANY(ancestors)))
    ORDER BY length(u.path) DESC LIMIT 1 $$"""


def upgrade() -> None:
    """Apply."""
    op.execute(_UNIT_OF_HOLDER % "u.kind = 'department' AND ")


def downgrade() -> None:
    """Undo."""
    op.execute(_UNIT_OF_HOLDER % "")
