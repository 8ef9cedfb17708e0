"""Where each person is in the serving order, how the workspace holds an item, which items came free again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_HELD = sa.text("state = 'held'")


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_place_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_place_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_place")),
    )
    op.add_column("assignment", sa.Column("desk", sa.String(length=8), nullable=False, server_default=""))
    op.add_column("item", sa.Column("freed", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.drop_index("ix_assignment_held", table_name="assignment")
    op.create_index(
        "ix_assignment_held", "assignment", ["user_id", "project_id"], sqlite_where=_HELD, postgresql_where=_HELD
    )
    op.create_index(
        "ix_item_freed",
        "item",
        ["project_id", "priority", "id"],
        sqlite_where=sa.text("open_slots > 0 AND freed = 1"),
        postgresql_where=sa.text("open_slots > 0 AND freed"),
    )
