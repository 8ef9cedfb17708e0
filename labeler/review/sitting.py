"""Reads what a time of review is planned from: what waits, with its probabilities, and how fast a lead decides."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.decisions.final import standings
from labeler.decisions.models import Review
from labeler.projects.models import Item
from labeler.quality.calibration.probability import Calibration
from labeler.quality.queries import flags_of_items, scores_of
from labeler.review import queue
from labeler.review.probability import probabilities_wrong
from labeler.review.queue import Wanted
from labeler.review.timebox import (
    IN_A_ROW,
    NEAR,
    Candidate,
    Pace,
    Timed,
    by_corrections_a_minute,
    look_alikes_together,
    pace_of,
)

LOOKED_AT = 600  # items from the top of the queue that a time is planned with
ALIKE = 0.85  # cosine from which two items look alike
TIMED = 300  # decisions of a lead that a pace is counted from
_LENGTH = func.coalesce(func.length(Item.text), 0)


def candidates(session: Session, project_id: int, wanted: Wanted, known: Calibration) -> list[Candidate]:
    """Return the first items of a queue, in its order, with what is said of their labels now."""
    flags = queue.waiting(session, wanted, limit=LOOKED_AT)
    standing = list(standings(session, project_id, [flag.item_id for flag in flags])) if flags else []
    wrong = probabilities_wrong(session, wanted.inspection, standing, known)
    length = {row[0]: row[1] for row in session.execute(select(Item.id, _LENGTH).where(Item.id.in_(wrong)))}
    return [
        Candidate(flag.id, flag.item_id, flag.kind, wrong.get(flag.item_id), length.get(flag.item_id, 0))
        for flag in flags
    ]


def pace(session: Session, project_id: int, user_id: int) -> Pace:
    """Return how long a lead takes to decide, counted from the times between decisions made one by one."""
    query = (
        select(Review.kind, Review.created_at, _LENGTH)
        .join(Item, Item.id == Review.item_id)
        .where(Review.project_id == project_id, Review.user_id == user_id, Review.batch == "")
        .order_by(Review.id.desc())
        .limit(TIMED)
    )
    rows = session.execute(query).all()
    return pace_of([Timed(one[0], (one[1] - before[1]).total_seconds(), one[2]) for one, before in pairwise(rows)])


def in_time_order(session: Session, project_id: int, wanted: Wanted, known: Calibration, by: int) -> list[Candidate]:
    """Return what waits in the order that brings this lead the most corrections a minute, look-alikes together."""
    ordered = by_corrections_a_minute(candidates(session, project_id, wanted, known), pace(session, project_id, by))
    before = _decided_last(session, project_id, by)
    near = [*before, *(one.item for one in ordered[:NEAR])]
    return look_alikes_together(ordered, _alike(session, wanted.inspection, near), before)


def _decided_last(session: Session, project_id: int, by: int) -> list[int]:
    """Return the items this lead decided last, one by one, the newest first."""
    query = (
        select(Review.item_id)
        .where(Review.project_id == project_id, Review.user_id == by, Review.batch == "", Review.status == "current")
        .order_by(Review.id.desc())
        .limit(IN_A_ROW)
    )
    return list(session.scalars(query))


def _alike(session: Session, inspection_id: int, items: Sequence[int]) -> dict[int, set[int]]:
    """Return {item: those of these that look like it and are suspected of the same confusion}."""
    confused: dict[int, set[tuple[str, str, str]]] = {
        item: {(flag.kind, flag.label_code, flag.suggested_code) for flag in flags}
        for item, flags in flags_of_items(session, inspection_id, items).items()
    }
    found: dict[int, set[int]] = {}
    for item, score in scores_of(session, inspection_id, items).items():
        for other, similarity in score.neighbours:
            if similarity >= ALIKE and confused.get(item, set()) & confused.get(other, set()):
                found.setdefault(item, set()).add(other)
                found.setdefault(other, set()).add(item)
    return found
