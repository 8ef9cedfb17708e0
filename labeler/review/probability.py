"""Probability wrong: the one number said of a label, and the only one that says how likely it is wrong.

It is 1 - p(label) of the newest finished pass, 0 to 1, one stored value an item (`ItemScore.label_score`; the score of
a flag of the kind `WRONG_LABELS` is the same value). Queue, card, item page, the bar for accepting many, API, command
line and exports read it; the score of any other kind of flag only orders its list and is shown to nobody as a
percentage.
Note: it speaks of the label that the pass saw. Where another label stands by now, nothing is
said.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from labeler.decisions.final import Standing
from labeler.quality.queries import scores_of


def probabilities_wrong(session: Session, inspection_id: int | None, standing: Iterable[Standing]) -> dict[int, float]:
    """Return {item id: probability wrong} of those labels that stand as the pass saw them."""
    judged = {one.item_id: one.final for one in standing if one.final and not one.excluded}
    if inspection_id is None or not judged:
        return {}
    found = scores_of(session, inspection_id, list(judged))
    return {
        item: score.label_score
        for item, score in found.items()
        if score.label_score is not None and score.label_code == judged[item]
    }
