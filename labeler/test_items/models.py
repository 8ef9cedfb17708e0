"""The table of test items.

Note: answers to them are annotations like any other, with the purpose `gold`, the status `audit` and a round of their
own (`assignment/rounds.py`), so that nothing that counts votes ever sees them. Repeats of a person's own items have
the purpose `repeat` and need no table: the answer before is the one they are compared with.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

_ACTIVE = {"sqlite": text("active = 1"), "postgresql": text("active")}


class TestItem(Base):
    """An item whose right answer is known, served to check people.

    code, value: the right answer as it is kept, where no decision of a lead says another by now; note: why it is
    right, for the person who is told; active: whether it is served and its answers judge anybody. The item itself
    wants no votes meanwhile (`Item.wanted` is 0).
    """

    __test__ = False  # it is no test of pytest
    __tablename__ = "test_item"

    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None]
    note: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (
        Index(
            "ix_test_item_active",
            "project_id",
            "item_id",
            sqlite_where=_ACTIVE["sqlite"],
            postgresql_where=_ACTIVE["postgresql"],
        ),
    )
