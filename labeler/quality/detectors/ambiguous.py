"""Items that even careful people, or the model, could put in either of two classes.

With two or more votes the votes must differ and the best two classes be close after adding what the model says; with
fewer, the model alone must hesitate between two classes that both have a fair share.
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


def find(evidence: Evidence) -> list[Finding]:
    """Flag items whose two best classes are close; never suggests one."""
    import numpy as np

    dataset = evidence.dataset
    if len(dataset.classes) < 2:  # noqa: PLR2004 - nothing to be torn between
        return []
    votes = count_votes(evidence)
    total = votes.sum(axis=1)
    several = total > 1
    belief = votes / np.maximum(total, 1)[:, None]
    if evidence.probabilities is not None:
        belief = np.where(several[:, None], (belief + evidence.probabilities) / 2, evidence.probabilities)
    best = -np.sort(-belief, axis=1)[:, :2]
    margin = best[:, 0] - best[:, 1]
    torn = np.where(several, votes.max(axis=1) < total, best[:, 1] >= SHARE)
    found = np.flatnonzero(torn & (margin < CLOSE) & (several | (evidence.probabilities is not None)))
    return [_finding(evidence, int(item), float(margin[item]), belief) for item in found]


def count_votes(evidence: Evidence) -> Floats:
    """Return N x K numbers of votes."""
    import numpy as np

    votes = np.zeros((len(evidence.dataset), len(evidence.dataset.classes)))
    np.add.at(votes, (evidence.dataset.vote_items, evidence.dataset.vote_classes), 1.0)
    return votes


def _finding(evidence: Evidence, item: int, margin: float, belief: Floats) -> Finding:
    first, second = (int(place) for place in (-belief[item]).argsort(kind="stable")[:2])
    why = [reasons.votes(evidence, item, first), reasons.model(evidence, item, first, second)]
    return Finding(item, KIND, 1.0 - margin, None, 0.0, [reason for reason in why if reason])
