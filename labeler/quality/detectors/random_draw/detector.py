"""Labels drawn at random among the tenth with the highest scores, to learn how far scores can be believed.

What is only looked at from the top says little of all that comes below, and flags alone would say nothing of the rest.
So every second one of the first `TAUGHT` decisions is about one of these (`review/offer.py`). It says nothing against
its label, and suggests nothing. Small sets are looked at from the top to the end anyway.
"""

from __future__ import annotations

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.base import Detector

KIND = "random_draw"
TAUGHT = 40  # decisions after which scores are known well enough
SHARE = 10  # one label in so many stands in the part that is drawn from
DRAWN = TAUGHT // 2


def find(evidence: Evidence) -> list[Finding]:
    """Draw labels from the tenth with the highest scores; none once enough was decided, and none of a small set."""
    import numpy as np

    learnt, scores = evidence.dataset.learnt, evidence.scores
    judged = np.flatnonzero(~np.isnan(scores))
    top = judged[np.argsort(-scores[judged], kind="stable")][: len(judged) // SHARE]
    if len(top) < DRAWN or (learnt is not None and learnt.reviews >= TAUGHT):
        return []
    seed = [len(scores), len(judged)]  # the same set gives the same draw
    drawn = np.random.default_rng(seed).choice(top, DRAWN, replace=False)
    why = {"kind": "drawn", "of": len(top)}
    return [Finding(int(item), KIND, float(scores[item]), None, 0.0, [why]) for item in np.sort(drawn)]


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Drawn at random"),
    waiting=Message("Labels drawn at random"),
    explanation=Message("It was drawn at random, to learn how far the numbers can be trusted."),
    judges=True,
)
