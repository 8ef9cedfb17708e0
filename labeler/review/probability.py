"""The probability wrong of labels as they stand: what is said of a label is never said of another one.

What it is, and the one function that gives it, is in `quality/calibration/probability.py`. The score of any other kind
of flag only orders its list and is shown to nobody as a percentage.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from labeler.decisions.final import Standing
from labeler.quality.calibration.probability import Calibration, ProbabilityWrong
from labeler.quality.queries import scores_of


def probabilities_wrong(
    session: Session, inspection_id: int | None, standing: Iterable[Standing], calibration: Calibration
) -> dict[int, ProbabilityWrong]:
    """Return {item id: probability wrong} of those labels that stand as the pass saw them."""
    judged = {one.item_id: one.final for one in standing if one.final and not one.excluded}
    if inspection_id is None or not judged:
        return {}
    found = scores_of(session, inspection_id, list(judged))
    return {
        item: calibration.of(score.label_score)
        for item, score in found.items()
        if score.label_score is not None and score.label_code == judged[item]
    }
