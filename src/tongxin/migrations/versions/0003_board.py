"""The public board: released results, thanks; and in whose form a resident's file came."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id"),
    )
    op.create_table(
        "thanks",
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"]),
        sa.PrimaryKeyConstraint("publication_id", "device"),
    )
    op.add_column("attachment", sa.Column("offered_to", sa.BigInteger(), nullable=True))
    op.create_foreign_key("attachment_offered_to_fkey", "attachment", "cases", ["offered_to"], ["id"])


def downgrade() -> None:
    """Take back."""
    op.drop_constraint("attachment_offered_to_fkey", "attachment", type_="foreignkey")
    op.drop_column("attachment", "offered_to")
    op.drop_table("thanks")
    op.drop_table("publication")
