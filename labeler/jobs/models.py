"""Jobs and workers. The table is the truth about a job; whoever holds its lease may run it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.messages import Message
from labeler.storage.base import Base
from labeler.storage.message_columns import MessageJson, MessageText

INSPECT, IMPORT, RELEASE, VERIFY, COMPARE, DIGEST = (
    "inspect",
    "import",
    "release",
    "verify_release",
    "compare_releases",
    "digest",
)  # kinds of jobs; `kinds.py` says what runs them
OPEN = frozenset({"queued", "running"})  # states of a job that has not ended


class Job(Base):
    """One piece of long work.

    progress: 0 to 1; attempt: how often it was started; lease_until: when others may take it; cancelled_at: when
    somebody asked for its end. A job that ended so is `failed`, and its error says by whom: programs that wait for one
    of the two ends know no third.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(MessageText, default="")
    result: Mapped[dict[str, Any]] = mapped_column(MessageJson, default=dict)
    error: Mapped[str] = mapped_column(MessageText, default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def is_stopping(self) -> bool:
        """Whether it runs and somebody asked for its end."""
        return self.state == "running" and self.cancelled_at is not None

    @property
    def said(self) -> str:
        """What is being done, in words."""
        return Message("Stopping") if self.is_stopping else self.message

    @property
    def was_cancelled(self) -> bool:
        """Whether it ended because somebody asked for that; one that was done by then is done."""
        return self.state == "failed" and self.cancelled_at is not None

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        Index(None, "state", "id"),
        Index(None, "project_id", "kind", "id"),
    )


class WorkerSeen(Base):
    """A worker process, with the time it was last seen alive."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
