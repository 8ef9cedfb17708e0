"""Labels that are probably wrong.

A label is flagged when another class is more probable, by the posterior of the noise model or by cleanlab's own
default decision together with a held-out model that prefers another class. Classes the model has hardly seen (see
`Evidence.judgeable`) are never flagged: there a low probability says something about the model, not about the label.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labeler.quality import reasons
from labeler.quality.dataset import Evidence, Finding

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

KIND = "label_error"


def find(evidence: Evidence) -> list[Finding]:
    """Flag labels for which another class is more probable; suggests that class."""
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
    labeled = labels >= 0
    everyone = np.arange(len(labels))
    others = posterior.copy()
    others[everyone[labeled], labels[labeled]] = -1.0
    others[:, ~evidence.judgeable] = -1.0
    suggested = others.argmax(axis=1)
    known = labeled & evidence.judgeable[labels]
    own = posterior[everyone, labels]
    by_posterior = others[everyone, suggested] > own
    by_cleanlab = evidence.cleanlab_issues & (probabilities.argmax(axis=1) != labels)
    return np.flatnonzero(known & (by_posterior | by_cleanlab)), suggested
