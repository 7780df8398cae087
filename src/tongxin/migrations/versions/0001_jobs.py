"""Procrastinate's own tables, frozen at 3.10, without its NOTIFY triggers.

A NOTIFY inside a case's transaction would make all commits wait for one another; workers poll instead.
"""

from importlib.resources import files

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NOTIFY_TRIGGERS = (
    "procrastinate_jobs_notify_queue_job_inserted_v1",
    "procrastinate_jobs_notify_queue_job_aborted_v1",
)


def upgrade() -> None:
    """Apply."""
    sql = files("tongxin.migrations").joinpath("procrastinate_3_10.sql").read_text()
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
    for trigger in NOTIFY_TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON procrastinate_jobs")


def downgrade() -> None:
    """Take back."""
    raise NotImplementedError("the job tables are never taken away")
