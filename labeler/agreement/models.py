"""The pattern histogram: for each multiset of counted answers, how many items carry it.

It is a sufficient statistic of every agreement measure that treats annotators alike, and it changes in the same
transaction as the label. Counts are integers, so they stay exact under edits; `agreement.queries.recount` proves it.
"""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class PatternCount(Base):
    """How many units of a project carry one pattern: the labels its annotators gave it, sorted, joined by a comma.

    For choices and several labels the whole answer is the unit, so items are counted; a box, a polygon or a span is a
    unit of its own, and "0" stands for an annotator who did not mark it.
    """

    __tablename__ = "pattern_count"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    pattern: Mapped[str] = mapped_column(Text, primary_key=True)
    items: Mapped[int]
