"""The tables of releases, and of the times they were verified.

Note: a release is never changed or deleted but with its project, and the database itself refuses it (triggers, see the
migration that makes the table). What it holds is in two files of the store, each named by its SHA-256.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base
from labeler.storage.message_columns import MessageJson


class Release(Base):
    """One release of a project.

    number: within the project, from 1, never used again; key: of who asked, so that asking again makes no second one;
    sha256, size: of the archive that is downloaded (bytes); state: SHA-256 of the frozen labels that it was written
    from; format, options: as the export takes them; items: in the archive; numbers: what is shown of it (`counted.py`);
    as_of: of the newest thing that it knows; made_by: a name, since people leave.
    """

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(32))
    options: Mapped[dict[str, Any]]
    items: Mapped[int]
    numbers: Mapped[dict[str, Any]]
    as_of: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("project_id", "number"), UniqueConstraint("project_id", "key"))


class ReleaseCheck(Base):
    """One time a release was verified. result: see `verifying.Verified`."""

    __tablename__ = "release_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    passed: Mapped[bool]
    result: Mapped[dict[str, Any]] = mapped_column(MessageJson)
    checked_at: Mapped[datetime]
    checked_by: Mapped[str] = mapped_column(String(200))
