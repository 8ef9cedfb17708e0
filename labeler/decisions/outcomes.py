"""What became of what leads looked at: the one count of decisions, and the one meaning of "checked".

*Decided* is an item about which a lead's decision stands, wherever and however it was made. Each is one of: *changed*
(it has another label than before), *kept* (it has the label it had), *settled* (it had none, since the answers tied or
nobody had labeled it, and has one now), excluded, sent back, ambiguous, *asked* (it waits for a second opinion) or
*agreed* (a second opinion says what the label says; no lead looked, so nothing is learnt from it about flags).
*Checked* is the part of changed, kept and settled that somebody looked at one by one because of a flag: what was done
to many at once says nothing about flags.
Note: choosing the class that the item has already is no change, whatever the key was called.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from labeler.decisions.models import AGREED, SECOND_OPINION, Review

CURRENT = Review.status == "current"
OUTCOMES = ("changed", "kept", "settled", "excluded", "sent_back", "ambiguous", "asked", "agreed")


@dataclass(frozen=True)
class Decided:
    """How many items of a project were decided how; every decided item is in exactly one of these."""

    changed: int = 0
    kept: int = 0
    settled: int = 0
    excluded: int = 0
    sent_back: int = 0
    ambiguous: int = 0
    asked: int = 0
    agreed: int = 0

    @property
    def total(self) -> int:
        """All items about which a decision stands."""
        return sum(vars(self).values())


def outcome() -> ColumnElement[str]:
    """Return the SQL of what a decision did: one of OUTCOMES."""
    labeled = case((Review.before_code == "", "settled"), (Review.code == Review.before_code, "kept"), else_="changed")
    others = {
        "exclude": "excluded",
        "send_back": "sent_back",
        "ambiguous": "ambiguous",
        SECOND_OPINION: "asked",
        AGREED: "agreed",
    }
    return case(others, value=Review.decision, else_=labeled)


def is_one_by_one(*kinds: str) -> ColumnElement[bool]:
    """Return the SQL of whether a decision stands, is about a flag of these kinds, and was made one by one."""
    return and_(CURRENT, Review.kind.in_(kinds), Review.batch == "", Review.decision.not_in((SECOND_OPINION, AGREED)))


def is_checked(kind: str) -> ColumnElement[bool]:
    """Return the SQL of whether such a decision says what the label is, so that a flag of a wrong label is judged."""
    return and_(is_one_by_one(kind), Review.decision.in_(("keep", "relabel")))


def decided(session: Session, project_id: int) -> Decided:
    """Return how many items of a project were decided how."""
    # counted by its parts: PostgreSQL would not see that SELECT and GROUP BY name the same expression
    rows = select(outcome().label("outcome")).where(Review.project_id == project_id, CURRENT).subquery()
    query = select(rows.c.outcome, func.count()).group_by(rows.c.outcome)
    return Decided(**{row[0]: row[1] for row in session.execute(query)})
