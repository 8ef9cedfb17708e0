"""Tables of notices. What waits is never stored, it is read from what happened; here is only what was seen and sent."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base
from labeler.storage.message_columns import MessageText

SENDING, SENT, FAILED = "sending", "sent", "failed"


class NoticeSeen(Base):
    """How far one person has seen what happened in a project.

    guideline: the newest version they opened; review_id: the newest decision that stood when they looked at those that
    decided otherwise than they did. Replies are seen thread by thread (`threads.models.Thread.read_up_to`).
    """

    __tablename__ = "notice_seen"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    guideline: Mapped[int] = mapped_column(default=0)
    review_id: Mapped[int] = mapped_column(default=0)


class Digest(Base):
    """The newest e-mail to one person. up_to: what happened until then is in it, or in one before.

    state: `sending` is stored before the server is asked and stays when the process dies meanwhile: nobody knows
    whether it arrived, so it is not sent again. failed: it surely did not arrive, and `before` says from when on the
    next one tells.
    """

    __tablename__ = "digest"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    before: Mapped[datetime]
    up_to: Mapped[datetime]
    tried_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(MessageText, default="")

    __table_args__ = (CheckConstraint("state IN ('sending', 'sent', 'failed')", name="state"),)
