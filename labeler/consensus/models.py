"""The label inferred from the answers to each item, as last computed, with how and how sure."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class ItemConsensus(Base):
    """The consensus on one item. code: its identity, "" while its votes tie; confidence: 0 to 1.

    value: the label itself where its code does not say it, None otherwise and while undecided.
    """

    __tablename__ = "item_consensus"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None]
    confidence: Mapped[float]
    votes: Mapped[int]
    differ: Mapped[bool]  # whether the votes are not all the same
    method: Mapped[str] = mapped_column(String(32))
    computed_at: Mapped[datetime]

    # in the order in which disagreements are shown, so that the next one is found without sorting them all
    __table_args__ = (Index(None, "project_id", "differ", "confidence", "item_id", "code"),)
