"""Items that even careful people, or the model, could put in either of two classes.

With two or more votes the votes must differ and the best two classes be close by votes and model together; with
fewer, the model alone must be all but unable to choose between two classes that share nearly everything between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors import reasons
from labeler.quality.detectors.base import Detector, item_is_ambiguous

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats

KIND = "ambiguous"
CLOSE = 0.2  # largest difference between the two best classes, where people differ
MODEL_CLOSE = 0.05  # the same where only the model speaks: a weak one often hesitates
SHARE = 0.45  # least share of the second best when only the model speaks


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
    by_people = several & (votes.max(axis=1) < total) & (margin < CLOSE)
    by_model = ~several & (best[:, 1] >= SHARE) & (margin <= MODEL_CLOSE)
    if evidence.probabilities is None:
        by_model[:] = False
    return [_finding(evidence, int(item), float(margin[item]), belief) for item in np.flatnonzero(by_people | by_model)]


def _finding(evidence: Evidence, item: int, margin: float, belief: Floats) -> Finding:
    first, second = (int(place) for place in (-belief[item]).argsort(kind="stable")[:2])
    why = [reasons.votes(evidence, item, first), reasons.model(evidence, item, first, second)]
    return Finding(item, KIND, 1.0 - margin, None, 0.0, [reason for reason in why if reason])


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Ambiguous"),
    waiting=Message("Ambiguous items"),
    explanation=Message("Two classes fit it about equally well, by its votes or by the model."),
    was_right=item_is_ambiguous,
)
