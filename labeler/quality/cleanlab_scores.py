"""cleanlab's own standard scores on the same held-out probabilities, always reported beside ours.

Two traps. cleanlab wants columns in the lexicographic order of the class names, and labels 0..m-1 with none missing:
both are arranged here and turned back. And its quality scores run the other way (1 = good).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Truths

CRITERION = "prune_by_noise_rate"
SCORE = "self_confidence"


@dataclass(frozen=True)
class CleanlabScores:
    """N cleanlab scores turned round (1 = surely wrong, NaN without a label) and which labels it calls issues."""

    scores: Floats
    issues: Truths


def lexicographic(classes: tuple[str, ...], present: Integers) -> Integers:
    """Return the present class positions in the lexicographic order of their names, as cleanlab wants its columns."""
    import numpy as np

    return np.array(sorted((int(place) for place in present), key=lambda place: classes[place]), dtype=np.int64)


def score_labels(probabilities: Floats, labels: Integers, classes: tuple[str, ...]) -> CleanlabScores:
    """Run cleanlab's default finder and its label quality score over the labeled items; at least two classes."""
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    labeled = np.flatnonzero(labels >= 0)
    order = lexicographic(classes, np.unique(labels[labeled]))
    chance = columns(probabilities[labeled], order)
    given = numbers(labels[labeled], order)
    scores, issues = np.full(len(labels), np.nan), np.zeros(len(labels), dtype=bool)
    scores[labeled] = 1 - get_label_quality_scores(given, chance, method=SCORE)
    with warnings.catch_warnings():
        # On tiny classes cleanlab may say that it would remove a whole class; it then keeps it, which is what we want.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"cleanlab\..*")
        issues[labeled] = find_label_issues(given, chance, filter_by=CRITERION, n_jobs=1)
    return CleanlabScores(scores, issues)


def columns(probabilities: Floats, order: Integers) -> Floats:
    """Return the probabilities of the classes in `order`, in that order, summing to 1."""
    chance = probabilities[:, order]
    unit: Floats = chance / chance.sum(axis=1, keepdims=True)
    return unit


def numbers(labels: Integers, order: Integers) -> Integers:
    """Return each label's place in `order`."""
    import numpy as np

    place = np.full(int(order.max()) + 1, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    found: Integers = place[labels]
    return found
