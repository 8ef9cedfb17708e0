"""Answers with parts, suggestions, pages of answers, examples in guidelines, preferences."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (
        ("user", sa.Column("preferences", sa.JSON(), nullable=False, server_default="{}")),
        ("guideline", sa.Column("examples", sa.JSON(), nullable=False, server_default="[]")),
        ("item", sa.Column("given_value", sa.JSON(), nullable=True)),
        ("item_consensus", sa.Column("value", sa.JSON(), nullable=True)),
        ("review", sa.Column("value", sa.JSON(), nullable=True)),
        ("item_score", sa.Column("cluster", sa.Integer(), nullable=True)),
        ("assignment", sa.Column("suggested_code", sa.String(length=64), nullable=False, server_default="")),
        ("assignment", sa.Column("suggested_value", sa.JSON(), nullable=True)),
        ("assignment", sa.Column("suggestion_shown", sa.Boolean(), nullable=True)),
        ("annotation", sa.Column("mode", sa.String(length=16), nullable=False, server_default="single")),
        ("annotation", sa.Column("page", sa.String(length=64), nullable=False, server_default="")),
        ("annotation", sa.Column("input", sa.String(length=16), nullable=False, server_default="")),
        ("annotation", sa.Column("suggested_code", sa.String(length=64), nullable=False, server_default="")),
        ("annotation", sa.Column("suggestion_shown", sa.Boolean(), nullable=True)),
    ):
        op.add_column(table, column)
    op.create_index(op.f("ix_item_score_inspection_id_cluster"), "item_score", ["inspection_id", "cluster"])
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("pattern_count") as batch:
        batch.alter_column("pattern", existing_type=sa.String(length=500), type_=sa.Text(), existing_nullable=False)
    op.create_table(
        "prediction",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_prediction_item_id_item"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_prediction_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_prediction")),
    )
    op.create_index(op.f("ix_prediction_project_id"), "prediction", ["project_id"])
