"""The score of an audited label when it was drawn: the next pass scores another label, once this one was corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_item", sa.Column("score", sa.Double(), nullable=True))
