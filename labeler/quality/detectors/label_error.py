"""Labels that are probably wrong.

A label is flagged when the posterior finds another class more probable. The posterior is cautious, so up to a tenth of
the labels, the worst first, are flagged too: as many of the highest scores as the scores expect wrong labels in all,
plus one standard deviation (so mistakes in rare classes are found, where no model dares to prefer the rare class), and
those that cleanlab's default decision calls an issue while the held-out model prefers another class. A queue longer
than that is better worked through in two passes. Classes the model
has hardly seen (`Evidence.judgeable`) are never flagged: there a low probability says something about the model.
Items with several votes are judged in `several_votes`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labeler.quality import pooling, reasons
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors import several_votes

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

KIND = "label_error"
MOST = 0.1
FEWEST = 10


def find(evidence: Evidence) -> list[Finding]:
    """Flag labels for which another class is more probable; suggests that class."""
    return _of_one_label(evidence) + several_votes.find(evidence, KIND)


def _of_one_label(evidence: Evidence) -> list[Finding]:
    if evidence.posterior is None or evidence.probabilities is None:
        return []
    suspects, suggested = _cut(evidence, evidence.probabilities, evidence.posterior)
    labels = evidence.dataset.labels
    mixed = Counter((int(labels[item]), int(suggested[item])) for item in suspects)
    return [
        Finding(
            item=int(item),
            kind=KIND,
            score=float(evidence.scores[item]),
            suggested=int(suggested[item]),
            confidence=float(evidence.posterior[item, suggested[item]]),
            reasons=reasons.for_label(evidence, int(item), int(suggested[item]), mixed),
        )
        for item in suspects
    ]


def _cut(evidence: Evidence, probabilities: Floats, posterior: Floats) -> tuple[Integers, Integers]:
    """Return the positions of the flagged items and, for all N, the best class other than the label."""
    import numpy as np

    labels = evidence.dataset.labels
    labeled = (labels >= 0) & ~evidence.by_votes.several
    everyone = np.arange(len(labels))
    others = posterior.copy()
    others[everyone[labeled], labels[labeled]] = -1.0
    others[:, ~evidence.judgeable] = -1.0
    suggested = others.argmax(axis=1)
    known = labeled & evidence.judgeable[labels]
    own = posterior[everyone, labels]
    by_posterior = others[everyone, suggested] > own
    by_cleanlab = evidence.cleanlab_issues & (probabilities.argmax(axis=1) != labels)
    scores = np.where(known, np.nan_to_num(evidence.scores), 0.0)
    many = float(scores.sum()) + float(scores.sum()) ** 0.5
    expected = np.argsort(-scores, kind="stable")[: round(many)]
    by_score = np.isin(everyone, expected) & pooling.is_useful(probabilities, labels)
    sure = np.flatnonzero(known & by_posterior)
    likely = np.flatnonzero(known & (by_score | by_cleanlab) & ~by_posterior)
    room = max(0, max(FEWEST, int(MOST * labeled.sum())) - len(sure))
    worst = likely[np.argsort(-scores[likely], kind="stable")][:room]
    return np.union1d(sure, worst), suggested
