"""Webhooks of an instance that was brought back from a backup: they wait until somebody switches them on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
