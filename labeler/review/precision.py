"""How often flags of a detector turn out right when a lead looks at them: of all, and by the label that was flagged."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.decisions.models import Review
from labeler.decisions.outcomes import is_one_by_one
from labeler.measures.intervals import Interval, wilson
from labeler.quality.detectors.registry import detector
from labeler.quality.models import Flag


@dataclass(frozen=True)
class Precision:
    """How often checked flags of a kind were right, of the decisions that say so (`Detector.was_right`)."""

    checked: int = 0
    right: int = 0

    @property
    def share(self) -> float:
        """The share that was right, 0 to 1; 0 of none."""
        return self.right / self.checked if self.checked else 0.0

    @property
    def interval(self) -> Interval:
        """Where that share lies with 95 % confidence (Wilson)."""
        return wilson(self.right, self.checked)

    def __add__(self, other: "Precision") -> "Precision":
        return Precision(self.checked + other.checked, self.right + other.right)


def precision_by_class(session: Session, project_id: int, kind: str) -> dict[str, Precision]:
    """Return {the label flagged: what reviews say}; decisions made in bulk are not counted, since nobody looked.

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
    found: dict[str, Precision] = {}
    for decision, code, label, count in session.execute(select(*said, func.count()).group_by(*said)):
        right = was_right(decision, code, label)
        if right is not None:
            found[label] = found.get(label, Precision()) + Precision(count, count if right else 0)
    return found


def precision(session: Session, project_id: int, kind: str) -> Precision:
    """Return what reviews say about flags of a kind, whatever the label."""
    return sum(precision_by_class(session, project_id, kind).values(), Precision())
