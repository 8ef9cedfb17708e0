"""Which labels of items with several votes are probably wrong: a part of the kind `label_error`, not one of its own.

A label is flagged when votes and model together find another class more probable. That class is suggested when it is
clearly more probable than the label: to overrule what several people said, a slight preference is too little, and with
many votes the posterior is surer than it should be. A tie is never a wrong label: it is undecided, and a person's to
decide.
"""

from __future__ import annotations

from collections import Counter

from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.label_error import reasons

ODDS = 1.5  # of the suggested class against the label
MANY = 10  # votes on an item from which on the odds must be
ODDS_AGAINST_MANY = 2.0


def find(evidence: Evidence, kind: str) -> list[Finding]:
    """Flag labels that are less probable than another class; suggests it where the odds are clear."""
    import numpy as np

    labels, weighed = evidence.dataset.labels, evidence.by_votes
    items = np.flatnonzero(weighed.several & ~weighed.tied & (labels >= 0))
    best, given = weighed.posterior[items].argmax(axis=1), labels[items]
    likely, own = weighed.posterior[items, best], weighed.posterior[items, given]
    odds = np.where(evidence.crowd.counts[items].sum(axis=1) >= MANY, ODDS_AGAINST_MANY, ODDS)
    flagged = np.flatnonzero((best != given) & (likely > own))
    mixed = Counter((int(given[place]), int(best[place])) for place in flagged)
    found = []
    for place in flagged:
        item, other = int(items[place]), int(best[place])
        clear = bool(likely[place] >= odds[place] * own[place])
        found.append(
            Finding(
                item=item,
                kind=kind,
                score=float(evidence.scores[item]),
                suggested=other if clear else None,
                confidence=float(likely[place]) if clear else 0.0,
                reasons=reasons.for_label(evidence, item, other, mixed),
            )
        )
    return found
