"""Jobs that somebody cancels; which checks of labels were asked for by a schedule, and up to where each one read."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("cancelled_by", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_job_cancelled_by_user"), "user", ["cancelled_by"], ["id"], ondelete="SET NULL"
        )
    op.add_column("inspection", sa.Column("schedule", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("inspection", sa.Column("newest", sa.JSON(), nullable=False, server_default="{}"))
