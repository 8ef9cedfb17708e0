"""The tables of webhooks: who is told of what, and every delivery with what became of it.

Note: a delivery is an outbox row. It is written in the transaction in which its event happens, so that neither is ever
there without the other; the worker sends it later, and again until it arrives. The row is itself the job: it carries
state, attempts and lease as a row of `job` does, so that there are no two truths about one delivery.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base
from labeler.storage.message_columns import MessageText

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"


class Webhook(Base):
    """An address that is told of events of a project.

    events: their names; secret: what signs them, shown once (it is kept as it is, since signing needs it);
    answers_every, answers_told: after how many counted answers `answers.reached` is told, and up to which it was;
    resting_until: after a delivery failed, so that a server that is down costs one try at a time; paused_at: when the
    instance was brought back from a backup: a copy must not call what the original calls, so what there is to tell
    waits until somebody says that this one is to be heard (`actions.go_on`).
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[Any]] = mapped_column(default=list)
    secret: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)
    answers_every: Mapped[int] = mapped_column(default=0)
    answers_told: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "project_id"),)


class Delivery(Base):
    """One event on its way to one webhook.

    key: the same at every try, so that a receiver can tell a repetition; body: what is sent, byte for byte; attempt:
    how often it was tried; due_at: when it is tried next, and while it is being tried when others may take it up;
    status: of the last answer, None without one; answer: how it began; error: why it did not arrive.
    """

    __tablename__ = "webhook_delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(36))
    event: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(MessageText, default="")
    milliseconds: Mapped[int | None]
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index(None, "webhook_id", "id"),
        Index(
            "ix_webhook_delivery_due",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
