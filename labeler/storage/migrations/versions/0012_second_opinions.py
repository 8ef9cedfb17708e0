"""Second opinions: decisions that ask for one, answers that agree, and assignments that are for one."""

import sqlalchemy as sa
from alembic import op

from labeler.storage.migrations.index_order import put_in_order

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DECISIONS = "decision IN ('keep', 'relabel', 'exclude', 'send_back', 'ambiguous', 'second_opinion', 'agreed')"
_PURPOSES = "purpose IN ('label', 'review', 'repeat', 'gold', 'audit', 'second_opinion')"
_ASKED = sa.text("status = 'current' AND decision = 'second_opinion'")


def upgrade() -> None:
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("review") as batch:
        batch.drop_constraint(op.f("ck_review_decision"), type_="check")
        batch.create_check_constraint(op.f("ck_review_decision"), _DECISIONS)
    op.create_index("ix_review_asked", "review", ["project_id"], sqlite_where=_ASKED, postgresql_where=_ASKED)
    if op.get_bind().dialect.name != "sqlite":
        _assignments()
        return
    _assignments_on_sqlite()
    put_in_order("review", "assignment", "annotation")


def _assignments_on_sqlite() -> None:
    # SQLite makes the table anew, and what refers to its rows would forget them when the old one goes
    op.execute("CREATE TABLE answered_for (id INTEGER PRIMARY KEY, assignment_id INTEGER)")
    op.execute("INSERT INTO answered_for SELECT id, assignment_id FROM annotation WHERE assignment_id IS NOT NULL")
    _assignments()
    op.execute(
        "UPDATE annotation SET assignment_id = (SELECT a.assignment_id FROM answered_for a WHERE a.id = annotation.id)"
        " WHERE id IN (SELECT id FROM answered_for)"
    )
    op.execute("DROP TABLE answered_for")


def _assignments() -> None:
    with op.batch_alter_table("assignment") as batch:
        batch.drop_constraint(op.f("ck_assignment_purpose"), type_="check")
        batch.create_check_constraint(op.f("ck_assignment_purpose"), _PURPOSES)
