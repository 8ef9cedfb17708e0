"""cleanlab's own standard scores on the same held-out probabilities, always reported beside ours.

Two traps. cleanlab wants columns in the lexicographic order of the class names, and labels 0..m-1 with none missing:
both are arranged here and turned back. And its quality scores run the other way (1 = good).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality.dataset import Dataset

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Truths

CRITERION = "prune_by_noise_rate"
SCORE = "self_confidence"
LARGEST_VOTE_TABLE = 20_000_000


@dataclass(frozen=True)
class Standard:
    """N cleanlab scores turned round (1 = surely wrong, NaN without a label) and which labels it calls issues."""

    scores: Floats
    issues: Truths


def lexicographic(classes: tuple[str, ...], present: Integers) -> Integers:
    """Return the present class positions in the lexicographic order of their names, as cleanlab wants its columns."""
    import numpy as np

    return np.array(sorted((int(place) for place in present), key=lambda place: classes[place]), dtype=np.int64)


def score_labels(probabilities: Floats, labels: Integers, classes: tuple[str, ...]) -> Standard:
    """Run cleanlab's default finder and its label quality score over the labeled items; at least two classes."""
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    labeled = np.flatnonzero(labels >= 0)
    order = lexicographic(classes, np.unique(labels[labeled]))
    chance = _columns(probabilities[labeled], order)
    numbers = _numbers(labels[labeled], order)
    scores, issues = np.full(len(labels), np.nan), np.zeros(len(labels), dtype=bool)
    scores[labeled] = 1 - get_label_quality_scores(numbers, chance, method=SCORE)
    with warnings.catch_warnings():
        # On tiny classes cleanlab may say that it would remove a whole class; it then keeps it, which is what we want.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"cleanlab\..*")
        issues[labeled] = find_label_issues(numbers, chance, filter_by=CRITERION, n_jobs=1)
    return Standard(scores, issues)


def consensus_quality(dataset: Dataset, probabilities: Floats) -> Floats:
    """CROWDLAB's quality of the label under inspection (Goh, Tkachenko, Mueller 2022); NaN without several votes.

    It rates its own consensus; where ours differs, ours gets at most the rest. Rank with it, it is no probability.
    """
    import numpy as np

    quality = np.full(len(dataset), np.nan)
    items = np.unique(dataset.vote_items)
    people, person = np.unique(dataset.vote_annotators, return_inverse=True)
    several = len(dataset.vote_items) > len(items)
    if len(people) < 2 or not several or len(items) * len(people) > LARGEST_VOTE_TABLE:  # noqa: PLR2004
        return quality
    order = lexicographic(dataset.classes, np.unique(dataset.vote_classes))
    if len(order) < 2:  # noqa: PLR2004 - everyone says the same class: nothing to rate
        return quality
    table = np.full((len(items), len(people)), np.nan)
    table[np.searchsorted(items, dataset.vote_items), person] = _numbers(dataset.vote_classes, order)
    label, rated = _crowdlab(table, _columns(probabilities[items], order))
    same = order[label] == dataset.labels[items]
    quality[items] = np.where(same, rated, np.minimum(1 - rated, rated))
    quality[dataset.labels < 0] = np.nan
    return quality


def _crowdlab(table: Floats, chance: Floats) -> tuple[Integers, Floats]:
    from cleanlab.multiannotator import get_label_quality_multiannotator

    with warnings.catch_warnings():
        # It warns about annotators without overlap and about classes missing from its consensus; both are usual early.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"cleanlab\..*")
        found = get_label_quality_multiannotator(
            table, chance, return_detailed_quality=False, return_annotator_stats=False, verbose=False
        )["label_quality"]
    label: Integers = found["consensus_label"].to_numpy().astype(int)
    return label, found["consensus_quality_score"].to_numpy().astype(float)


def _columns(probabilities: Floats, order: Integers) -> Floats:
    chance = probabilities[:, order]
    unit: Floats = chance / chance.sum(axis=1, keepdims=True)
    return unit


def _numbers(labels: Integers, order: Integers) -> Integers:
    import numpy as np

    place = np.full(int(order.max()) + 1, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    numbers: Integers = place[labels]
    return numbers
