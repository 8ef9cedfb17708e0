"""Audits: what was drawn, what leads decided, and answers that stand without being votes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATUSES = "status IN ('counted', 'late', 'superseded', 'undone', 'skipped', 'audit')"
_RUNNING, _CURRENT = sa.text("state = 'running'"), sa.text("status = 'current'")


def upgrade() -> None:
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("annotation") as batch:
        batch.drop_constraint(op.f("ck_annotation_status"), type_="check")
        batch.create_check_constraint(op.f("ck_annotation_status"), _STATUSES)
    _audit()
    _audit_item()
    _audit_decision()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Double(), nullable=False),
        sa.Column("slices", sa.JSON(), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("spacing", sa.Integer(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('running', 'finished', 'stopped')", name=op.f("ck_audit_state")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_audit_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user.id"], name=op.f("fk_audit_started_by_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["user.id"], name=op.f("fk_audit_closed_by_user"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_audit_project_id_number")),
    )
    op.create_index(
        "uq_audit_running", "audit", ["project_id"], unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING
    )


def _audit_item() -> None:
    op.create_table(
        "audit_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("audit_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("stratum", sa.String(length=64), nullable=False),
        sa.Column("group", sa.String(length=16), nullable=False),
        sa.Column("slices", sa.JSON(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("right_code", sa.String(length=64), nullable=False),
        sa.Column("right_value", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('', 'right', 'wrong', 'ambiguous', 'left_out')", name=op.f("ck_audit_item_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_audit_item_audit_id_audit"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_audit_item_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_audit_item_item_id_item"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_item")),
        sa.UniqueConstraint("audit_id", "item_id", name=op.f("uq_audit_item_audit_id_item_id")),
        sa.UniqueConstraint("audit_id", "position", name=op.f("uq_audit_item_audit_id_position")),
    )
    op.create_index(op.f("ix_audit_item_project_id_item_id"), "audit_item", ["project_id", "item_id"])


def _audit_decision() -> None:
    op.create_table(
        "audit_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("audit_item_id", sa.Integer(), nullable=False),
        sa.Column("annotation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('label', 'answer', 'other', 'ambiguous')", name=op.f("ck_audit_decision_verdict")
        ),
        sa.CheckConstraint("status IN ('current', 'replaced', 'undone')", name=op.f("ck_audit_decision_status")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_audit_decision_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["audit_item_id"],
            ["audit_item.id"],
            name=op.f("fk_audit_decision_audit_item_id_audit_item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_audit_decision_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_decision")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_audit_decision_user_id_key")),
    )
    op.create_index(
        "uq_audit_decision_current",
        "audit_decision",
        ["audit_item_id"],
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    )
