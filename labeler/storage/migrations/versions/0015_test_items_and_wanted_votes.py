"""Test items; votes that one item wants; rules for one person's work; requests for one more answer."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("item", sa.Column("wanted", sa.Integer(), nullable=True))
    own = sa.text("wanted IS NOT NULL")
    op.create_index("ix_item_wanted", "item", ["project_id", "wanted"], sqlite_where=own, postgresql_where=own)
    _test_items()
    _work_rules()
    _vote_requests()
    _voters()


def _test_items() -> None:
    op.create_table(
        "test_item",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        _foreign("test_item", "item", "item_id"),
        _foreign("test_item", "project", "project_id"),
        _foreign("test_item", "user", "created_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_test_item")),
    )
    op.create_index(
        "ix_test_item_active",
        "test_item",
        ["project_id", "item_id"],
        sqlite_where=sa.text("active = 1"),
        postgresql_where=sa.text("active"),
    )


def _work_rules() -> None:
    op.create_table(
        "work_rule",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("paused_at", _MOMENT, nullable=True),
        sa.Column("paused_by", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("let_in", sa.Boolean(), nullable=False),
        _foreign("work_rule", "project", "project_id"),
        _foreign("work_rule", "user", "user_id"),
        _foreign("work_rule", "user", "paused_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_work_rule")),
    )


def _vote_requests() -> None:
    op.create_table(
        "vote_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("only_for", sa.Integer(), nullable=True),
        sa.Column("before_wanted", sa.Integer(), nullable=True),
        sa.Column("before_priority", sa.Double(), nullable=False),
        sa.Column("before_only_for", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        _foreign("vote_request", "project", "project_id"),
        _foreign("vote_request", "item", "item_id"),
        _foreign("vote_request", "user", "created_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_request")),
        sa.UniqueConstraint("batch", "item_id", name=op.f("uq_vote_request_batch_item_id")),
    )
    op.create_index(op.f("ix_vote_request_project_id_id"), "vote_request", ["project_id", "id"])
    op.create_index(op.f("ix_vote_request_item_id"), "vote_request", ["item_id"])


def _voters() -> None:
    op.create_table(
        "voter",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reliability", sa.Double(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("computed_at", _MOMENT, nullable=False),
        _foreign("voter", "project", "project_id"),
        _foreign("voter", "user", "user_id"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_voter")),
    )


def _foreign(table: str, referred: str, column: str, *, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{referred}")
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=name, ondelete=ondelete)
