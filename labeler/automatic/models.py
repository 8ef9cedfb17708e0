"""The tables of automatic labels: what the model proposed of one class, what an audit found of it, what stands.

Where one stands, the item says so itself (`Item.automatic_code`), so that nothing that reads final labels looks here.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

CHECKING, STANDS, FAILED, STOPPED, TAKEN_BACK = "checking", "stands", "failed", "stopped", "taken_back"


class AutomaticBatch(Base):
    """The labels of one class that the model proposed at one time.

    number: within the project, from 1; state: `checking` while its audit runs, then `stands`, `failed` (the promise was
    not shown) or `stopped` (the audit has no result); `taken_back` later, by a lead or when another audit found too
    many wrong; target: the share that must be right, confidence: how sure an audit must be of that; least: the model's
    probability from which labels were proposed, labels: how many were; checked, wrong: of these, by audits.
    """

    __tablename__ = "automatic_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"))
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    target: Mapped[float]
    confidence: Mapped[float]
    least: Mapped[float]
    labels: Mapped[int]
    checked: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("state IN ('checking', 'stands', 'failed', 'stopped', 'taken_back')", name="state"),
        Index(None, "audit_id"),
    )

    @property
    def right(self) -> int:
        """How many of the checked ones were right."""
        return self.checked - self.wrong


class AutomaticLabel(Base):
    """One label of a batch. probability: what the model said of it."""

    __tablename__ = "automatic_label"

    batch_id: Mapped[int] = mapped_column(ForeignKey("automatic_batch.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    probability: Mapped[float]

    __table_args__ = (Index(None, "item_id"),)
