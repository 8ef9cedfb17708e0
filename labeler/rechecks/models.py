"""The tables of what leads did about one person's answers. Nothing of it deletes or changes an answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class AskedAgain(Base):
    """Others are asked once more about what a person answered in a window of time.

    which: `depends` (where the label depends on their answer), `all` or `fast` (under half the others' time);
    set_aside: whether the answers in question do not count until this is taken back; answers, kept, nobody, asked: how
    many answers are in the window, of how many items nobody is asked, of how many nobody is left to ask, and how many
    are asked once more; newest: id of the newest answer then, so that later ones are known.
    """

    __tablename__ = "asked_again"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    which: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    until: Mapped[datetime]
    set_aside: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    answers: Mapped[int]
    kept: Mapped[int]
    nobody: Mapped[int]
    asked: Mapped[int]
    newest: Mapped[int]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("which IN ('depends', 'all', 'fast')", name="which"),
        Index(None, "project_id", "user_id", "id"),
    )


class AskedAgainAnswer(Base):
    """One answer of such a window that something was done about.

    asked: its item is asked once more, of somebody who has not seen it; set_aside: it does not count; before_code: the
    final label of the item before; priority: of the item before.
    """

    __tablename__ = "asked_again_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_again_id: Mapped[int] = mapped_column(ForeignKey("asked_again.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    annotation_id: Mapped[int]
    asked: Mapped[bool]
    set_aside: Mapped[bool]
    before_code: Mapped[str] = mapped_column(String(64))
    priority: Mapped[float]

    __table_args__ = (
        UniqueConstraint("asked_again_id", "annotation_id"),
        Index(None, "project_id", "item_id"),
    )


class BlindLook(Base):
    """A lead answers a random sample of what a person answered in a window, not seeing what they said."""

    __tablename__ = "blind_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "project_id", "user_id", "id"),)


class BlindLookItem(Base):
    """One item of such a look. code, value: what the lead answered, as it is kept; "" while they have not.

    skipped: the lead could not judge it. The answer is no vote and no decision: it changes nothing.
    """

    __tablename__ = "blind_look_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    blind_look_id: Mapped[int] = mapped_column(ForeignKey("blind_look.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    annotation_id: Mapped[int]
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(64), default="")
    value: Mapped[dict[str, Any] | None]
    skipped: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("blind_look_id", "position"),
        UniqueConstraint("blind_look_id", "annotation_id"),
        Index(None, "project_id", "item_id"),
    )
