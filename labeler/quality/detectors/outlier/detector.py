"""Items unlike all others; those with nothing to see or to read have a problem of their own kind.

The measure is the mean distance (1 - cosine) to the eight most similar items (Kuan and Mueller 2022); an item is
flagged when it lies far outside the other distances, and at most one item in fifty is.
"""

from __future__ import annotations

from labeler.messages import Message
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.base import Detector, item_should_go

KIND = "outlier"
SPREADS = 4.0  # robust standard deviations above the median
FEWEST = 20  # items below which nothing is usual enough for an outlier
SHARE = 0.02


def find(evidence: Evidence) -> list[Finding]:
    """Flag items far from all others; never suggests a class."""
    import numpy as np

    known = evidence.neighbours >= 0
    seen = np.flatnonzero(~evidence.features.blank & known.any(axis=1))
    if len(seen) < FEWEST:
        return []
    near = np.where(known, evidence.similarities, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    distance = 1.0 - near[seen]
    typical = float(np.median(distance))
    spread = 1.4826 * float(np.median(np.abs(distance - typical)))
    far = np.argsort(-distance, kind="stable")[: max(1, int(SHARE * len(seen)))]
    return [
        Finding(
            int(seen[place]),
            KIND,
            float(1.0 - typical / distance[place]),
            None,
            0.0,
            [{"kind": "distance", "distance": round(float(distance[place]), 4), "typical": round(typical, 4)}],
        )
        for place in far
        if spread > 0 and distance[place] > typical + SPREADS * spread
    ]


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Outlier"),
    waiting=Message("Items unlike all others"),
    explanation=Message("It is unlike all other items."),
    about="item",
    was_right=item_should_go,
)
