"""Answers that a lead set aside, what others are asked again, and blind looks."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_STATUSES = "status IN ('counted', 'late', 'superseded', 'undone', 'skipped', 'audit', 'not_counted')"


def upgrade() -> None:
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("annotation") as batch:
        batch.drop_constraint(op.f("ck_annotation_status"), type_="check")
        batch.create_check_constraint(op.f("ck_annotation_status"), _STATUSES)
    _asked_again()
    _asked_again_answer()
    _blind_look()
    _blind_look_item()


def _asked_again() -> None:
    op.create_table(
        "asked_again",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("which", sa.String(length=16), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("nobody", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("which IN ('depends', 'all', 'fast')", name=op.f("ck_asked_again_which")),
        _foreign("asked_again", "project", "project_id"),
        _foreign("asked_again", "user", "user_id"),
        _foreign("asked_again", "user", "asked_by", ondelete="SET NULL"),
        _foreign("asked_again", "user", "undone_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_again")),
    )
    op.create_index(op.f("ix_asked_again_project_id_user_id_id"), "asked_again", ["project_id", "user_id", "id"])


def _asked_again_answer() -> None:
    op.create_table(
        "asked_again_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_again_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("annotation_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.Column("before_code", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        _foreign("asked_again_answer", "asked_again", "asked_again_id"),
        _foreign("asked_again_answer", "project", "project_id"),
        _foreign("asked_again_answer", "item", "item_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_again_answer")),
        sa.UniqueConstraint(
            "asked_again_id", "annotation_id", name=op.f("uq_asked_again_answer_asked_again_id_annotation_id")
        ),
    )
    op.create_index(op.f("ix_asked_again_answer_project_id_item_id"), "asked_again_answer", ["project_id", "item_id"])


def _blind_look() -> None:
    op.create_table(
        "blind_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        _foreign("blind_look", "project", "project_id"),
        _foreign("blind_look", "user", "user_id"),
        _foreign("blind_look", "user", "lead_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_look")),
    )
    op.create_index(op.f("ix_blind_look_project_id_user_id_id"), "blind_look", ["project_id", "user_id", "id"])


def _blind_look_item() -> None:
    op.create_table(
        "blind_look_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blind_look_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("annotation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("answered_at", _MOMENT, nullable=True),
        _foreign("blind_look_item", "blind_look", "blind_look_id"),
        _foreign("blind_look_item", "project", "project_id"),
        _foreign("blind_look_item", "item", "item_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_look_item")),
        sa.UniqueConstraint("blind_look_id", "position", name=op.f("uq_blind_look_item_blind_look_id_position")),
        sa.UniqueConstraint(
            "blind_look_id", "annotation_id", name=op.f("uq_blind_look_item_blind_look_id_annotation_id")
        ),
    )
    op.create_index(op.f("ix_blind_look_item_project_id_item_id"), "blind_look_item", ["project_id", "item_id"])


def _foreign(table: str, referred: str, column: str, *, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{referred}")
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=name, ondelete=ondelete)
