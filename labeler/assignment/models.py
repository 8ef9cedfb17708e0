"""Who holds which item until when, where in the serving order each person is, and what a lead asked of whom.

UNIQUE (item, user, round) is what keeps two tabs of one person from getting an item twice, whatever the code does.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

_HELD = text("state = 'held'")


class Assignment(Base):
    """One person's hold on one item in one round.

    state: `held` (a lease that may still end), `done` (answered), `skipped`, `expired` (the lease ended unanswered).
    `held` and `done` take one of the item's slots (of its own rounds), the others none.
    round: of the item; below zero it asks beside the votes (`rounds.py`) and takes no slot. Of an audit or a second
    opinion one person answers it: whoever holds it or has answered it, nobody else is handed the item in that round.
    desk: how a workspace holds it: `open` (it was on the screen) or `ready` (held ahead of need, it may go to somebody
    who would have nothing to do); "" where a program holds it, which has it until `expires_at` whatever others want.
    suggested_code, suggested_value: what a model suggested when the item was handed out, and {"value": the label as it
    is kept, "score": how sure} ("" and None: nothing, or suggestions are off); suggestion_shown: whether the person was
    to see it, None without a suggestion.
    """

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    round: Mapped[int] = mapped_column(default=0)
    purpose: Mapped[str] = mapped_column(String(16), default="label")
    state: Mapped[str] = mapped_column(String(16))
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    desk: Mapped[str] = mapped_column(String(8), default="", server_default="")
    suggested_code: Mapped[str] = mapped_column(String(64), default="")
    suggested_value: Mapped[dict[str, Any] | None]
    suggestion_shown: Mapped[bool | None]

    __table_args__ = (
        UniqueConstraint("item_id", "user_id", "round"),
        CheckConstraint("state IN ('held', 'done', 'skipped', 'expired')", name="state"),
        CheckConstraint("purpose IN ('label', 'review', 'repeat', 'gold', 'audit', 'second_opinion')", name="purpose"),
        Index(None, "project_id", "user_id", "id"),
        # only live leases: both stay as small as the number of people at work
        Index("ix_assignment_held", "user_id", "project_id", sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_assignment_expires", "project_id", "expires_at", sqlite_where=_HELD, postgresql_where=_HELD),
    )


class Place(Base):
    """How far a person is in the serving order of a project: the last (priority, item id) that was looked at for them.

    No item up to there is one they may still take, but for those that came free since (`Item.freed`) and those a lead
    sent back. So a claim goes on from here, and never steps over what they answered before.
    """

    __tablename__ = "place"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    priority: Mapped[float]
    item_id: Mapped[int]


class WorkRule(Base):
    """What a lead decided about one person's work in a project; without a row nothing is decided.

    paused_at: since when they are handed nothing (None: they are not paused); most: answers after which they are handed
    nothing more, None for no limit; tries: how often they may take the first test round; let_in: they have
    passed it, or work without it.
    """

    __tablename__ = "work_rule"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    most: Mapped[int | None]
    tries: Mapped[int] = mapped_column(default=1)
    let_in: Mapped[bool] = mapped_column(default=False)


class VoteRequest(Base):
    """A lead asked for one more answer to an item, or gave it to somebody.

    batch: asked in one step, and undone together; wanted, only_for: what the item wants since then; before_*: what it
    wanted before, which undoing gives back where nobody has answered since.
    """

    __tablename__ = "vote_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    batch: Mapped[str] = mapped_column(String(64))
    wanted: Mapped[int]
    only_for: Mapped[int | None]
    before_wanted: Mapped[int | None]
    before_priority: Mapped[float]
    before_only_for: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("batch", "item_id"),
        Index(None, "project_id", "id"),
        Index(None, "item_id"),
    )
