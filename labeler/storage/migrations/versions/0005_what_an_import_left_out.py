"""What an import left out, by kind and by file, and how many of its answers are not counted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (
        ("import", sa.Column("not_counted", sa.Integer(), nullable=False, server_default="0")),
        ("import", sa.Column("left_out", sa.JSON(), nullable=False, server_default="{}")),
        ("rejected_row", sa.Column("file", sa.Text(), nullable=False, server_default="")),
        ("rejected_row", sa.Column("taken", sa.Boolean(), nullable=False, server_default=sa.false())),
    ):
        op.add_column(table, column)
