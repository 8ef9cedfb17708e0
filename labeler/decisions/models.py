"""The table of reviews."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

SECOND_OPINION, AGREED = "second_opinion", "agreed"
CURRENT: ColumnElement[str] = literal_column("'current'")
"""The status as it stands in the partial index: as a bound value the databases would not use that index in joins."""

_ASKED = text("status = 'current' AND decision = 'second_opinion'")
_SENT_BACK = text("status = 'current' AND decision = 'send_back'")


class Review(Base):
    """A lead's decision about an item. `second_opinion` waits for a blind answer and leaves the label as it is.

    `agreed` is no lead's: such an answer says what the label says. It is by who gave it, and replaces the question.
    code: the final label it sets ("" for all but keep and relabel); value: that label itself where its code does not
    say it; soft: of an ambiguous choice, the share of each class {class id as text: share}, which sum to 1;
    before_code: the label it was about; suggested_code: what the flag proposed;
    round: of an item that was sent back, the round this opened, 0 once it was called off (and of other decisions);
    status: `current` (at most one an item), `replaced`, `undone` or `answered` (sent back or asked, and the answer
    came).
    """

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id", ondelete="SET NULL"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    decision: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None]
    soft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    before_code: Mapped[str] = mapped_column(String(64))
    suggested_code: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    batch: Mapped[str] = mapped_column(String(64), default="")  # decisions made together are undone together
    replaces_id: Mapped[int | None]  # the decision that comes back when this one is undone
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint(
            "decision IN ('keep', 'relabel', 'exclude', 'send_back', 'ambiguous', 'second_opinion', 'agreed')",
            name="decision",
        ),
        CheckConstraint("status IN ('current', 'replaced', 'undone', 'answered')", name="status"),
        Index(
            "uq_review_current",
            "item_id",
            unique=True,
            sqlite_where=text("status = 'current'"),
            postgresql_where=text("status = 'current'"),
        ),
        Index(None, "item_id"),
        Index("ix_review_asked", "project_id", sqlite_where=_ASKED, postgresql_where=_ASKED),  # of every claim
        Index("ix_review_sent_back", "project_id", sqlite_where=_SENT_BACK, postgresql_where=_SENT_BACK),
        Index(None, "project_id", "status", "kind"),
        Index(None, "project_id", "user_id", "id"),
    )
