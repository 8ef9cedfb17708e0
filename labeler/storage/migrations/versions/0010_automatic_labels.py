"""Labels of the model that stand where nobody answered, in batches that an audit checked."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("automatic_code", sa.String(length=64), nullable=False, server_default=""))
    op.create_index(
        "ix_item_automatic",
        "item",
        ["project_id", "automatic_code"],
        sqlite_where=sa.text("automatic_code != ''"),
        postgresql_where=sa.text("automatic_code != ''"),
    )
    op.add_column("audit", sa.Column("about", sa.String(length=16), nullable=False, server_default="labels"))
    _batch()
    _label()


def _batch() -> None:
    op.create_table(
        "automatic_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("least", sa.Double(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('checking', 'stands', 'failed', 'stopped', 'taken_back')",
            name=op.f("ck_automatic_batch_state"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_automatic_batch_audit_id_audit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_automatic_batch_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_batch")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_automatic_batch_project_id_number")),
    )
    op.create_index(op.f("ix_automatic_batch_audit_id"), "automatic_batch", ["audit_id"])


def _label() -> None:
    op.create_table(
        "automatic_label",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["automatic_batch.id"],
            name=op.f("fk_automatic_label_batch_id_automatic_batch"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["item.id"], name=op.f("fk_automatic_label_item_id_item"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "item_id", name=op.f("pk_automatic_label")),
    )
    op.create_index(op.f("ix_automatic_label_item_id"), "automatic_label", ["item_id"])
