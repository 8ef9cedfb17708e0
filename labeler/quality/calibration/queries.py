"""Reads what leads decided about flags that call labels wrong, and what audits found; learns how far to believe scores.

A decision is about a label that was flagged; an audit judges labels drawn at random, so it says most of those that
nobody flags. What a lead had decided before an audit drew it teaches nothing: such a label is nearly always right.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.audits.queries import audited_labels
from labeler.decisions.models import Review
from labeler.decisions.outcomes import is_one_by_one
from labeler.quality.calibration.curve import Case, learn, learn_beside
from labeler.quality.calibration.probability import ENOUGH, Calibration
from labeler.quality.detectors.registry import detector, judging_kinds
from labeler.quality.models import Flag

NEWEST = 1000  # decisions that are learnt from: more would change nothing


def calibration(session: Session, project_id: int) -> Calibration:
    """Return what a project's audits, and decisions made one by one about flags of all its passes, say of scores."""
    found = _judged(session, project_id)
    right = [(confidence, taken) for _, _, confidence, taken in found if taken is not None]
    return learnt([(score, wrong) for score, wrong, _, _ in found], right, _audited(session, project_id))


def judged_cases(session: Session, project_id: int) -> list[Case]:
    """Return (score of the label, whether it was wrong) of these decisions, the newest first, then of audits."""
    return [(score, wrong) for score, wrong, _, _ in _judged(session, project_id)] + _audited(session, project_id)


def _audited(session: Session, project_id: int) -> list[Case]:
    """Return the cases of the newest audited labels that a pass had scored when they were drawn."""
    found = [(one.score, one.wrong) for one in audited_labels(session, project_id) if one.score is not None]
    return found[-NEWEST:]


def _judged(session: Session, project_id: int) -> list[tuple[float, bool, float, bool | None]]:
    """Return (score, whether the label was wrong, confidence of the suggestion, whether it was right; None without).

    A decision is about the score as it was flagged, and about the label that was flagged (`Detector.was_right`).
    """
    columns = (Review.kind, Review.decision, Review.code, Review.suggested_code)
    query = (
        select(*columns, Flag.score, Flag.label_code, Flag.confidence)
        .join(Flag, Flag.id == Review.flag_id)
        .where(Review.project_id == project_id, is_one_by_one(*judging_kinds()))
        .order_by(Review.id.desc())
        .limit(NEWEST)
    )
    found: list[tuple[float, bool, float, bool | None]] = []
    for kind, decision, code, suggested, score, flagged, confidence in session.execute(query):
        wrong = detector(kind).was_right(decision, code, flagged)
        if wrong is not None:
            found.append((score, wrong, confidence, code == suggested if suggested else None))
    return found


def learnt(wrong: list[Case], right: list[Case], audited: Sequence[Case] = ()) -> Calibration:
    """Return what cases say of scores, and of suggestions by their confidence; wrong: decisions, audited: of audits."""
    enough = len(wrong) + len(audited) >= ENOUGH
    return Calibration(
        reviews=len(wrong),
        audited=len(audited),
        lowest=min((score for score, _ in wrong), default=1.0),
        wrong=learn_beside(wrong, audited) if enough else None,
        right=learn(tuple(sorted(right))) if len(right) >= ENOUGH else None,
    )


def suggestion_right(known: Calibration, flag: Flag) -> float | None:
    """Return how probably the suggestion of a flag is right; None before it is known, and of kinds that do not say."""
    if not flag.suggested_code or not detector(flag.kind).judges:
        return None
    return known.of_suggestion(flag.confidence, flag.score)


def suggestion_number(known: Calibration, flag: Flag) -> float | None:
    """Return the number that programs get of a suggestion: its confidence while no probability is known."""
    right = suggestion_right(known, flag)
    return (flag.confidence if flag.suggested_code else None) if right is None else right
