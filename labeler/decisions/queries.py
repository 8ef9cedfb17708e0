"""Reads of single decisions: which one stands for an item, what was decided before, who is asked again."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.accounts.queries import can_work
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.decisions.models import Review
from labeler.projects.models import Item


def current_of(session: Session, item_id: int) -> Review | None:
    """Return the decision that stands for an item."""
    return session.scalar(select(Review).where(Review.item_id == item_id, Review.status == "current"))


def current_by_item(session: Session, item_ids: Sequence[int]) -> dict[int, Review]:
    """Return the decisions that stand for these items, by item."""
    query = select(Review).where(Review.item_id.in_(item_ids), Review.status == "current")
    return {one.item_id: one for one in session.scalars(query)}


def standing_or_before(session: Session, item_id: int) -> Review | None:
    """Return the newest decision about an item that was not undone, whether it stands or not."""
    query = select(Review).where(Review.item_id == item_id, Review.status != "undone")
    return session.scalar(query.order_by(Review.id.desc()).limit(1))


def asked_in_rounds(session: Session, item_id: int) -> Sequence[Review]:
    """Return the decisions to send an item back whose rounds were not called off, oldest first."""
    query = select(Review).where(Review.item_id == item_id, Review.status != "undone", Review.round > 0)
    return session.scalars(query.order_by(Review.id)).all()


def history_with_authors(session: Session, item_id: int) -> list[tuple[Review, User]]:
    """Return every decision about an item with who made it, oldest first."""
    query = select(Review, User).join(User, User.id == Review.user_id).where(Review.item_id == item_id)
    return [(review, user) for review, user in session.execute(query.order_by(Review.id))]


def listing(
    session: Session, project_id: int, *, item_id: int | None, after: int, limit: int
) -> list[tuple[Review, str, str | None]]:
    """Return decisions after an id, of one item or all, with who made them (the address) and the item's external id."""
    query = (
        select(Review, User.email, Item.external_id)
        .join(User, User.id == Review.user_id)
        .join(Item, Item.id == Review.item_id)
        .where(Review.project_id == project_id, Review.id > after)
        .order_by(Review.id)
        .limit(limit)
    )
    if item_id is not None:
        query = query.where(Review.item_id == item_id)
    return [(review, email, external_id) for review, email, external_id in session.execute(query)]


def by_key(session: Session, user_id: int, key: str) -> Review | None:
    """Return the review a person sent with this key."""
    return session.scalar(select(Review).where(Review.user_id == user_id, Review.key == key))


def asked_again(session: Session, project_id: int, item_id: int) -> int | None:
    """Return who a sent-back item goes to: the newest of those who answered it and can still do so; None for anybody.

    Who left the project, was switched off or (an annotator named in a file) has no way in cannot.
    """
    answered = (
        select(Annotation.user_id)
        .where(
            Annotation.item_id == item_id,
            Annotation.status == COUNTED,
            can_work(project_id, Annotation.user_id),
        )
        .order_by(Annotation.id.desc())
        .limit(1)
    )
    return session.scalar(answered)


def last_by(session: Session, project_id: int, user_id: int) -> Review | None:
    """Return a person's newest decision that has not been undone or replaced."""
    query = (
        select(Review)
        .where(Review.project_id == project_id, Review.user_id == user_id, Review.status == "current")
        .order_by(Review.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def in_batch(session: Session, user_id: int, batch: str) -> Sequence[Review]:
    """Return the standing decisions a person made in one step."""
    query = select(Review).where(Review.user_id == user_id, Review.batch == batch, Review.status == "current")
    return session.scalars(query.order_by(Review.id.desc())).all()


def in_batches(session: Session, project_id: int, prefix: str) -> Sequence[Review]:
    """Return the standing decisions of a project whose batch begins with this, newest first."""
    query = select(Review).where(Review.project_id == project_id, Review.status == "current")
    return session.scalars(query.where(Review.batch.startswith(prefix)).order_by(Review.id.desc())).all()
