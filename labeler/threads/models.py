"""Tables of threads: what is said about one person's answer to one item, by that person and by leads.

Note: an annotator's comments stay where they were given, on their answers (`annotations.models.Annotation.comment`);
a thread is these and the messages here, in the order of time. So a thread is there from the first comment on, also
before it has a row: the row comes with the first message, and knows how far the comments were heard by then.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

OPEN, ANSWERED, SETTLED = "open", "answered", "settled"
STATES = (OPEN, ANSWERED, SETTLED)
GUIDELINE, CLOSED = "guideline", "closed"  # how a lead settles a thread by hand
DECISION, SENT_BACK, IMPORTED = "decision", "sent_back", "imported"  # how it is settled by what happened elsewhere


class Thread(Base):
    """What is said about the answers of one person (user_id) to one item.

    state: as of the newest message: `open` (the annotator had the last word), `answered` (a lead had), `settled` (a
    lead said so). A comment or a decision that came later says otherwise (`queries.standing`).
    heard: id of the newest answer of this person to the item when a lead last spoke; a comment on a later one is new.
    read_up_to: id of the newest message that the annotator has seen. changed_at: when the newest message came.
    """

    __tablename__ = "thread"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    heard: Mapped[int] = mapped_column(default=0)
    read_up_to: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("item_id", "user_id"),
        CheckConstraint("state IN ('open', 'answered', 'settled')", name="state"),
        Index(None, "project_id", "user_id"),
    )


class ThreadMessage(Base):
    """One message of a thread. Never changed and never deleted.

    key: made by the client, unique per person, so that a repeated request is recognised; by_lead: whether its author
    spoke as a lead; outcome: `closed` or `guideline` where it settles the thread, else "";
    guideline_version: the version that has the rule, 0 without one.
    """

    __tablename__ = "thread_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    by_lead: Mapped[bool]
    outcome: Mapped[str] = mapped_column(String(16), default="")
    guideline_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("outcome IN ('', 'closed', 'guideline')", name="outcome"),
        Index(None, "thread_id", "id"),
    )
