"""Items whose votes differ and that nobody decided yet: ties first, then the least sure consensus first."""

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.decisions.models import CURRENT, Review
from labeler.projects.naming import Names, naming

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
    differ = _differ(session, project_id, pair)
    for tied in which:
        if after is not None and tied and after.code:
            continue
        query = _waiting(differ, tied=tied)
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
    differ = _differ(session, project_id, pair)
    for tied in reversed(which):
        if not tied and not one.code:
            continue
        query = _waiting(differ, tied=tied)
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
    differ = _differ(session, project_id, ())
    every = select(func.count()).select_from(ItemConsensus).where(*differ)
    decided = (
        select(func.count())
        .select_from(Review)
        .join(ItemConsensus, ItemConsensus.item_id == Review.item_id)
        .where(Review.project_id == project_id, Review.status == "current", *differ)
    )
    return session.scalar(decided) or 0, session.scalar(every) or 0


def waiting_count(session: Session, project_id: int) -> int:
    """Return how many items that differ wait for a decision, ties among them: as the menu and the overview say it."""
    decided, every = counts(session, project_id)
    return every - decided


def _differ(session: Session, project_id: int, pair: Pair) -> list[ColumnElement[bool]]:
    here = [ItemConsensus.project_id == project_id, ItemConsensus.differ.is_(True)]
    if not pair:
        return here
    names = naming(session, project_id)
    return [*here, *(_voted(names, one, other) for one, other in (pair, reversed(pair)))]


def _voted(names: Names, one: str, other: str) -> ColumnElement[bool]:
    """Return the SQL of whether anybody gave one class and not the other: an answer of several parts may name both."""
    said = (names(Annotation.code, Annotation.value, one), ~names(Annotation.code, Annotation.value, other))
    return exists().where(and_(Annotation.item_id == ItemConsensus.item_id, Annotation.status == COUNTED, *said))


def _waiting(differ: list[ColumnElement[bool]], *, tied: bool) -> Select[ItemConsensus]:
    decided = exists().where(Review.item_id == ItemConsensus.item_id, Review.status == CURRENT)
    query = select(ItemConsensus).where(*differ, ~decided)
    return query.where(ItemConsensus.code == "" if tied else ItemConsensus.code != "")
