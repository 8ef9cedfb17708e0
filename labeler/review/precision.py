"""How often the flags of a detector turn out right when a lead looks at them."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.decisions.models import Review
from labeler.decisions.outcomes import is_one_by_one
from labeler.quality.detectors.registry import detector
from labeler.quality.models import Flag


@dataclass(frozen=True)
class Precision:
    """How often checked flags of a kind were right, of the decisions that say so (`Detector.was_right`)."""

    checked: int
    right: int


def precision(session: Session, project_id: int, kind: str) -> Precision:
    """Return what reviews say about flags of a kind; decisions made in bulk are not counted, since nobody looked.

    A decision is judged against the label that was flagged; what the item was called by then does not matter. Of a
    flag that is gone, the label the decision was about stands for it.
    """
    flagged = func.coalesce(Flag.label_code, Review.before_code).label("flagged")
    # counted by its parts: PostgreSQL would not see that SELECT and GROUP BY name the same expression
    rows = (
        select(Review.decision, Review.code, flagged)
        .outerjoin(Flag, Flag.id == Review.flag_id)
        .where(Review.project_id == project_id, is_one_by_one(kind))
        .subquery()
    )
    said = (rows.c.decision, rows.c.code, rows.c.flagged)
    was_right = detector(kind).was_right
    judged = [(was_right(*row[:3]), row[3]) for row in session.execute(select(*said, func.count()).group_by(*said))]
    return Precision(
        checked=sum(count for right, count in judged if right is not None),
        right=sum(count for right, count in judged if right),
    )
