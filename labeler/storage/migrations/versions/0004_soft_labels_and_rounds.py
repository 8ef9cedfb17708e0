"""Soft labels, sent-back items for one person, what an answer superseded, answers of classes that were merged."""

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DECISIONS = "decision IN ('keep', 'relabel', 'exclude', 'send_back', 'ambiguous')"
_STATUSES = "status IN ('current', 'replaced', 'undone', 'answered')"
_SUPERSEDE_EARLIER_SKIPS = """
    UPDATE annotation SET status = 'superseded' WHERE status = 'skipped' AND EXISTS (
        SELECT 1 FROM annotation AS later WHERE later.item_id = annotation.item_id
        AND later.user_id = annotation.user_id AND later.id > annotation.id AND later.status IN ('skipped', 'counted'))
"""
_ANSWERED_ROUNDS = """
    UPDATE review SET status = 'answered' WHERE status = 'current' AND decision = 'send_back' AND EXISTS (
        SELECT 1 FROM annotation JOIN item ON item.id = annotation.item_id WHERE item.id = review.item_id
        AND annotation.round = item.round AND annotation.round > 0 AND annotation.status = 'counted')
"""


def upgrade() -> None:
    for table, column in (
        ("item", sa.Column("only_for", sa.Integer(), nullable=True)),
        ("annotation", sa.Column("superseded_by", sa.Integer(), nullable=True)),
        ("annotation", sa.Column("original", sa.JSON(), nullable=True)),
    ):
        op.add_column(table, column)
    for_one = sa.text("open_slots > 0 AND only_for IS NOT NULL")
    op.create_index(
        "ix_item_only_for",
        "item",
        ["project_id", "only_for", "priority", "id"],
        sqlite_where=for_one,
        postgresql_where=for_one,
    )
    _widen_reviews()
    connection = op.get_bind()
    # a reason given after a skip was stored as a second skip; the newest statement of a person stands
    connection.execute(sa.text(_SUPERSEDE_EARLIER_SKIPS))
    connection.execute(sa.text(_ANSWERED_ROUNDS))
    _keep_as_votes(connection)


def _widen_reviews() -> None:
    # nothing refers to this table, so SQLite may make it anew
    with op.batch_alter_table("review") as batch:
        batch.add_column(sa.Column("soft", sa.JSON(), nullable=True))
        for name, words in (("decision", _DECISIONS), ("status", _STATUSES)):
            batch.drop_constraint(op.f(f"ck_review_{name}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_review_{name}"), words)


def _keep_as_votes(connection: sa.Connection) -> None:
    """Make "truly ambiguous: keep as votes", which was stored as keeping one label, what it said."""
    columns = [sa.column(name, sa.String()) for name in ("decision", "code", "reason")]
    numbers = [sa.column(name, sa.Integer()) for name in ("id", "item_id")]
    review = sa.table("review", *numbers, *columns, sa.column("soft", sa.JSON(none_as_null=True)))
    annotation = sa.table("annotation", *(sa.column(name) for name in ("item_id", "code", "status")))
    meant = (review.c.decision == "keep") & ((review.c.reason == "ambiguous") | review.c.reason.like("ambiguous: %"))
    found = connection.execute(sa.select(review.c.id, review.c.item_id, review.c.reason).where(meant)).all()
    votes: dict[int, Counter[str]] = defaultdict(Counter)
    cast = sa.select(annotation.c.item_id, annotation.c.code).where(
        annotation.c.status == "counted", annotation.c.item_id.in_(sa.select(review.c.item_id).where(meant))
    )
    for item, code in connection.execute(cast):
        votes[item][code] += 1
    for id_, item, reason in found:
        counts = votes[item]
        if len(counts) < 2:  # noqa: PLR2004 - by now all say the same: one label, as it was kept
            continue
        shares = {code: count / counts.total() for code, count in counts.items() if code[:1] not in {"m", "h"}}
        said = reason.removeprefix("ambiguous").removeprefix(": ")
        change = sa.update(review).where(review.c.id == id_)
        connection.execute(change.values(decision="ambiguous", code="", reason=said, soft=shares or None))
