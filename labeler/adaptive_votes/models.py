"""What the votes so far say of each voter, kept so that the next vote can be weighed at once."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class Voter(Base):
    """How far one person's votes may be believed when it is decided whether an item wants one more.

    reliability: the probability that a vote of theirs is right, by the one-coin model of all votes, 0 to 1; it is no
    judgement of the person (that is what test items and audits are for) and shown nowhere; votes: it was learnt from.
    """

    __tablename__ = "voter"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    reliability: Mapped[float]
    votes: Mapped[int]
    computed_at: Mapped[datetime]
