"""The table of annotations: one row for everything anybody ever answered.

Note: an annotation is never updated but for its `status`, and never deleted. The partial
unique index (one `counted` answer per item and person) is the rule that agreement and consensus stand on.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

_SAID = text("comment != ''")


class Annotation(Base):
    """One person's answer to one item, or the statement that they skipped it.

    key: made by the client, unique per person for ever, so that a repeated submit is recognised after any time;
    fingerprint: SHA-256 of what was sent with the key; code: the answer's identity (`TaskType.code`), "" for a skip;
    seconds: active time; mode: `single`, `bulk` (one of a page, whose id is `page`) or `import`; input: `key`,
    `pointer`, `touch` or ""; suggested_code and suggestion_shown: as of the assignment;
    round: of the item; below zero for an answer that was asked for beside the votes (`assignment.models.Assignment`);
    status: `counted`, `late`, `superseded`, `undone`, `skipped`, or `audit`: it stands as the answer of an audit, or
    as a second opinion (`purpose` says which), and is no vote; or `not_counted`: a lead set it aside
    (`rechecks`); superseded_by: id of the answer of a later round
    that took this one's place; original: what was answered, with the names of then, where a class of it was
    merged into another since.
    """

    __tablename__ = "annotation"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None]
    code: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(16))
    round: Mapped[int]
    seconds: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    skip: Mapped[str] = mapped_column(String(200), default="")
    unsure: Mapped[bool] = mapped_column(default=False)
    guideline_version: Mapped[int] = mapped_column(default=0)
    mode: Mapped[str] = mapped_column(String(16), default="single")
    page: Mapped[str] = mapped_column(String(64), default="")
    input: Mapped[str] = mapped_column(String(16), default="")
    suggested_code: Mapped[str] = mapped_column(String(64), default="")
    suggestion_shown: Mapped[bool | None]
    superseded_by: Mapped[int | None]
    original: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint(
            "status IN ('counted', 'late', 'superseded', 'undone', 'skipped', 'audit', 'not_counted')", name="status"
        ),
        Index(
            "uq_annotation_counted",
            "item_id",
            "user_id",
            unique=True,
            sqlite_where=text("status = 'counted'"),
            postgresql_where=text("status = 'counted'"),
        ),
        Index(None, "project_id", "user_id", "id"),
        Index(None, "project_id", "status", "item_id"),
        Index(
            "ix_annotation_commented",
            "project_id",
            "item_id",
            "user_id",
            sqlite_where=_SAID,
            postgresql_where=_SAID,
        ),
    )
