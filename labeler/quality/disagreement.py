"""Which annotators others clearly disagree with when they choose a class: all that an examination says about people.

Note: two numbers are needed and they are not the same. Whether anything is said is decided by
the posterior of all votes and the model, which knows that some voters are careless; what is said is counted, the share
of the others' votes on the same items that are for another class, because only that is true as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.measures.persons import LOW, others_clearly_differ
from labeler.quality.dataset import Differs

if TYPE_CHECKING:
    from labeler.quality.dataset import Crowd, WeighedVotes


def disagreement(crowd: Crowd, weighed: WeighedVotes) -> dict[tuple[int, int], Differs]:
    """Return, by annotator and class chosen, where others clearly chose otherwise; most have no entry."""
    import numpy as np

    item = np.repeat(np.arange(len(crowd.counts)), np.diff(crowd.starts))
    compared = weighed.several[item]
    item, who, chose = item[compared], crowd.annotators[compared], crowd.classes[compared]
    cell = who * crowd.counts.shape[1] + chose
    likely = np.bincount(cell, weighed.posterior[item, chose]).astype(np.float64)
    chosen = np.bincount(cell).astype(np.float64)
    others = np.bincount(cell, crowd.counts[item].sum(axis=1) - 1)
    same = np.bincount(cell, crowd.counts[item, chose] - 1)
    share = 1 - same / np.maximum(others, 1)
    said = others_clearly_differ(likely, chosen) & (share > 1 - LOW)
    classes = crowd.counts.shape[1]
    return {
        (int(one // classes), int(one % classes)): Differs(float(share[one]), int(chosen[one]))
        for one in np.flatnonzero(said)
    }
