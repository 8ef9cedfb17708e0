"""The examination's check of itself: labels changed on purpose, and how many of them it finds again.

What is planted are accidents, a random other class on a random item. Mistakes that people make with a reason are harder
to find, so this says how far the examination is to be believed at best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.quality import examine as examination
from labeler.quality.dataset import Dataset, Progress

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats
    from labeler.quality.examine import Contents

SHARE = 0.02
FEWEST, MOST = 10, 500
LEAST_LABELS = 200  # below which so many planted mistakes would change the set itself


@dataclass(frozen=True)
class Check:
    """planted: labels that were changed; found: of them flagged; restored: of them flagged with their old label.

    flagged: labels flagged in that run, planted or not.
    """

    planted: int
    found: int
    restored: int
    flagged: int


def check(dataset: Dataset, contents: Contents, scores: Floats, *, progress: Progress, seed: int) -> Check | None:
    """Plant mistakes among the labels that were judged and look for them; None where there are too few labels.

    contents: of the dataset; scores: N of the examination of the labels as they are, NaN where one cannot be judged.
    Folds are dealt once, which costs a small set a little of what it would find.
    """
    import numpy as np

    from labeler.quality.detectors.registry import WRONG_LABELS

    judged = np.flatnonzero(~np.isnan(scores))
    if len(judged) < LEAST_LABELS:
        return None
    rng = np.random.default_rng(seed)
    count = min(max(round(SHARE * len(judged)), FEWEST), MOST)
    chosen = rng.choice(judged, count, replace=False)
    labels, classes = dataset.labels.copy(), np.unique(dataset.labels[judged])
    places = np.searchsorted(classes, labels[chosen])
    labels[chosen] = classes[(places + rng.integers(1, len(classes), count)) % len(classes)]
    changed = replace(dataset, labels=labels, given=labels)
    found = examination.examine(changed, progress=progress, seed=seed, contents=contents, most_deals=1).findings
    flags = {one.item: one.suggested for one in found if one.kind == WRONG_LABELS.kind}
    return Check(
        planted=count,
        found=sum(int(item) in flags for item in chosen),
        restored=sum(flags.get(int(item)) == int(dataset.labels[item]) for item in chosen),
        flagged=len(flags),
    )
