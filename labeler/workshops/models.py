"""The table of rules that came out of workshops."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base


class Workshop(Base):
    """One rule about two classes, saved as a version of the guidelines.

    first, second: class ids as text, in the project's order; line: what annotators read, in one line; batch: of the
    answers that were asked for, "" where only the rule was saved; asked: how many items; undone_at: when it was taken
    back.
    """

    __tablename__ = "workshop"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    first: Mapped[str] = mapped_column(String(64))
    second: Mapped[str] = mapped_column(String(64))
    guideline_version: Mapped[int]
    line: Mapped[str] = mapped_column(String(200))
    batch: Mapped[str] = mapped_column(String(64), default="")
    asked: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "project_id", "id"),)
