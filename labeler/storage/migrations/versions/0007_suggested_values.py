"""What a flag suggests where labels are no single class: a code only says which labels are equal."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("flag", sa.Column("suggested_value", sa.JSON(), nullable=True))
