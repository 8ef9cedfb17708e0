"""Reads of inspections, flags and scores."""

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment
from labeler.projects.models import Item
from labeler.quality.models import Flag, Inspection, ItemScore

# In which order kinds are looked at: scores of different kinds do not compare.
KINDS = ("label_error", "contradiction", "ambiguous", "near_duplicate", "outlier")


def latest_inspection(session: Session, project_id: int, *, state: str | None = "done") -> Inspection | None:
    """Return the newest run of a project in this state (any state for None)."""
    query = select(Inspection).where(Inspection.project_id == project_id).order_by(Inspection.id.desc()).limit(1)
    return session.scalar(query if state is None else query.where(Inspection.state == state))


def inspections(
    session: Session, project_id: int, limit: int = 50, *, before: int | None = None
) -> Sequence[Inspection]:
    """Return the newest runs of a project (before: older than the run with this id), newest first."""
    query = select(Inspection).where(Inspection.project_id == project_id).order_by(Inspection.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Inspection.id < before)
    return session.scalars(query).all()


def flags_of_items(session: Session, inspection_id: int, item_ids: Sequence[int]) -> dict[int, list[Flag]]:
    """Return the flags of one run on these items, worst first."""
    query = select(Flag).where(Flag.inspection_id == inspection_id, Flag.item_id.in_(item_ids))
    found: dict[int, list[Flag]] = {}
    for flag in session.scalars(query.order_by(Flag.score.desc(), Flag.id)):
        found.setdefault(flag.item_id, []).append(flag)
    return found


def score_of(session: Session, inspection_id: int, item_id: int) -> ItemScore | None:
    """Return what a run computed about one item."""
    return session.get(ItemScore, (inspection_id, item_id))


def label_scores(session: Session, inspection_id: int) -> Iterator[ItemScore]:
    """Yield the scores of every labeled item of a run, worst first."""
    query = (
        select(ItemScore)
        .where(ItemScore.inspection_id == inspection_id, ItemScore.label_score.is_not(None))
        .order_by(ItemScore.label_score.desc(), ItemScore.item_id)
        .execution_options(yield_per=2000)
    )
    yield from session.scalars(query)


def scores_of(session: Session, inspection_id: int, item_ids: Sequence[int]) -> dict[int, ItemScore]:
    """Return what a run computed about these items, by item id."""
    query = select(ItemScore).where(ItemScore.inspection_id == inspection_id, ItemScore.item_id.in_(item_ids))
    return {score.item_id: score for score in session.scalars(query)}


def has_clusters(session: Session, inspection_id: int) -> bool:
    """Whether a run put any items together as look-alikes."""
    query = select(ItemScore.item_id).where(ItemScore.inspection_id == inspection_id, ItemScore.cluster.is_not(None))
    return session.scalar(query.limit(1)) is not None


def next_cluster(
    session: Session, inspection_id: int, user_id: int, *, fewest: int, without: Sequence[int] = ()
) -> list[int]:
    """Return the items of the densest cluster that has at least `fewest` for a person; empty when none has.

    An item is for a person in its first round, when they did not answer or skip it, and hold it or could. without: ids
    of items to leave out, such as those the person set aside.
    """
    mine = and_(Assignment.item_id == Item.id, Assignment.user_id == user_id, Assignment.round == Item.round)
    theirs = and_(
        Item.round == 0,
        or_(Item.open_slots > 0, exists().where(mine, Assignment.state == "held")),
        ~exists().where(mine, Assignment.state.in_(("done", "skipped"))),
    )
    if without:
        theirs = and_(theirs, Item.id.not_in(without))
    query = (
        select(ItemScore.cluster)
        .join(Item, Item.id == ItemScore.item_id)
        .where(ItemScore.inspection_id == inspection_id, ItemScore.cluster.is_not(None), theirs)
    )
    found = session.scalar(
        query.group_by(ItemScore.cluster).having(func.count() >= fewest).order_by(ItemScore.cluster).limit(1)
    )
    if found is None:
        return []
    items = query.with_only_columns(ItemScore.item_id).where(ItemScore.cluster == found)
    return list(session.scalars(items.order_by(ItemScore.item_id)))


def probabilities(score: ItemScore) -> list[float]:
    """Return the held-out class probabilities of an item in the project's class order; empty without a model."""
    import struct

    data = score.probabilities or b""
    return list(struct.unpack(f"<{len(data) // 4}f", data))
