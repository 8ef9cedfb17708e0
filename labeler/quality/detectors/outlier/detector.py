"""Items unlike all others, and items with nothing to see at all.

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
    """Flag blank items and items far from all others; never suggests a class."""
    import numpy as np

    blank = evidence.features.blank
    findings = [
        Finding(int(item), KIND, 1.0, None, 0.0, [{"kind": "distance", "blank": True}])
        for item in np.flatnonzero(blank)
    ]
    known = evidence.neighbours >= 0
    seen = np.flatnonzero(~blank & known.any(axis=1))
    if len(seen) < FEWEST:
        return findings
    near = np.where(known, evidence.similarities, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    distance = 1.0 - near[seen]
    typical = float(np.median(distance))
    spread = 1.4826 * float(np.median(np.abs(distance - typical)))
    far = np.argsort(-distance, kind="stable")[: max(1, int(SHARE * len(seen)))]
    return findings + [
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


def notes(evidence: Evidence) -> list[str]:
    """Say how many items could not be read."""
    count = int(evidence.features.blank.sum())
    if count == 1:
        return [Message("{count} item is empty or cannot be read; see the outliers.", count=count)]
    return [Message("{count} items are empty or cannot be read; see the outliers.", count=count)] if count else []


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Outlier"),
    waiting=Message("Items unlike all others"),
    explanation=Message("It is unlike all other items, or there is nothing in it to see or to read."),
    was_right=item_should_go,
    notes=notes,
)
