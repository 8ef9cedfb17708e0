"""Items that even careful people, or the model, could put in either of two classes.

With two or more votes the votes must differ and the best two classes be close by votes and model together; with fewer,
the model alone must hesitate between two classes that both have a fair share, and only the closest are flagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality import reasons
from labeler.quality.dataset import Evidence, Finding

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats

KIND = "ambiguous"
CLOSE = 0.2  # largest difference between the two best classes
SHARE = 0.35  # least share of the second best when only the model speaks
MOST = 0.05  # share of the items flagged at most on the model's word alone: a weak model always hesitates


def find(evidence: Evidence) -> list[Finding]:
    """Flag items whose two best classes are close; never suggests one."""
    import numpy as np

    dataset = evidence.dataset
    if len(dataset.classes) < 2:  # noqa: PLR2004 - nothing to be torn between
        return []
    votes = evidence.crowd.counts
    total = votes.sum(axis=1)
    several = total > 1
    belief = evidence.by_votes.posterior
    if evidence.probabilities is not None:
        belief = np.where(several[:, None], belief, evidence.probabilities)
    best = -np.sort(-belief, axis=1)[:, :2]
    margin = best[:, 0] - best[:, 1]
    torn = np.where(several, votes.max(axis=1) < total, best[:, 1] >= SHARE)
    torn &= margin < CLOSE
    by_people, by_model = np.flatnonzero(torn & several), np.flatnonzero(torn & ~several)
    if evidence.probabilities is None:
        by_model = by_model[:0]
    closest = by_model[np.argsort(margin[by_model], kind="stable")][: max(10, int(MOST * len(dataset)))]
    found = np.concatenate([by_people, closest])
    return [_finding(evidence, int(item), float(margin[item]), belief) for item in found]


def _finding(evidence: Evidence, item: int, margin: float, belief: Floats) -> Finding:
    first, second = (int(place) for place in (-belief[item]).argsort(kind="stable")[:2])
    why = [reasons.votes(evidence, item, first), reasons.model(evidence, item, first, second)]
    return Finding(item, KIND, 1.0 - margin, None, 0.0, [reason for reason in why if reason])
