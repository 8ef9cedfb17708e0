"""Items whose votes differ and that nobody decided yet: ties first, then the least sure consensus first."""

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.decisions.models import CURRENT, Review

COUNTED: ColumnElement[str] = literal_column("'counted'")  # as it stands in the partial index

Pair = tuple[str, ...]
"""Two class ids as text, for the items on which some chose one and some the other; () for all items that differ."""

ALL, TIES = (True, False), (True,)
"""Which of them: ties and those with a consensus, or ties alone."""


def following(
    session: Session,
    project_id: int,
    *,
    pair: Pair = (),
    which: tuple[bool, ...] = ALL,
    after: ItemConsensus | None = None,
    limit: int = 1,
) -> list[ItemConsensus]:
    """Return the next items that wait, beginning after one."""
    found: list[ItemConsensus] = []
    for tied in which:
        if after is not None and tied and after.code:
            continue
        query = _waiting(project_id, pair, tied=tied)
        if after is not None and tied == (not after.code):
            least = after.confidence
            later = or_(ItemConsensus.confidence > least, ItemConsensus.item_id > after.item_id)
            query = query.where(ItemConsensus.confidence >= least, later)
        query = query.order_by(ItemConsensus.confidence, ItemConsensus.item_id).limit(limit - len(found))
        found += session.scalars(query)
        if len(found) >= limit:
            break
    return found


def previous(
    session: Session, project_id: int, one: ItemConsensus, *, pair: Pair = (), which: tuple[bool, ...] = ALL
) -> ItemConsensus | None:
    """Return the item that waits just before one."""
    for tied in reversed(which):
        if not tied and not one.code:
            continue
        query = _waiting(project_id, pair, tied=tied)
        if tied == (not one.code):
            earlier = or_(ItemConsensus.confidence < one.confidence, ItemConsensus.item_id < one.item_id)
            query = query.where(ItemConsensus.confidence <= one.confidence, earlier)
        query = query.order_by(ItemConsensus.confidence.desc(), ItemConsensus.item_id.desc()).limit(1)
        found = session.scalar(query)
        if found is not None:
            return found
    return None


def counts(session: Session, project_id: int) -> tuple[int, int]:
    """Return how many items that differ were decided, and how many there are."""
    every = select(func.count()).select_from(ItemConsensus).where(*_differ(project_id, ()))
    decided = (
        select(func.count())
        .select_from(Review)
        .join(ItemConsensus, ItemConsensus.item_id == Review.item_id)
        .where(Review.project_id == project_id, Review.status == "current", *_differ(project_id, ()))
    )
    return session.scalar(decided) or 0, session.scalar(every) or 0


def waiting_count(session: Session, project_id: int) -> int:
    """Return how many items that differ wait for a decision, ties among them: as the menu and the overview say it."""
    decided, every = counts(session, project_id)
    return every - decided


def _differ(project_id: int, pair: Pair) -> list[ColumnElement[bool]]:
    return [ItemConsensus.project_id == project_id, ItemConsensus.differ.is_(True), *(_voted(code) for code in pair)]


def _voted(code: str) -> ColumnElement[bool]:
    return exists().where(
        and_(Annotation.item_id == ItemConsensus.item_id, Annotation.status == COUNTED, Annotation.code == code)
    )


def _waiting(project_id: int, pair: Pair, *, tied: bool) -> Select[ItemConsensus]:
    decided = exists().where(Review.item_id == ItemConsensus.item_id, Review.status == CURRENT)
    query = select(ItemConsensus).where(*_differ(project_id, pair), ~decided)
    return query.where(ItemConsensus.code == "" if tied else ItemConsensus.code != "")
