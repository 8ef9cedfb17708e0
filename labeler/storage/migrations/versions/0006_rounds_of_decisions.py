"""Which round a decision to send an item back opened, so that it is told which answers are answers to it."""

from collections import defaultdict
from itertools import chain, repeat

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# undoing a later decision let a question stand again although one after it was answered
_ANSWERED_SINCE = """
    UPDATE review SET status = 'answered' WHERE status = 'current' AND decision = 'send_back' AND EXISTS (
        SELECT 1 FROM review AS later WHERE later.item_id = review.item_id
        AND later.id > review.id AND later.status = 'answered')
"""
# no decision names what waits under it for an answer that was taken back: its round was not called off
_WAITING = """
    UPDATE review SET round = (SELECT item.round FROM item WHERE item.id = review.item_id)
    WHERE decision = 'send_back' AND (status = 'current' OR status = 'replaced' AND NOT EXISTS (
        SELECT 1 FROM review AS later WHERE later.item_id = review.item_id
        AND later.replaces_id = review.id AND later.status <> 'undone'))
"""
_ANSWERED = "SELECT id, item_id FROM review WHERE status = 'answered' ORDER BY id DESC"
_ROUNDS_ANSWERED = """
    SELECT DISTINCT item_id, round FROM assignment WHERE round > 0 AND state = 'done'
    AND item_id IN (SELECT item_id FROM review WHERE status = 'answered') ORDER BY round DESC
"""


def upgrade() -> None:
    op.add_column("review", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Tell the round of each question: the newest that was answered gets the newest round with an answer, and so on."""
    connection.execute(sa.text(_ANSWERED_SINCE))
    connection.execute(sa.text(_WAITING))
    rounds: dict[int, list[int]] = defaultdict(list)
    for item, round_ in connection.execute(sa.text(_ROUNDS_ANSWERED)):
        rounds[item].append(round_)
    # what was answered by the answer to a later question has no round with an answer of its own
    newest_first = {item: chain(found, repeat(1)) for item, found in rounds.items()}
    change = sa.text("UPDATE review SET round = :round WHERE id = :id")
    for id_, item in connection.execute(sa.text(_ANSWERED)).all():
        connection.execute(change, {"id": id_, "round": next(newest_first.get(item, repeat(1)))})
