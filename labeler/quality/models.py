"""Inspections and what they found: flags for people, and the numbers behind them for every item."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base
from labeler.storage.message_columns import MessageJson


class Inspection(Base):
    """One run of the background quality pass. summary: JSON as documented in `quality.examine`.

    schedule: the rule that asked for it ("answers" or "daily"), "" where a person did; newest: the newest ids of what
    labels follow from, as of its start {answer, decision, item}: what is newer was not looked at.
    """

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    summary: Mapped[dict[str, Any]] = mapped_column(MessageJson, default=dict)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    schedule: Mapped[str] = mapped_column(String(16), default="", server_default="")
    newest: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    __table_args__ = (
        CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
        Index(None, "project_id", "id"),
    )


class Flag(Base):
    """One reason to look at one item again. score: 1 = surely wrong; codes are identities of labels, "" for none.

    suggested_value: the suggestion itself, by class code, where its code does not say it.
    """

    __tablename__ = "flag"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    score: Mapped[float]
    label_code: Mapped[str] = mapped_column(String(64))
    suggested_code: Mapped[str] = mapped_column(String(64), default="")
    suggested_value: Mapped[dict[str, Any] | None]
    confidence: Mapped[float] = mapped_column(default=0.0)
    reasons: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (Index(None, "inspection_id", "kind", "score"), Index(None, "item_id", "inspection_id", "kind"))


class ItemScore(Base):
    """What one inspection computed about one item.

    label_score: 1 = the label is surely wrong (None without a label); cleanlab_score: cleanlab's own, on our scale;
    probabilities: float32 of each class, little-endian, in the project's class order;
    neighbours: list of [item id, similarity], most similar first; cluster: items with the same number look alike,
    lower numbers are denser (None: not grouped).
    """

    __tablename__ = "item_score"

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    label_code: Mapped[str] = mapped_column(String(64))
    label_score: Mapped[float | None]
    cleanlab_score: Mapped[float | None]
    probabilities: Mapped[bytes | None] = mapped_column(LargeBinary)
    neighbours: Mapped[list[Any]] = mapped_column(default=list)
    cluster: Mapped[int | None]

    __table_args__ = (Index(None, "inspection_id", "cluster"),)


class Prediction(Base):
    """What a model outside this project says of one item, as it was imported; the newest import stands.

    code: identity of the label; value: the label itself; score: how sure the model was, 0 to 1, None unsaid.
    """

    __tablename__ = "prediction"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None] = mapped_column(JSON, nullable=False)  # null in JSON: the code says it all
    score: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "project_id"),)
