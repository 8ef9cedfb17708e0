"""How often the flags of a detector turn out right when a lead looks at them."""

from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from labeler.decisions.models import Review
from labeler.decisions.outcomes import is_checked


@dataclass(frozen=True)
class Precision:
    """How often checked flags were right. checked: as in `decisions.outcomes`; right: those whose label changed."""

    checked: int
    right: int
    took_suggestion: int


def precision(session: Session, project_id: int, kind: str = "label_error") -> Precision:
    """Return what reviews say about flags of a kind; decisions made in bulk are not counted, since nobody looked."""
    taken = and_(Review.suggested_code != "", Review.code == Review.suggested_code)
    query = select(
        func.count(),
        func.coalesce(func.sum(case((Review.code != Review.before_code, 1), else_=0)), 0),
        func.coalesce(func.sum(case((taken, 1), else_=0)), 0),
    ).where(Review.project_id == project_id, is_checked(kind))
    row = session.execute(query).one()
    return Precision(row[0], row[1], row[2])
