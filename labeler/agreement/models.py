"""The pattern histogram: for each multiset of counted answers, how many items carry it.

It is a sufficient statistic of every agreement measure that treats annotators alike, and it changes in the same
transaction as the label. Counts are integers, so they stay exact under edits; `agreement.queries.recount` proves it.
"""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class PatternCount(Base):
    """How many items of a project carry one pattern: their answers' codes, sorted and joined by a comma."""

    __tablename__ = "pattern_count"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    pattern: Mapped[str] = mapped_column(String(500), primary_key=True)
    items: Mapped[int]
