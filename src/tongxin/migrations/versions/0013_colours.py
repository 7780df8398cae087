"""The colour a case wears in lists."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("cases", sa.Column("colour", sa.String(1), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("cases", "colour")
