"""Threads of comments, and what each person has seen of what happened.

Comments stay on the answers they were given with; an index finds them. What was decided before is no news to anybody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _threads()
    _messages()
    _notices()
    _indices()
    op.execute(
        "INSERT INTO notice_seen (project_id, user_id, guideline, review_id)"
        " SELECT membership.project_id, membership.user_id, 0, max(review.id)"
        " FROM membership JOIN review ON review.project_id = membership.project_id"
        " GROUP BY membership.project_id, membership.user_id"
    )


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE")


def _threads() -> None:
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("read_up_to", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'settled')", name=op.f("ck_thread_state")),
        _reference("thread", "project_id", "project"),
        _reference("thread", "item_id", "item"),
        _reference("thread", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("item_id", "user_id", name=op.f("uq_thread_item_id_user_id")),
    )
    op.create_index(op.f("ix_thread_project_id_user_id"), "thread", ["project_id", "user_id"])


def _messages() -> None:
    op.create_table(
        "thread_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_lead", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("guideline_version", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("outcome IN ('', 'closed', 'guideline')", name=op.f("ck_thread_message_outcome")),
        _reference("thread_message", "thread_id", "thread"),
        _reference("thread_message", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_message")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_thread_message_user_id_key")),
    )
    op.create_index(op.f("ix_thread_message_thread_id_id"), "thread_message", ["thread_id", "id"])


def _notices() -> None:
    op.create_table(
        "notice_seen",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("guideline", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        _reference("notice_seen", "project_id", "project"),
        _reference("notice_seen", "user_id", "user"),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_notice_seen")),
    )
    op.create_table(
        "digest",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("before", _MOMENT, nullable=False),
        sa.Column("up_to", _MOMENT, nullable=False),
        sa.Column("tried_at", _MOMENT, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('sending', 'sent', 'failed')", name=op.f("ck_digest_state")),
        _reference("digest", "user_id", "user"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest")),
    )


def _indices() -> None:
    said = sa.text("comment != ''")
    op.create_index(
        "ix_annotation_commented",
        "annotation",
        ["project_id", "item_id", "user_id"],
        sqlite_where=said,
        postgresql_where=said,
    )
    sent_back = sa.text("status = 'current' AND decision = 'send_back'")
    op.create_index("ix_review_sent_back", "review", ["project_id"], sqlite_where=sent_back, postgresql_where=sent_back)
