"""Tables of projects, classes, guideline versions, imports and items.

An item's `open_slots` (how many more people may still take it in its current round) is one of the few derived numbers
that are stored: it changes in the same transaction as the assignment, and `assignment.queries.recount` proves it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base
from labeler.storage.message_columns import MessageJson, MessageText


class Project(Base):
    """One labeling job: a media type, a task type, its classes, guidelines and rules."""

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    media: Mapped[str] = mapped_column(String(16))
    task: Mapped[str] = mapped_column(String(32))
    votes: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # question, target_alpha, error_limit, scale_ends …
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("votes >= 1", name="votes"),
        CheckConstraint("media IN ('text', 'image')", name="media"),
    )


class ProjectClass(Base):
    """One class of a project. Its id never changes, so a renamed class keeps its labels."""

    __tablename__ = "project_class"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("project_id", "name"), UniqueConstraint("project_id", "position"))


class Guideline(Base):
    """One version of a project's guidelines, Markdown. Versions are never changed, only followed.

    examples: real items shown with it, in order: {"class": class id or null, "item": id, "kind": yes, no or tricky,
    "note": Markdown-free text}.
    """

    __tablename__ = "guideline"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    examples: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("project_id", "version"),)


class Import(Base):
    """One import: where items came from, and what became of its rows.

    not_counted: answers beyond the wanted ones when they came; left_out: how much, by what it is.
    """

    __tablename__ = "import"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    format: Mapped[str] = mapped_column(String(32))
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    not_counted: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[dict[str, Any]] = mapped_column(MessageJson, default=dict)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (Index(None, "project_id"),)


class RejectedRow(Base):
    """A row of an import that could not become an item, with the reason and the row as it was.

    file: the file of a folder or ZIP it stands for, "" for the imported file; taken: whether the row came in and only
    a part of it is missing.
    """

    __tablename__ = "rejected_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id", ondelete="CASCADE"))
    row: Mapped[int]
    column: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(MessageText)
    original: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text, default="")
    taken: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "import_id", "id"),)


class Item(Base):
    """One image or text.

    given_code: the code of the given label (`task_types.base.TaskType.code`), "" when it came without one;
    given_value: the label itself where its code does not say it (boxes, polygons, spans, several labels).
    automatic_code: the label that the model gave it where an audit showed that enough of these are right, "" without.
    round: 0 for the first pass; each time a lead sends the item back it is asked once more in the next round.
    wanted: answers that it wants in its first round, None for as many as the project says (`Project.votes`).
    only_for: user id of the one whom a round is for, None for anybody; one who leaves is not waited for
    (`assignment.claims`).
    priority: served in ascending order, then by id; freed: it was full once and is open again, so that people whose
    place in the order is past it come back for it (`assignment.models.Place`).
    """

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import.id", ondelete="SET NULL"))
    external_id: Mapped[str | None] = mapped_column(String(255))
    content_hash: Mapped[str] = mapped_column(String(64))
    text: Mapped[str | None] = mapped_column(Text)
    width: Mapped[int | None]
    height: Mapped[int | None]
    given_code: Mapped[str] = mapped_column(String(64), default="")
    given_value: Mapped[dict[str, Any] | None]
    automatic_code: Mapped[str] = mapped_column(String(64), default="", server_default="")
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    round: Mapped[int] = mapped_column(default=0)
    only_for: Mapped[int | None]
    open_slots: Mapped[int]
    wanted: Mapped[int | None]
    priority: Mapped[float] = mapped_column(default=0.0)
    freed: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("project_id", "external_id"),
        CheckConstraint("open_slots >= 0", name="open_slots"),
        Index(None, "project_id", "content_hash"),
        # only items that can still be served: the index shrinks as work gets done
        Index(
            "ix_item_open",
            "project_id",
            "priority",
            "id",
            sqlite_where=sql("open_slots > 0"),
            postgresql_where=sql("open_slots > 0"),
        ),
        Index(
            "ix_item_only_for",
            "project_id",
            "only_for",
            "priority",
            "id",
            sqlite_where=sql("open_slots > 0 AND only_for IS NOT NULL"),
            postgresql_where=sql("open_slots > 0 AND only_for IS NOT NULL"),
        ),
        Index(
            "ix_item_automatic",
            "project_id",
            "automatic_code",
            sqlite_where=sql("automatic_code != ''"),
            postgresql_where=sql("automatic_code != ''"),
        ),
        Index(
            "ix_item_wanted",
            "project_id",
            "wanted",
            sqlite_where=sql("wanted IS NOT NULL"),
            postgresql_where=sql("wanted IS NOT NULL"),
        ),
        Index(
            "ix_item_freed",
            "project_id",
            "priority",
            "id",
            sqlite_where=sql("open_slots > 0 AND freed = 1"),
            postgresql_where=sql("open_slots > 0 AND freed"),
        ),
    )
